// Whether a node is under pressure, and of what: from one measurement to the next. Pure.
// A condition comes with the first measurement beyond a threshold and goes only some time after the last one, so that
// a node at the edge does not flap (source: kubelet's eviction manager).

import { pressureOf, pressureTypes, type PressureType, type Signal, type Signals } from "./signals.ts";
import { amountOf, type PressureSettings, type Threshold } from "./thresholds.ts";

export interface PressureState {
  /** Thresholds that are met -> since when without a break, ms. */
  readonly met: ReadonlyMap<Threshold, number>;
  /** When a condition was last seen to hold. */
  readonly lastSeen: ReadonlyMap<PressureType, number>;
}
export const noPressure: PressureState = { met: new Map(), lastSeen: new Map() };

export interface Shortage {
  readonly threshold: Threshold;
  readonly observed: Signal;
}
export interface Judgement {
  readonly state: PressureState;
  readonly conditions: ReadonlySet<PressureType>;
  /** What something has to be done about now, the most urgent first. */
  readonly shortages: readonly Shortage[];
}

/** `now` is monotonic. */
export function judge(
  before: PressureState,
  signals: Signals,
  { thresholds, minimumReclaim, transitionMs }: PressureSettings,
  now: number,
): Judgement {
  const met = new Map<Threshold, number>();
  const lastSeen = new Map(before.lastSeen);
  const shortages: Shortage[] = [];
  for (const threshold of thresholds) {
    const observed = signals[threshold.signal];
    if (!observed) continue;
    const since = before.met.get(threshold);
    const least = amountOf(threshold.quantity, observed.capacity);
    // Once met, it is over only with something to spare.
    const spare = since === undefined ? 0 : amountOf(minimumReclaim[threshold.signal], observed.capacity);
    if (observed.available >= least + spare) continue;
    met.set(threshold, since ?? now);
    lastSeen.set(pressureOf(threshold.signal), now);
    if (now - (since ?? now) >= threshold.graceMs) shortages.push({ threshold, observed });
  }
  const conditions = new Set(
    pressureTypes.filter((type) => {
      const seen = lastSeen.get(type);
      return seen !== undefined && (seen === now || now - seen < transitionMs);
    }),
  );
  return { state: { met, lastSeen }, conditions, shortages: shortages.sort(urgentFirst) };
}

/** Memory first, as processes are killed for want of it; then hard thresholds before soft ones. */
function urgentFirst(one: Shortage, other: Shortage): number {
  const rank = ({ threshold }: Shortage): number => (threshold.signal === "memory.available" ? 0 : 1);
  return rank(one) - rank(other) || one.threshold.graceMs - other.threshold.graceMs;
}
