#!/usr/bin/env node
// The `berth` command: in a clone it runs the TypeScript sources, in an installed package the built files.
// Runs on any Node from 20 on and hands over to the Node that the package brought.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { spawn } from "node:child_process";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

async function main() {
  if (existsSync(join(root, "cli", "main.ts"))) {
    const { ensureDependencies, run } = await import(
      pathToFileURL(join(root, "deploy", "setup", "run.js")).href
    );
    ensureDependencies();
    run("cli/main.ts", process.argv.slice(2));
    return;
  }
  runBuilt(join(root, "dist", "cli", "main.js"));
}

function runBuilt(program) {
  if (Number(process.versions.node.split(".")[0]) >= 24) {
    void import(pathToFileURL(program).href);
    return;
  }
  const node = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", "node");
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => {
    process.exitCode = code ?? 143;
  });
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
