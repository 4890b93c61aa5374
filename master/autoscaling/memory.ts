// What a leader remembers between two looks at an autoscaler: its recommendations, as far as windows reach. Nothing of
// it is in the log; what a new leader has to know follows from the recorded status.

import { type ObjectRow } from "../cluster/mod.ts";
import { type Recommendation, type Rules, windowMsOf } from "./behavior.ts";
import { autoscalerStatusOf } from "./spec.ts";

export interface Memory {
  readonly recommendations: readonly Recommendation[];
  /** When former recommendations last kept the target from a change. */
  readonly heldAt?: number;
  /** When a recommendation last needed no holding back: it makes a hold go on for longer. */
  readonly freeAt?: number;
}

/** More recommendations than the longest window has at one look a second are not kept. */
const mostRecommendations = 4096;
/** A hold that goes on is recorded again after this part of its window, and no sooner. */
const recordedPart = 1 / 4;

const longestWindowMs = ({ scaleUp, scaleDown }: Rules): number =>
  Math.max(windowMsOf(scaleUp), windowMsOf(scaleDown));

/**
 * At a leader's first look, as in Kubernetes, the present size was recommended just now; while the record says that
 * the target is held back, it was so when the record was made, or as much later as it could have been without a record.
 */
export function firstRecommendation(row: ObjectRow, current: number, rules: Rules, now: number): Memory {
  const { held } = autoscalerStatusOf(row);
  if (!held) return { recommendations: [{ at: now, replicas: current }] };
  const at = Math.min(now, Date.parse(held.since) + longestWindowMs(rules) * recordedPart);
  return { recommendations: [{ at, replicas: current }], heldAt: now };
}

export function remembered(
  memory: Memory,
  recommendation: Recommendation,
  { rules, held, scales }: { readonly rules: Rules; readonly held: boolean; readonly scales: boolean },
): Memory {
  const { at } = recommendation;
  const since = at - longestWindowMs(rules);
  const kept = memory.recommendations.filter((each) => each.at > since);
  const recommendations = [...kept, recommendation].slice(-mostRecommendations);
  // A new size begins anew: what held the old one is over.
  if (scales) return { recommendations, freeAt: at };
  return { ...memory, recommendations, ...(held ? { heldAt: at } : { freeAt: at }) };
}

/** Once held back it counts as held for a window more: figures that go to and fro are no news each time. */
export const isHolding = ({ heldAt }: Memory, rules: Rules, now: number): boolean =>
  heldAt !== undefined && now < heldAt + longestWindowMs(rules);

/** Since when the target is held back, for the record: renewed seldom, so that it is written seldom. */
export function heldSince(row: ObjectRow, { freeAt }: Memory, rules: Rules, now: number): string {
  const { held } = autoscalerStatusOf(row);
  if (!held) return new Date(freeAt ?? now).toISOString();
  const renewsAt = Date.parse(held.since) + longestWindowMs(rules) * recordedPart;
  return freeAt !== undefined && freeAt > renewsAt ? new Date(freeAt).toISOString() : held.since;
}
