// Runs the suite of defects, one on each core: each must be found within so many seeds. Prints the table that
// docs/simulation.md shows.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { programArguments, refuse } from "../../support/program-arguments.ts";
import { defects } from "./all.ts";
import type { Defect } from "./defect.ts";

const mostSeeds = 200;
const root = join(import.meta.dirname, "..", "..", "..");
const kept = join(import.meta.dirname, "..", "seeds");

const usage = `Usage: node test/simulation/defects/main.ts [DEFECT ...]

Looks for every defect of the suite, or for the named ones, in at most ${mostSeeds} seeds each, and prints a table of
where they were found; exit code 1 if one was not. They are:
${defects.map(({ name, about }) => `  ${name}: ${about}`).join("\n")}`;

const { positionals: wanted } = programArguments(usage, { options: {}, words: true });
const unknown = wanted.filter((name) => !defects.some((defect) => defect.name === name));
if (unknown.length > 0) refuse(usage, `there is no defect ${unknown.join(", ")}`);

interface Found {
  /** The first that shows it, or `kept`. */
  readonly seed: string;
  readonly by: string;
}

/** A former mistake is looked for in the run that once showed it, and in fresh ones only if that does not any more. */
async function hunt({ name }: Defect): Promise<Found | string> {
  const plan = join(kept, `${name}.json`);
  if (existsSync(plan)) {
    const found = await runs(name, ["--plan", plan]);
    if (typeof found !== "string") return { ...found, seed: "kept" };
  }
  return runs(name, ["--from", "1", "--count", String(mostSeeds), "--jobs", "1", "--stop-at-failure"]);
}

function runs(defect: string, args: readonly string[]): Promise<Found | string> {
  const install = join(import.meta.dirname, "install.ts");
  const main = join(import.meta.dirname, "..", "main.ts");
  const child = spawn(process.execPath, ["--import", install, main, ...args], {
    cwd: root,
    env: { ...process.env, BERTH_DEFECT: defect, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  return new Promise((resolve) => {
    child.stdout.on("data", (data) => {
      output += data;
      const [, seed, by] = /seed (\d+) FAILS at [\d.]+ s: ([^:\n]*).*\n/.exec(output) ?? [];
      if (seed === undefined || by === undefined) return;
      resolve({ seed, by });
      // It would go on and look for a smaller plan.
      child.kill("SIGKILL");
    });
    child.stderr.on("data", (data) => (output += data));
    child.on("close", () =>
      resolve(/(\d+ seeds in|seed \d+ holds)/.test(output) ? "not found" : output.slice(-600)),
    );
  });
}

const chosen = defects.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const hunts = chosen.map((defect) => ({ defect, ...Promise.withResolvers<Found | string>() }));
const waiting = [...hunts];
async function lane(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) next.resolve(await hunt(next.defect));
}
for (let lanes = availableParallelism(); lanes > 0; lanes--) void lane();
console.log("| defect | what goes wrong | found at seed | by |\n|---|---|---|---|");
for (const { defect, promise } of hunts) {
  const found = await promise;
  if (typeof found === "string") process.exitCode = 1;
  const { seed, by } = typeof found === "string" ? { seed: "none", by: found } : found;
  console.log(`| ${defect.name} | ${defect.about} | ${seed} | ${by} |`);
}
