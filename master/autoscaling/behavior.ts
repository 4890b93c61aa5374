// How far and how fast an autoscaler may go: windows over former recommendations, and policies over former changes.
// Source: stabilizeRecommendationWithBehaviors and convertDesiredReplicasWithBehaviorRate in
// k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go.

import { behaviorDefaults, type ScalingRules } from "../../protocol/mod.ts";
import type { AutoscalerSpec, ScaleEvent } from "./spec.ts";

export interface Recommendation {
  readonly at: number;
  readonly replicas: number;
}

export interface Rules {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

export const rulesOf = ({ behavior }: AutoscalerSpec): Rules => behaviorDefaults(behavior ?? {});

export const windowMsOf = ({ stabilizationWindowSeconds = 0 }: ScalingRules): number =>
  stabilizationWindowSeconds * 1000;

/** Never above the lowest recommendation of the upward window, never below the highest of the downward one. */
export function stabilized(
  desired: number,
  current: number,
  { rules, recommendations, now }: { rules: Rules; recommendations: readonly Recommendation[]; now: number },
): number {
  const since = (windowMs: number): number[] =>
    recommendations.filter(({ at }) => at > now - windowMs).map(({ replicas }) => replicas);
  const up = Math.min(desired, ...since(windowMsOf(rules.scaleUp)));
  const down = Math.max(desired, ...since(windowMsOf(rules.scaleDown)));
  return Math.min(Math.max(current, up), down);
}

export interface Limited {
  readonly replicas: number;
  readonly reason:
    | "DesiredWithinRange"
    | "ScaleUpLimit"
    | "ScaleDownLimit"
    | "TooManyReplicas"
    | "TooFewReplicas";
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export function limited(
  desired: number,
  current: number,
  { rules, range, events, now }: { rules: Rules; range: Range; events: readonly ScaleEvent[]; now: number },
): Limited {
  if (desired > current) {
    const fastest = Math.max(current, upperLimit(current, rules.scaleUp, events, now));
    if (desired > Math.min(range.max, fastest)) {
      return fastest < range.max
        ? { replicas: fastest, reason: "ScaleUpLimit" }
        : { replicas: range.max, reason: "TooManyReplicas" };
    }
  } else if (desired < current) {
    const fastest = Math.min(current, lowerLimit(current, rules.scaleDown, events, now));
    if (desired < Math.max(range.min, fastest)) {
      return fastest > range.min
        ? { replicas: fastest, reason: "ScaleDownLimit" }
        : { replicas: range.min, reason: "TooFewReplicas" };
    }
  }
  return { replicas: desired, reason: "DesiredWithinRange" };
}

function upperLimit(
  current: number,
  { selectPolicy, policies = [] }: ScalingRules,
  events: readonly ScaleEvent[],
  now: number,
): number {
  if (selectPolicy === "Disabled") return current;
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const before = current - changeWithin(periodSeconds, events, now);
    return type === "Pods" ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return selectPolicy === "Min" ? Math.min(...proposals) : Math.max(...proposals);
}

function lowerLimit(
  current: number,
  { selectPolicy, policies = [] }: ScalingRules,
  events: readonly ScaleEvent[],
  now: number,
): number {
  if (selectPolicy === "Disabled") return current;
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const before = current - changeWithin(periodSeconds, events, now);
    return type === "Pods" ? before - value : Math.trunc(before * (1 - value / 100));
  });
  // The smaller change leaves more.
  return selectPolicy === "Min" ? Math.max(...proposals) : Math.min(...proposals);
}

/** What came and went within a policy's period: before it there were so many fewer. */
function changeWithin(seconds: number, events: readonly ScaleEvent[], now: number): number {
  let change = 0;
  for (const { at, from, to } of events) if (Date.parse(at) > now - seconds * 1000) change += to - from;
  return change;
}

/** More changes than this are told together, as of the later one: that allows less, never more. */
const mostEvents = 128;

/** The changes that some policy may still count. */
export function keptEvents(events: readonly ScaleEvent[], rules: Rules, now: number): readonly ScaleEvent[] {
  const periods = [rules.scaleUp, rules.scaleDown].flatMap(({ policies = [] }) => policies);
  const longest = Math.max(0, ...periods.map(({ periodSeconds }) => periodSeconds)) * 1000;
  const kept = events.filter(({ at }) => Date.parse(at) > now - longest);
  while (kept.length > mostEvents) {
    const [first, second] = kept.splice(0, 2);
    if (first && second) kept.unshift({ at: second.at, from: first.from, to: second.to });
  }
  return kept;
}
