// Compiles the sources into dist/ for a package: Node does not strip types below node_modules.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const [word] = process.argv.slice(2);
if (word !== undefined) {
  const isHelp = word === "--help" || word === "-h";
  const usage =
    "Usage: npm run prepack\n\nMakes dist/ anew: what the package has of the sources, as JavaScript.";
  if (isHelp) console.log(usage);
  else console.error(`Unknown argument '${word}'\n\n${usage}`);
  process.exit(isHelp ? 0 : 2);
}
rmSync(join(root, "dist"), { recursive: true, force: true });
const compiler = join(root, "node_modules", ".bin", "tsc");
const { status } = spawnSync(compiler, ["-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
