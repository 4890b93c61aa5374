// `npm run check`: types, lint, format, dead code and folder boundaries, side by side.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { programArguments } from "../support/program-arguments.ts";
import { checkBoundaries } from "./boundaries.ts";

const root = join(import.meta.dirname, "..", "..");
const bin = (name: string) => join(root, "node_modules", ".bin", name);

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

const tools: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["types", "tsc", "-p", "."],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["format", "biome", "format", "."],
  ["dead code", "knip", "--no-progress"],
];

function runTool([name, command, ...args]: (typeof tools)[number]): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const environment = {
      ...process.env,
      PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`,
    };
    const child = spawn(bin(command), args, { cwd: root, env: environment });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", (error) => (output += error.message));
    child.on("close", (code) => {
      resolve({ name, ok: code === 0, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

function runBoundaries(): Outcome {
  const started = performance.now();
  const { modules, problems } = checkBoundaries(root);
  return {
    name: `boundaries (${modules} modules)`,
    ok: problems.length === 0,
    output: problems.join("\n"),
    seconds: (performance.now() - started) / 1000,
  };
}

const usage = `Usage: npm run check

Types, lint, format, dead code and folder boundaries, side by side; exit code 1 if anything is wrong.`;
programArguments(usage, { options: {} });

const outcomes = [runBoundaries(), ...(await Promise.all(tools.map(runTool)))];
for (const { name, ok, output, seconds } of outcomes) {
  console.log(`${ok ? "ok  " : "FAIL"} ${name} (${seconds.toFixed(1)} s)`);
  if (!ok) console.log(output.trimEnd().replace(/^/gm, "     "));
}
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
