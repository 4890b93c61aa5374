// `npm run bench`: runs all figures or the named ones, prints each beside its reference, and says which bounds are
// kept. Progress goes to stderr.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureNatsServer } from "../../deploy/mod.ts";
import { whyNoEngine } from "../support/docker-engine.ts";
import { programArguments, refuse } from "../support/program-arguments.ts";
import { benchCommands } from "./commands.ts";
import { benchDockerRollout } from "./docker-rollout.ts";
import { benchDockerStart } from "./docker-start.ts";
import { benchMemory } from "./memory.ts";
import { benchReplay } from "./replay.ts";
import { benchAtRest } from "./at-rest.ts";
import type { Report } from "./progress.ts";
import { formatFigure, type Outcome } from "./report.ts";
import { benchScheduler } from "./scheduler.ts";

type Bench = (report: Report) => Outcome | Promise<Outcome>;

const benches: Readonly<Record<string, Bench>> = {
  scheduler: benchScheduler,
  replay: benchReplay,
  commands: benchCommands,
  memory: benchMemory,
  rest: benchAtRest,
  docker: benchDockerStart,
  rollout: benchDockerRollout,
};

const root = join(import.meta.dirname, "..", "..");
const report: Report = (line) => console.error(line);

/** True when every bound was kept. */
async function run(name: string, bench: Bench): Promise<boolean> {
  report(`--- ${name}`);
  const outcome = await bench(report);
  if ("skipped" in outcome) {
    console.log(`${name}: SKIPPED: ${outcome.skipped}`);
    return true;
  }
  let kept = true;
  for (const figure of outcome) {
    const line = formatFigure(figure);
    kept &&= line.kept;
    console.log(`${name}: ${line.text}`);
  }
  return kept;
}

const needDocker: ReadonlySet<string> = new Set(["docker", "rollout"]);

/** Without an engine at hand, but as root: the same on a host of its own, a network namespace with an engine. */
async function dockerElsewhere(name: string): Promise<boolean | undefined> {
  if (process.env["BERTH_OWN_HOST"] || process.getuid?.() !== 0) return undefined;
  if ((await whyNoEngine().catch(String)) === undefined) return undefined;
  const here = [process.execPath, join(root, "test", "support", "own-host.ts")];
  const inside = [process.execPath, import.meta.filename, name];
  const { status, error } = spawnSync("unshare", ["--net", "--", ...here, ...inside], { stdio: "inherit" });
  return error ? undefined : status === 0;
}

const usage = `Usage: npm run bench [-- NAME ...]

Runs all benches, or the named ones, and prints each figure beside its reference; exit code 1 if a bound is missed.
They are: ${Object.keys(benches).join(", ")}`;

const { positionals: asked } = programArguments(usage, { options: {}, words: true });
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) refuse(usage, `there is no bench ${unknown.join(", ")}`);
await ensureNatsServer({ directory: join(root, ".berth", "bin"), env: process.env, report });
let kept = true;
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const elsewhere = needDocker.has(name) ? await dockerElsewhere(name) : undefined;
  const good = elsewhere ?? (await run(name, bench));
  kept &&= good;
}
process.exit(kept ? 0 : 1);
