import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { lineEdits } from "./line-edits.ts";
import { unifiedDiff } from "./unified-diff.ts";

const plain = pc.createColors(false);
const lines = (...numbers: readonly number[]): string => numbers.map((number) => `${number}\n`).join("");
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("unified diff", () => {
  test("of one changed line, with three lines around it", () => {
    const before = lines(...upTo(9));
    expect(unifiedDiff({ name: "x", before, after: before.replace("5", "five") }, plain)).toBe(
      "--- live/x\n+++ merged/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
    );
  });
  test("changes that are far apart stand in hunks of their own", () => {
    const before = lines(...upTo(20));
    const after = lines(0, ...upTo(19));
    expect(unifiedDiff({ name: "x", before, after }, plain).match(/@@.*@@/g)).toEqual([
      "@@ -1,3 +1,4 @@",
      "@@ -17,4 +18,3 @@",
    ]);
  });
  test("of what is new, and of what goes", () => {
    expect(unifiedDiff({ name: "x", before: "", after: "a\n" }, plain)).toContain("@@ -0,0 +1 @@\n+a\n");
    expect(unifiedDiff({ name: "x", before: "a\nb\n", after: "" }, plain)).toContain(
      "@@ -1,2 +0,0 @@\n-a\n-b\n",
    );
    expect(unifiedDiff({ name: "x", before: "a\n", after: "a\n" }, plain)).toBe("");
  });
  test("the edits lead from one text to the other, and none can be left out", () => {
    const words = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    fc.assert(
      fc.property(words, words, (before, after) => {
        const edits = lineEdits(before, after);
        const without = (type: string): string[] =>
          edits.filter((edit) => edit.type !== type).map(({ line }) => line);
        expect([without("added"), without("removed")]).toEqual([before, after]);
        const kept = edits.filter(({ type }) => type === "same").length;
        expect(kept).toBe(longestCommon(before, after));
      }),
    );
  });
});

function longestCommon(one: readonly string[], other: readonly string[]): number {
  const [first, ...rest] = one;
  if (first === undefined) return 0;
  const table = Array.from({ length: one.length + 1 }, () =>
    Array.from({ length: other.length + 1 }, () => 0),
  );
  for (let row = rest.length; row >= 0; row--) {
    for (let column = other.length - 1; column >= 0; column--) {
      const take = one[row] === other[column] ? 1 + (table[row + 1]?.[column + 1] ?? 0) : 0;
      const best = Math.max(take, table[row + 1]?.[column] ?? 0, table[row]?.[column + 1] ?? 0);
      const line = table[row];
      if (line) line[column] = best;
    }
  }
  return table[0]?.[0] ?? 0;
}
