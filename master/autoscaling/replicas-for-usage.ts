// How many replicas bring usage to its target, from figures of some of the pods. Figures that are missing count
// against the change: nothing when there would be more replicas, the target (or all of the request) when fewer.
// Source: k8s.io/kubernetes/pkg/controller/podautoscaler/replica_calculator.go, and the section "Algorithm details" of
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/

import type { Uid } from "../../protocol/mod.ts";

/** Deviations of the ratio from 1 that change nothing. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface MeasuredPods {
  /** Pods whose figures count at once. */
  readonly values: ReadonlyMap<Uid, number>;
  /** Not ready (yet): they count as nothing, and only when there would be more replicas. */
  readonly unready: readonly Uid[];
  /** Without figures. */
  readonly missing: readonly Uid[];
}

export interface UsageRule {
  readonly current: number;
  readonly tolerances: Tolerances;
  /** Usage by its target. */
  readonly ratio: (values: ReadonlyMap<Uid, number>) => number;
  /** What a pod without figures counts as when there would be fewer replicas. */
  readonly assumed: (pod: Uid) => number;
}

export const isWithin = (ratio: number, { up, down }: Tolerances): boolean =>
  1 - down <= ratio && ratio <= 1 + up;

export function replicasForUsage({ values, unready, missing }: MeasuredPods, rule: UsageRule): number {
  const { current, tolerances, ratio, assumed } = rule;
  const first = ratio(values);
  const countsUnready = unready.length > 0 && first > 1;
  if (!countsUnready && missing.length === 0) {
    return isWithin(first, tolerances) ? current : Math.ceil(first * values.size);
  }
  const filled = new Map(values);
  for (const pod of missing) {
    if (first < 1) filled.set(pod, assumed(pod));
    else if (first > 1) filled.set(pod, 0);
  }
  if (countsUnready) for (const pod of unready) filled.set(pod, 0);
  const second = ratio(filled);
  const turned = (first < 1 && second > 1) || (first > 1 && second < 1);
  if (isWithin(second, tolerances) || turned) return current;
  const replicas = Math.ceil(second * filled.size);
  const against = (second < 1 && replicas > current) || (second > 1 && replicas < current);
  return against ? current : replicas;
}

/** For a metric of one object: pods that are ready carry it. */
export function replicasForValue(
  ratio: number,
  { ready, current, tolerances }: { ready: number; current: number; tolerances: Tolerances },
): number {
  return isWithin(ratio, tolerances) ? current : Math.ceil(ratio * ready);
}

/** For a metric that is shared out among the pods that there are. */
export function replicasForShare(
  value: number,
  { target, present, tolerances }: { target: number; present: number; tolerances: Tolerances },
): number {
  const ratio = value / (target * present);
  return isWithin(ratio, tolerances) ? present : Math.ceil(value / target);
}
