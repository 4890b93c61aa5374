// Checks which way the folders depend (docs/architecture.md, folders): imports of every module are read as text.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** Folder -> folders it may import, through their mod.ts. `cli/daemons` stands apart from the rest of cli. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  actors: ["protocol"],
  master: ["protocol", "actors"],
  "node-agent": ["protocol", "actors"],
  client: ["protocol", "actors"],
  deploy: [],
  cli: ["client", "protocol"],
  "cli/daemons": ["cli", "client", "protocol", "actors", "master", "node-agent", "deploy"],
};

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g;

export interface BoundaryReport {
  readonly modules: number;
  readonly problems: readonly string[];
}

export function checkBoundaries(root: string): BoundaryReport {
  const problems: string[] = [];
  let modules = 0;
  for (const folder of Object.keys(allowed).filter((name) => !name.includes("/"))) {
    for (const file of sourceFiles(join(root, folder))) {
      modules++;
      problems.push(...problemsOf(root, relative(root, file), readFileSync(file, "utf8")));
    }
  }
  if (modules === 0) problems.push("no module was found: the check looked at nothing");
  return { modules, problems };
}

/** Problems of one module; `path` is relative to the root. */
export function problemsOf(root: string, path: string, text: string): string[] {
  if (path.endsWith(".test.ts") || path.includes("/testkit/")) return [];
  const own = place(path);
  const problems: string[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = match[1] ?? match[2] ?? match[3] ?? "";
    if (!target.startsWith(".")) continue;
    const reached = relative(root, resolve(root, dirname(path), target));
    const other = place(reached);
    if (other === own || (own === "cli" && reached === "cli/daemons/mod.ts")) continue;
    if (!allowed[own]?.includes(other))
      problems.push(`${path} imports ${reached}: ${own} may not depend on ${other}`);
    else if (other !== "cli" && !/^[^/]+(\/nats)?\/mod\.ts$/.test(reached)) {
      problems.push(`${path} imports ${reached}: enter ${other} through its mod.ts`);
    }
  }
  return problems;
}

const place = (path: string): string =>
  path.startsWith("cli/daemons/") ? "cli/daemons" : (path.split("/")[0] ?? "");

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}
