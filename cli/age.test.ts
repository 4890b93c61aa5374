import { expect, test } from "vitest";
import { ageOf, humanDuration, parseDuration } from "./age.ts";

test.each([
  [-5, "<invalid>"],
  [-1, "0s"],
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [310, "5m10s"],
  [599, "9m59s"],
  [600, "10m"],
  [3 * 3600 - 1, "179m"],
  [3 * 3600, "3h"],
  [5 * 3600 + 240, "5h4m"],
  [8 * 3600, "8h"],
  [47 * 3600, "47h"],
  [48 * 3600, "2d"],
  [51 * 3600, "2d3h"],
  [8 * 86400, "8d"],
  [729 * 86400, "729d"],
  [730 * 86400, "2y"],
  [800 * 86400, "2y70d"],
  [8 * 365 * 86400, "8y"],
])("%d seconds are %s", (seconds, text) => {
  expect(humanDuration(seconds * 1000)).toBe(text);
});

test("an age without a beginning is unknown", () => {
  expect([ageOf(undefined, 0), ageOf("never", 0), ageOf("1970-01-01T00:00:00Z", 5000)]).toEqual([
    "<unknown>",
    "<unknown>",
    "5s",
  ]);
});

test.each([
  ["90", 90_000],
  ["1.5s", 1500],
  ["1m30s", 90_000],
  ["500ms", 500],
  ["2h", 7_200_000],
  ["", undefined],
  ["5x", undefined],
  ["-5s", undefined],
])("duration %s", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
