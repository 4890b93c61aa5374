import { describe, expect, test } from "vitest";
import { parseSchedule } from "./cron-schedule.ts";
import { unwrap } from "./errors.ts";

const at = (text: string): number => Date.parse(text);
const text = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().replace(".000Z", "Z");

describe("the next run", () => {
  test.each([
    ["*/5 * * * *", "2030-01-31T12:03:10Z", "2030-01-31T12:05:00Z"],
    ["*/5 * * * *", "2030-01-31T12:05:00Z", "2030-01-31T12:10:00Z"],
    ["0 3 * * 1-5", "2030-02-01T12:00:00Z", "2030-02-04T03:00:00Z"],
    ["0 0 1 * MON", "2030-02-02T00:00:00Z", "2030-02-04T00:00:00Z"],
    ["5/20 * * * *", "2030-01-31T12:06:00Z", "2030-01-31T12:25:00Z"],
    ["30 4 ? * ?", "2030-01-31T12:00:00Z", "2030-02-01T04:30:00Z"],
    ["@hourly", "2030-01-31T12:00:00Z", "2030-01-31T13:00:00Z"],
    ["@yearly", "2030-01-31T12:00:00Z", "2031-01-01T00:00:00Z"],
    ["0 0 29 2 *", "2030-01-31T12:00:00Z", "2032-02-29T00:00:00Z"],
    ["0 0 31 2 *", "2030-01-31T12:00:00Z", undefined],
  ])("of %s after %s is %s", (schedule, after, next) => {
    expect(text(unwrap(parseSchedule(schedule)).after(at(after)))).toBe(next);
  });
});

describe("time zones", () => {
  const berlin = unwrap(parseSchedule("30 2 * * *", "Europe/Berlin"));
  test("a time that does not exist is made up for, one that is there twice counts once", () => {
    expect(text(berlin.after(at("2030-03-30T12:00:00Z")))).toBe("2030-03-31T01:00:00Z");
    expect(text(berlin.after(at("2030-10-26T12:00:00Z")))).toBe("2030-10-27T00:30:00Z");
    expect(text(berlin.after(at("2030-10-27T00:30:00Z")))).toBe("2030-10-28T01:30:00Z");
  });
});

describe("the last run", () => {
  const hourly = unwrap(parseSchedule("0 * * * *"));
  test.each([
    ["2030-01-01T10:00:00Z", "2030-01-01T12:30:00Z", "2030-01-01T12:00:00Z"],
    ["2030-01-01T10:00:00Z", "2030-01-01T12:00:00Z", "2030-01-01T12:00:00Z"],
    ["2030-01-01T12:00:00Z", "2030-01-01T12:30:00Z", undefined],
    ["2030-01-01T12:00:00Z", "2030-01-01T11:00:00Z", undefined],
  ])("after %s, up to %s, is %s", (since, until, last) => {
    expect(text(hourly.latest(at(since), at(until)))).toBe(last);
  });
});

test.each(["", "* * * *", "60 * * * *", "* * * * * *", "@every 1h", "TZ=UTC * * * * *", "a b c d e"])(
  "%j is no schedule",
  (schedule) => expect(parseSchedule(schedule)).toMatchObject({ ok: false }),
);
test("nor is there a time zone Mars/Phobos", () => {
  expect(parseSchedule("* * * * *", "Mars/Phobos")).toMatchObject({ ok: false });
});
