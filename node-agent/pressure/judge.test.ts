import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "../../protocol/mod.ts";
import { type Judgement, judge, noPressure } from "./judge.ts";
import type { Signals } from "./signals.ts";
import {
  defaultEvictionHard,
  parseGraces,
  parseReclaim,
  parseThresholds,
  type PressureSettings,
} from "./thresholds.ts";

const Mi = 2 ** 20;
const settings = (hard: string, more: Partial<PressureSettings> = {}): PressureSettings => ({
  thresholds: unwrap(parseThresholds(hard)),
  minimumReclaim: {},
  transitionMs: 300_000,
  maxPodGraceSeconds: 0,
  intervalMs: 10_000,
  ...more,
});
const memory = (available: number): Signals => ({ "memory.available": { available, capacity: 1000 * Mi } });
/** Measurements at times; the judgement of the last one. */
function judged(by: PressureSettings, ...measured: (readonly [at: number, signals: Signals])[]): Judgement {
  let last: Judgement = { state: noPressure, conditions: new Set(), shortages: [] };
  for (const [at, signals] of measured) last = judge(last.state, signals, by, at);
  return last;
}

describe("thresholds", () => {
  test("kubelet's defaults are read", () => {
    const thresholds = unwrap(parseThresholds(defaultEvictionHard));
    expect(thresholds.map(({ signal, text }) => `${signal}<${text}`).join()).toBe(defaultEvictionHard);
    expect(thresholds.every(({ graceMs }) => graceMs === 0)).toBe(true);
  });
  test.each([
    ["memory<1Gi", "one of the signals"],
    ["memory.available<lots", "an amount such as 100Mi"],
    ["memory.available<120%", "a share such as 10%"],
    ["memory.available<1Gi,memory.available<2Gi", "stands there already"],
  ])("%s is refused", (text, message) => {
    const result = parseThresholds(text);
    expect(!result.ok && result.error.message).toContain(message);
  });
  test("a soft one needs its grace period; none is none", () => {
    const graces = unwrap(parseGraces("memory.available=90s", () => 90_000));
    expect(unwrap(parseThresholds("memory.available<1Gi", graces))).toMatchObject([{ graceMs: 90_000 }]);
    expect(parseThresholds("nodefs.available<1Gi", graces).ok).toBe(false);
    expect(unwrap(parseThresholds("none"))).toEqual([]);
    expect(unwrap(parseReclaim("imagefs.available=10%"))).toEqual({
      "imagefs.available": { type: "share", value: 0.1 },
    });
  });
});

describe("pressure", () => {
  test.each<[string, string, Signals, string[], number]>([
    ["above the threshold is none", "memory.available<100Mi", memory(100 * Mi), [], 0],
    ["below it is pressure, at once", "memory.available<100Mi", memory(99 * Mi), ["MemoryPressure"], 1],
    ["a share is of the capacity", "memory.available<10%", memory(99 * Mi), ["MemoryPressure"], 1],
    ["what is not measured is none", "nodefs.available<10%", memory(1), [], 0],
    [
      "disk by bytes or inodes, of either file system",
      "nodefs.inodesFree<5%,imagefs.available<1Gi",
      {
        "nodefs.inodesFree": { available: 4, capacity: 100 },
        "imagefs.available": { available: 5, capacity: 9 },
      },
      ["DiskPressure"],
      2,
    ],
    [
      "process ids",
      "pid.available<100",
      { "pid.available": { available: 9, capacity: 1000 } },
      ["PIDPressure"],
      1,
    ],
  ])("%s", (_what, hard, signals, conditions, shortages) => {
    const found = judged(settings(hard), [0, signals]);
    expect([...found.conditions]).toEqual(conditions);
    expect(found.shortages).toHaveLength(shortages);
  });

  test("a condition stays for the transition period after the pressure, and evicts nobody meanwhile", () => {
    const by = settings("memory.available<100Mi");
    const low = [1000, memory(1)] as const;
    const at = (ms: number) => judged(by, low, [ms, memory(500 * Mi)]);
    expect(at(300_999).conditions.size).toBe(1);
    expect(at(300_999).shortages).toEqual([]);
    expect(at(301_000).conditions.size).toBe(0);
  });
  test("a soft threshold is a condition at once, and a shortage after its grace without a break", () => {
    const soft = unwrap(parseThresholds("memory.available<100Mi", new Map([["memory.available", 60_000]])));
    const by = settings("none", { thresholds: soft });
    const low = memory(1);
    expect(judged(by, [0, low], [59_999, low])).toMatchObject({ shortages: [] });
    expect(judged(by, [0, low], [59_999, low]).conditions.size).toBe(1);
    expect(judged(by, [0, low], [60_000, low]).shortages).toHaveLength(1);
    expect(judged(by, [0, low], [30_000, memory(200 * Mi)], [60_000, low]).shortages).toEqual([]);
  });
  test("with a minimum reclaim it is over only with something to spare", () => {
    const by = settings("memory.available<100Mi", {
      minimumReclaim: unwrap(parseReclaim("memory.available=50Mi")),
    });
    expect(judged(by, [0, memory(1)], [1, memory(149 * Mi)]).shortages).toHaveLength(1);
    expect(judged(by, [0, memory(1)], [1, memory(150 * Mi)]).shortages).toEqual([]);
    expect(judged(by, [0, memory(120 * Mi)]).shortages).toEqual([]);
  });
  test("memory comes before disk", () => {
    const both = { ...memory(1), "nodefs.available": { available: 1, capacity: 100 } };
    const { shortages } = judged(settings("nodefs.available<10%,memory.available<100Mi"), [0, both]);
    expect(shortages.map(({ threshold }) => threshold.signal)).toEqual([
      "memory.available",
      "nodefs.available",
    ]);
  });
  test("it never flaps within the transition period, whatever is measured", () => {
    const by = settings("memory.available<100Mi");
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (lows) => {
        let state = noPressure;
        let before = false;
        let changed = -Infinity;
        for (const [index, low] of lows.entries()) {
          const now = index * 10_000;
          const next = judge(state, memory(low ? 1 : 900 * Mi), by, now);
          state = next.state;
          const holds = next.conditions.size > 0;
          if (low) expect(holds).toBe(true);
          if (before && !holds) expect(now - changed).toBeGreaterThanOrEqual(by.transitionMs);
          if (holds !== before) changed = now;
          before = holds;
        }
      }),
    );
  });
});
