// Runs the suite of defects: each must be found within so many seeds. Prints the table that docs/simulation.md shows.
// `node test/simulation/defects/main.ts [NAME ...]`

import { spawn } from "node:child_process";
import { join } from "node:path";
import { defects } from "./all.ts";
import type { Defect } from "./defect.ts";

const mostSeeds = 200;
const root = join(import.meta.dirname, "..", "..", "..");
const wanted = process.argv.slice(2);

interface Found {
  readonly seeds: number;
  readonly by: string;
}

function hunt({ name }: Defect): Promise<Found | string> {
  const install = join(import.meta.dirname, "install.ts");
  const main = join(import.meta.dirname, "..", "main.ts");
  const args = ["--from", "1", "--count", String(mostSeeds), "--jobs", "1", "--stop-at-failure"];
  const child = spawn(process.execPath, ["--import", install, main, ...args], {
    cwd: root,
    env: { ...process.env, BERTH_DEFECT: name, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  return new Promise((resolve) => {
    child.on("exit", () => {
      const failure = /seed (\d+) FAILS at [\d.]+ s: ([^\n]*)/.exec(output);
      if (failure) resolve({ seeds: Number(failure[1]), by: (failure[2] ?? "").split(":")[0] ?? "" });
      else resolve(/(\d+) seeds in/.test(output) ? "not found" : output.slice(-600));
    });
  });
}

const chosen = defects.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
console.log("| defect | what goes wrong | found at seed | by |\n|---|---|---|---|");
for (const defect of chosen) {
  const found = await hunt(defect);
  if (typeof found === "string") process.exitCode = 1;
  const [seeds, by] = typeof found === "string" ? ["none", found] : [String(found.seeds), found.by];
  console.log(`| ${defect.name} | ${defect.about} | ${seeds} | ${by} |`);
}
