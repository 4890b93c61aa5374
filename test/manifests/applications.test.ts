// The list of applications itself: that there are as many as promised, and that the README tells of each.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applications } from "./applications.ts";
import expected from "./expected.json" with { type: "json" };

const names = applications.map(({ name }) => name);

test("at least forty applications of different names are listed", () => {
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(40);
});

test("nothing is expected of an application that is not listed", () => {
  expect(Object.keys(expected).filter((name) => !names.includes(name))).toEqual([]);
});

test("the README lists each with its package", () => {
  const text = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
  const missing = applications.filter(({ name, source }) => !text.includes(`\n| ${name} | ${source} | `));
  expect(missing).toEqual([]);
});
