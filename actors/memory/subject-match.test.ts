import { expect, test } from "vitest";

import { isWildcard, subjectMatches } from "./subject-match.ts";

test.each([
  ["a.b", "a.b", true],
  ["a.b", "a", false],
  ["a", "a.b", false],
  ["a.*", "a.b", true],
  ["a.*", "a", false],
  ["a.*", "a.b.c", false],
  ["*.b", "a.b", true],
  ["a.>", "a.b.c", true],
  ["a.>", "a", false],
  [">", "a", true],
])("%s on %s: %s", (pattern, subject, matches) => {
  expect(subjectMatches(pattern.split("."), subject.split("."))).toBe(matches);
});

test("knows a wildcard from a character within a token", () => {
  expect(["a.*", "*", ">", "a.>", "*.b"].every(isWildcard)).toBe(true);
  expect(["a.b*", "a*", ">b", "a"].some(isWildcard)).toBe(false);
});
