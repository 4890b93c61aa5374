// Runs one of the project's TypeScript programs from a bare clone: installs the dependencies if they are
// missing or changed, then hands over to the project's own Node. Must work on Node 20 without any dependency.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const stampFile = join(root, "node_modules", ".berth-installed");
const neededNodeMajor = 24;

/** Path of a Node that runs TypeScript as it is: the project's own, or the present one if it is new enough. */
export function projectNode() {
  const own = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split(".")[0]) >= neededNodeMajor) return process.execPath;
  throw new Error(
    `Node ${neededNodeMajor} or newer is needed, this is ${process.version}, and the package "node" brought none.\n` +
      `Install Node ${neededNodeMajor} (https://nodejs.org), or run: npm install --no-save --foreground-scripts`,
  );
}

/** Installs what package-lock.json names, once per lock file. */
export function ensureDependencies() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === lock) return;
  process.stderr.write("Installing dependencies (npm install, once) …\n");
  const args = ["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"];
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (result.status !== 0) {
    throw new Error(`npm install failed; run it by hand to see why: cd ${root} && npm install`);
  }
  writeFileSync(stampFile, lock);
}

/** Runs a program of the clone and ends with its exit code. Terminal signals reach it by the process group. */
export function run(program, args) {
  const child = spawn(
    projectNode(),
    ["--disable-warning=ExperimentalWarning", join(root, program), ...args],
    {
      stdio: "inherit",
    },
  );
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 128 + 15 : (code ?? 1);
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [program, ...args] = process.argv.slice(2);
  if (program === undefined || program.startsWith("-")) {
    const isHelp = program === "--help" || program === "-h";
    const usage =
      "Usage: node deploy/setup/run.js PROGRAM [ARGUMENT ...], a program of this project such as cli/main.ts\n";
    process[isHelp ? "stdout" : "stderr"].write(usage);
    process.exit(isHelp ? 0 : 2);
  }
  try {
    ensureDependencies();
    run(program, args);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
