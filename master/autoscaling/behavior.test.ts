import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { behaviorDefaults, type ScalingRules } from "../../protocol/mod.ts";
import { keptEvents, limited, type Rules, stabilized } from "./behavior.ts";
import type { ScaleEvent } from "./spec.ts";

const now = Date.UTC(2030, 0, 1);
const event = (secondsAgo: number, from: number, to: number): ScaleEvent => ({
  at: new Date(now - secondsAgo * 1000).toISOString(),
  from,
  to,
});
const rulesOf = (scaleUp: ScalingRules = {}, scaleDown: ScalingRules = {}): Rules =>
  behaviorDefaults({ scaleUp, scaleDown });
const pods = (value: number, periodSeconds = 60) => ({ type: "Pods", value, periodSeconds });
const percent = (value: number, periodSeconds = 60) => ({ type: "Percent", value, periodSeconds });

describe("policies", () => {
  test.each<[string, Rules, readonly ScaleEvent[], number, number, string]>([
    ["by default 1 becomes at most 5", rulesOf(), [], 1, 100, "5 ScaleUpLimit"],
    ["by default 10 becomes at most 20", rulesOf(), [], 10, 100, "20 ScaleUpLimit"],
    ["by default everything may go at once", rulesOf(), [], 50, 1, "1 DesiredWithinRange"],
    ["never above the maximum", rulesOf(), [], 80, 200, "100 TooManyReplicas"],
    ["never below the minimum", rulesOf(), [], 5, 0, "1 TooFewReplicas"],
    ["within the limits as wanted", rulesOf(), [], 10, 13, "13 DesiredWithinRange"],
    ["the larger policy", rulesOf({ policies: [pods(4), percent(10)] }), [], 10, 50, "14 ScaleUpLimit"],
    [
      "the larger policy, percent",
      rulesOf({ policies: [pods(4), percent(100)] }),
      [],
      10,
      50,
      "20 ScaleUpLimit",
    ],
    [
      "the smaller one with Min",
      rulesOf({ selectPolicy: "Min", policies: [pods(4), percent(10)] }),
      [],
      10,
      50,
      "11 ScaleUpLimit",
    ],
    ["disabled upwards", rulesOf({ selectPolicy: "Disabled" }), [], 10, 50, "10 ScaleUpLimit"],
    ["disabled downwards", rulesOf({}, { selectPolicy: "Disabled" }), [], 10, 2, "10 ScaleDownLimit"],
    ["percent upwards is rounded up", rulesOf({ policies: [percent(10)] }), [], 5, 50, "6 ScaleUpLimit"],
    [
      "percent downwards keeps the whole ones",
      rulesOf({}, { policies: [percent(10)] }),
      [],
      15,
      1,
      "13 ScaleDownLimit",
    ],
    // The documentation's example: 80 replicas, at most 4 pods or 10% a minute: 8 go, then 7.
    ["80 become 72", rulesOf({}, { policies: [pods(4), percent(10)] }), [], 80, 10, "72 ScaleDownLimit"],
    ["72 become 64", rulesOf({}, { policies: [pods(4), percent(10)] }), [], 72, 10, "64 ScaleDownLimit"],
    ["few go by pods", rulesOf({}, { policies: [pods(4), percent(10)] }), [], 35, 10, "31 ScaleDownLimit"],
    [
      "what came within the period counts",
      rulesOf({ policies: [pods(4)] }),
      [event(30, 6, 9)],
      9,
      50,
      "10 ScaleUpLimit",
    ],
    [
      "what came before it does not",
      rulesOf({ policies: [pods(4)] }),
      [event(60, 6, 9)],
      9,
      50,
      "13 ScaleUpLimit",
    ],
    [
      "a spent policy allows nothing",
      rulesOf({ policies: [pods(4)] }),
      [event(1, 6, 10)],
      10,
      50,
      "10 ScaleUpLimit",
    ],
    [
      "what went within the period counts",
      rulesOf({}, { policies: [pods(4)] }),
      [event(30, 13, 10)],
      10,
      1,
      "9 ScaleDownLimit",
    ],
    [
      "what went may come again at once",
      rulesOf({ policies: [pods(1)] }),
      [event(30, 9, 5)],
      5,
      50,
      "10 ScaleUpLimit",
    ],
    [
      "each policy has its own period",
      rulesOf({ policies: [pods(4, 60), pods(6, 600)] }),
      [event(300, 3, 8)],
      8,
      50,
      "12 ScaleUpLimit",
    ],
  ])("%s", (_, rules, events, current, desired, wanted) => {
    const found = limited(desired, current, { rules, range: { min: 1, max: 100 }, events, now });
    expect(`${found.replicas} ${found.reason}`).toBe(wanted);
  });

  test("over time, never more than a policy allows in any of its periods, never outside of the range", () => {
    const rule = fc.record({
      policies: fc.array(
        fc.record({
          type: fc.constantFrom("Pods", "Percent"),
          value: fc.integer({ min: 1, max: 50 }),
          periodSeconds: fc.integer({ min: 15, max: 120 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      selectPolicy: fc.constantFrom("Min", "Disabled"),
    });
    fc.assert(
      fc.property(
        rule,
        rule,
        fc.array(fc.nat({ max: 200 }), { maxLength: 60 }),
        (scaleUp, scaleDown, wishes) => {
          const rules = rulesOf(scaleUp, scaleDown);
          const range = { min: 3, max: 90 };
          let current = 30;
          let events: readonly ScaleEvent[] = [];
          const sizes: { at: number; size: number }[] = [{ at: now - 1_000_000, size: current }];
          for (const [step, desired] of wishes.entries()) {
            const at = now + step * 15_000;
            const { replicas } = limited(desired, current, { rules, range, events, now: at });
            expect(replicas).toBeGreaterThanOrEqual(range.min);
            expect(replicas).toBeLessThanOrEqual(range.max);
            if (replicas === current) continue;
            events = keptEvents(
              [...events, { at: new Date(at).toISOString(), from: current, to: replicas }],
              rules,
              at,
            );
            current = replicas;
            sizes.push({ at, size: current });
            for (const { type, value, periodSeconds } of scaleUp.policies) {
              const before = sizes.filter((each) => each.at <= at - periodSeconds * 1000).at(-1)?.size ?? 30;
              const most = type === "Pods" ? before + value : Math.ceil(before * (1 + value / 100));
              const rose = (sizes.at(-2)?.size ?? 0) < current;
              if (rose) expect(current).toBeLessThanOrEqual(most);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("more changes than are kept are told together: that allows less, never more", () => {
    const rules = rulesOf({ policies: [pods(1000, 1800)] });
    const many = Array.from({ length: 500 }, (_, index) => event(1000 - index, index, index + 1));
    const kept = keptEvents(many, rules, now);
    expect(kept).toHaveLength(128);
    const range = { min: 1, max: 10_000 };
    const all = limited(5000, 500, { rules, range, events: many, now });
    expect(limited(5000, 500, { rules, range, events: kept, now })).toEqual(all);
  });
});

describe("stabilisation", () => {
  const ago = (seconds: number, replicas: number) => ({ at: now - seconds * 1000, replicas });
  test.each([
    ["downwards, the highest of five minutes", rulesOf(), [ago(299, 8), ago(100, 5)], 10, 2, 8],
    ["what is older does not count", rulesOf(), [ago(300, 8), ago(100, 5)], 10, 2, 5],
    ["upwards at once", rulesOf(), [ago(10, 3)], 3, 9, 9],
    ["never above what there is", rulesOf(), [ago(10, 50)], 10, 2, 10],
    [
      "upwards, the lowest of its window",
      rulesOf({ stabilizationWindowSeconds: 60 }),
      [ago(30, 4), ago(90, 2)],
      3,
      9,
      4,
    ],
    ["never below what there is", rulesOf({ stabilizationWindowSeconds: 60 }), [ago(30, 1)], 3, 9, 3],
    [
      "without a window downwards at once",
      rulesOf({}, { stabilizationWindowSeconds: 0 }),
      [ago(1, 9)],
      9,
      2,
      2,
    ],
  ])("%s", (_, rules, recommendations, current, desired, wanted) => {
    expect(stabilized(desired, current, { rules, recommendations, now })).toBe(wanted);
  });
});
