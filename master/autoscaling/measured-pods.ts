// Sorts a target's pods: those whose figures count, those that are not ready, those without figures, and those that
// do not matter. Source: groupPods in k8s.io/kubernetes/pkg/controller/podautoscaler/replica_calculator.go.

import type { Uid } from "../../protocol/mod.ts";
import type { PodRow } from "../cluster/mod.ts";
import type { PodMeasure } from "./measures.ts";
import type { MeasuredPods } from "./replicas-for-usage.ts";

/** So long after its start a pod's CPU may be that of its start: it counts only when the pod was ready all the while. */
export const cpuInitializationMs = 5 * 60_000;
/** A pod that is not ready so soon after its start has never been ready. */
export const initialReadinessMs = 30_000;

export interface Reading {
  readonly value: number;
  /** Absent for metrics that have nothing to do with a pod's start. */
  readonly cpu?: Pick<PodMeasure, "ageMs" | "windowMs">;
}

export function sortPods(
  pods: readonly PodRow[],
  read: (row: PodRow) => Reading | undefined,
  now: number,
): MeasuredPods {
  const values = new Map<Uid, number>();
  const unready: Uid[] = [];
  const missing: Uid[] = [];
  for (const row of pods) {
    const { uid } = row.ref;
    if (row.deletion || row.status.phase === "Failed") continue;
    if ((row.status.phase ?? "Pending") === "Pending") {
      unready.push(uid);
      continue;
    }
    const reading = read(row);
    if (!reading) missing.push(uid);
    else if (reading.cpu && isStarting(row, reading.cpu, now)) unready.push(uid);
    else values.set(uid, reading.value);
  }
  return { values, unready, missing };
}

function isStarting(row: PodRow, { ageMs, windowMs }: NonNullable<Reading["cpu"]>, now: number): boolean {
  const condition = row.status.conditions?.find(({ type }) => type === "Ready");
  const startedAt = time(row.status.startTime);
  if (!condition || startedAt === undefined) return true;
  const changedAt = row.readyAt ?? time(condition.lastTransitionTime) ?? startedAt;
  if (now < startedAt + cpuInitializationMs) {
    return !row.ready || now - ageMs < changedAt + windowMs;
  }
  return !row.ready && changedAt < startedAt + initialReadinessMs;
}

const time = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);
