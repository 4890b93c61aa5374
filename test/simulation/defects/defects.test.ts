// The suite of defects fits the sources as they are; that each is found is shown by main.ts, which takes long.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defects } from "./all.ts";

const root = join(import.meta.dirname, "..", "..", "..");

test("every place that a defect changes is there, once", () => {
  const wrong = defects.flatMap(({ name, patches }) =>
    patches
      .filter(({ file, find }) => readFileSync(join(root, file), "utf8").split(find).length !== 2)
      .map(({ file, find }) => `${name}: ${file}: ${find}`),
  );
  expect(wrong).toEqual([]);
});

test("there are twenty at least, each with a name of its own", () => {
  expect(new Set(defects.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20);
});

test("docs/simulation.md has a row for each, and for no other", () => {
  const text = readFileSync(join(root, "docs", "simulation.md"), "utf8");
  const [, section = ""] = text.split("\n## The suite of defects\n");
  const [table = ""] = section.split("\n## ");
  const rows = [...table.matchAll(/^\| ([a-z-]+) \| (.+?) \| (?:\d+|kept|–) \| .+ \|$/gm)];
  const told = rows.map(([, name, about]) => `${name}: ${about}`);
  expect(told.sort()).toEqual(defects.map(({ name, about }) => `${name}: ${about}`).sort());
});
