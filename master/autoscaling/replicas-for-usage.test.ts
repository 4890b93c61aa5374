// Rows follow https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details and the
// tables of k8s.io/kubernetes/pkg/controller/podautoscaler/replica_calculator_test.go.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Uid } from "../../protocol/mod.ts";
import { replicasForShare, replicasForUsage, replicasForValue } from "./replicas-for-usage.ts";

const uid = (number: number): Uid => `p${number}` as Uid;
const tolerances = { up: 0.1, down: 0.1 };

interface Row {
  readonly current: number;
  /** Thousandths of a core of pods that request 1000 each. */
  readonly values: readonly number[];
  readonly target: number;
  readonly unready?: number;
  readonly missing?: number;
}
function replicas(
  { current, values, target, unready = 0, missing = 0 }: Row,
  tolerance = tolerances,
): number {
  const next = (from: number, count: number): Uid[] =>
    Array.from({ length: count }, (_, index) => uid(from + index));
  return replicasForUsage(
    {
      values: new Map(values.map((value, index) => [uid(index), value])),
      unready: next(100, unready),
      missing: next(200, missing),
    },
    {
      current,
      tolerances: tolerance,
      ratio: (some) => {
        let sum = 0;
        for (const value of some.values()) sum += value;
        return Math.trunc((sum * 100) / (some.size * 1000)) / target;
      },
      assumed: () => 1000 * (Math.max(100, target) / 100),
    },
  );
}

describe("utilization", () => {
  test.each<[string, Row, number]>([
    ["twice the target asks for twice the replicas", { current: 1, values: [200], target: 10 }, 2],
    ["half of the target asks for half of them", { current: 4, values: [250, 250, 250, 250], target: 50 }, 2],
    ["on target nothing changes", { current: 3, values: [500, 500, 500], target: 50 }, 3],
    [
      "within the tolerance above nothing changes",
      { current: 3, values: [1010, 1030, 1020], target: 100 },
      3,
    ],
    ["at the tolerance itself nothing changes", { current: 10, values: Array(10).fill(550), target: 50 }, 10],
    ["beyond the tolerance it does", { current: 10, values: Array(10).fill(560), target: 50 }, 12],
    [
      "within the tolerance below nothing changes",
      { current: 10, values: Array(10).fill(460), target: 50 },
      10,
    ],
    ["replicas are rounded up", { current: 3, values: [300, 500, 700], target: 30 }, 5],
    ["CPU of 0 asks for none", { current: 4, values: [0, 0, 0, 0], target: 50 }, 0],
    ["a target above 100%", { current: 2, values: [3000, 3000], target: 150 }, 4],
    [
      "pods that are not ready damp a scale up",
      { current: 3, values: [900, 900], target: 50, unready: 1 },
      4,
    ],
    ["and may take it away", { current: 3, values: [700], target: 50, unready: 2 }, 3],
    ["they do not count for a scale down", { current: 4, values: [200, 200], target: 50, unready: 2 }, 1],
    [
      "pods without figures count as nothing for a scale up",
      { current: 3, values: [900, 900], target: 50, missing: 1 },
      4,
    ],
    ["and never turn it into a scale down", { current: 4, values: [600], target: 50, missing: 3 }, 4],
    [
      "they count as all of their request for a scale down",
      { current: 4, values: [100, 100], target: 50, missing: 2 },
      4,
    ],
    ["which may still be one", { current: 4, values: [100, 100, 100], target: 50, missing: 1 }, 3],
    [
      "above a target of 100% they count as the target",
      { current: 4, values: [100, 100, 100], target: 200, missing: 1 },
      2,
    ],
    [
      "unready and missing together",
      { current: 4, values: [1000, 1000], target: 30, unready: 1, missing: 1 },
      7,
    ],
  ])("%s", (_, row, wanted) => {
    expect(replicas(row)).toBe(wanted);
  });

  test("a tolerance of one's own in each direction", () => {
    const row = { current: 10, values: Array(10).fill(560), target: 50 };
    expect(replicas(row, { up: 0.2, down: 0 })).toBe(10);
    expect(replicas(row, { up: 0, down: 0.2 })).toBe(12);
    expect(replicas({ ...row, values: Array(10).fill(490) }, { up: 0.2, down: 0 })).toBe(10);
    expect(replicas({ ...row, values: Array(10).fill(440) }, { up: 0.2, down: 0 })).toBe(9);
  });

  test("pods without figures, or not ready, never make the change larger", () => {
    const amount = fc.integer({ min: 0, max: 3000 });
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat({ max: 10 }),
        fc.nat({ max: 10 }),
        (values, target, unready, missing) => {
          const all = values.length + unready + missing;
          const found = replicas({ current: all, values, target, unready, missing });
          const known = replicas({ current: values.length, values, target });
          const share = known / values.length;
          if (found > all) expect(found).toBeLessThanOrEqual(Math.ceil(share * all));
          // Rounding up may add one.
          if (found < all) expect(found + 1).toBeGreaterThanOrEqual(Math.floor(share * values.length));
        },
      ),
    );
  });
});

describe("metrics of one thing", () => {
  test.each([
    ["twice the target, two of three pods are ready", 2, { ready: 2, current: 3 }, 4],
    ["within the tolerance", 1.05, { ready: 3, current: 3 }, 3],
    ["a quarter", 0.25, { ready: 4, current: 4 }, 1],
  ])("by value: %s", (_, ratio, { ready, current }, wanted) => {
    expect(replicasForValue(ratio, { ready, current, tolerances })).toBe(wanted);
  });
  test.each([
    ["30 in the queue, 10 a pod", 30_000, { target: 10_000, present: 1 }, 3],
    ["within the tolerance", 31_000, { target: 10_000, present: 3 }, 3],
    ["few", 1000, { target: 10_000, present: 5 }, 1],
    ["none", 0, { target: 10_000, present: 5 }, 0],
  ])("by share: %s", (_, value, { target, present }, wanted) => {
    expect(replicasForShare(value, { target, present, tolerances })).toBe(wanted);
  });
});
