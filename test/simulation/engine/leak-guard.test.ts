// That the guard notices what it is there for.

import { readFile } from "node:fs";
import { expect, test } from "vitest";
import { forbidRealWork } from "./leak-guard.ts";

test("what is begun in a step and is not simulated is noticed, and nothing else", async () => {
  const found: string[] = [];
  let stepping = true;
  const release = forbidRealWork(
    () => stepping,
    ({ message }) => found.push(message),
  );
  await Promise.resolve();
  await new Promise((resolve) => process.nextTick(resolve));
  expect(found).toEqual([]);
  await new Promise((resolve) => readFile(import.meta.filename, resolve));
  expect(found[0]).toContain("FSREQCALLBACK");
  const before = found.length;
  stepping = false;
  await new Promise((resolve) => readFile(import.meta.filename, resolve));
  release();
  expect(found).toHaveLength(before);
});
