import { describe, expect, test } from "vitest";
import { leaseTimes, type Uid } from "../../protocol/mod.ts";
import { guardPlan, type GuardStep } from "./guard-plan.ts";
import { type LeaseRecord, parseLeaseRecord } from "./lease-record.ts";

const pod = "p1" as Uid;
const since = 1_000_000;
const record = (pods: Readonly<Record<string, number>> = { [pod]: since }): LeaseRecord => ({
  version: 1,
  bootId: "b1",
  times: leaseTimes,
  pods,
});

describe("what the guard does, by the age of the lease", () => {
  const steps = (age: number, signalled = false): readonly GuardStep["type"][] =>
    guardPlan(record(), new Map(signalled ? [[pod, since]] : []), since + age).steps.map(({ type }) => type);

  test.each([
    { age: 0, expected: [] },
    { age: 5_999, expected: [] },
    { age: 6_000, expected: ["stop"] },
    { age: 7_499, expected: ["stop"] },
    { age: 7_500, expected: ["kill"] },
    { age: 86_400_000, expected: ["kill"] },
  ] as const)("at $age ms: $expected", ({ age, expected }) => {
    expect(steps(age)).toEqual(expected);
  });

  test("the stop signal is sent once, the kill again and again", () => {
    expect(steps(6_200, true)).toEqual([]);
    expect(steps(8_000, true)).toEqual(["kill"]);
  });

  test("a lease that goes on and ends again is signalled again", () => {
    const first = guardPlan(record(), new Map(), since + 6_000);
    const renewed = record({ [pod]: since + 6_500 });
    const between = guardPlan(renewed, first.signalled, since + 7_000);
    expect(between.steps).toEqual([]);
    const second = guardPlan(renewed, between.signalled, since + 12_500);
    expect(second.steps).toEqual([{ pod, type: "stop" }]);
  });

  test("each pod by its own lease", () => {
    const plan = guardPlan(record({ [pod]: since, p2: since + 5_000 }), new Map(), since + 8_000);
    expect(plan.steps).toEqual([{ pod, type: "kill" }]);
  });
});

test("agent, guard and leader leave each other room", () => {
  const { startWithinMs, stopAfterMs, killAfterMs } = leaseTimes;
  expect(startWithinMs).toBeLessThan(stopAfterMs);
  expect([stopAfterMs, killAfterMs < 8_000]).toEqual([6_000, true]);
});

test.each([undefined, "", "{", "[]", '{"version":2}', '{"version":1,"bootId":"b","times":{},"pods":{}}'])(
  "%s is no record",
  (text) => {
    expect(parseLeaseRecord(text)).toBeUndefined();
  },
);

test("a record is read as it was written", () => {
  expect(parseLeaseRecord(JSON.stringify(record()))).toEqual(record());
});
