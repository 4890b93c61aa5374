// `npm test`: every suite in order. What needs Docker, root or namespaces runs in a network namespace of its own
// with its own engine; where that cannot be had it is skipped and said so, but fails in CI.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureNatsServer } from "../deploy/mod.ts";
import { fetchApplications } from "./manifests/fetch.ts";
import { programArguments } from "./support/program-arguments.ts";

const root = join(import.meta.dirname, "..");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const path = `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`;
const environment = { ...process.env, PATH: path };

const usage = `Usage: npm test [-- PATH ...]

Runs every suite, or the test files whose path holds one of these, after the checks; exit code 1 if anything fails.
One test by its name: npx vitest run --project unit PATH -t NAME`;

const { positionals: filters } = programArguments(usage, { options: {}, words: true });

function run(title: string, command: string, args: readonly string[]): boolean {
  console.log(`\n=== ${title}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: environment });
  return status === 0;
}

/** Why the host suites cannot run here; undefined if they can. */
function missingForHosts(): string | undefined {
  if (process.platform !== "linux") return "they need Linux";
  if (process.getuid?.() !== 0) return "they need root (try: sudo npm test)";
  for (const [program, debian] of [
    ["dockerd", "docker.io"],
    ["nft", "nftables"],
    ["ip", "iproute2"],
    ["unshare", "util-linux"],
    ["busybox", "busybox-static"],
  ]) {
    const found = path.split(":").some((folder) => existsSync(join(folder, program ?? "")));
    if (!found) return `${program} is missing (Debian: apt-get install ${debian})`;
  }
  const namespace = spawnSync("unshare", ["--net", "true"]);
  return namespace.status === 0 ? undefined : "network namespaces are not permitted here";
}

const binary = await ensureNatsServer({
  directory: join(root, ".berth", "bin"),
  env: environment,
  report: (line) => console.log(line),
});
console.log(`nats-server ${binary.version} (${binary.from})`);
const noManifests = await fetchApplications({
  directory: join(root, ".berth", "manifests"),
  report: (line) => console.log(line),
});
const suites = ["unit", "integration", "end-to-end"].flatMap((project) => ["--project", project]);
const outcomes = [
  run("types, lint, format, dead code, boundaries", process.execPath, [
    join(root, "test", "check", "main.ts"),
  ]),
  run("unit, integration and end-to-end on processes", process.execPath, [
    vitest,
    "run",
    ...suites,
    ...filters,
  ]),
];
const missing = missingForHosts();
if (missing === undefined) {
  const inside = [process.execPath, join(root, "test", "support", "own-host.ts"), process.execPath, vitest];
  outcomes.push(
    run("Docker, nftables and end-to-end on Docker, in a network namespace of their own", "unshare", [
      ...["--net", "--", ...inside, "run", "--project", "host", "--passWithNoTests", ...filters],
    ]),
  );
} else if (process.env["CI"]) {
  console.error(`FAILED: the Docker and network suites cannot run in CI: ${missing}`);
  outcomes.push(false);
} else {
  console.log(`\nSKIPPED: the Docker and network suites: ${missing}`);
}
if (noManifests !== undefined) {
  const what = "the manifests of well-known applications";
  if (process.env["CI"]) {
    console.error(`FAILED: ${what} cannot be had in CI: ${noManifests}`);
    outcomes.push(false);
  } else {
    console.log(`\nSKIPPED: ${what}: ${noManifests}`);
  }
}
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
