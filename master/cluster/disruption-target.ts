// Why the control plane takes a pod away, as Kubernetes' condition DisruptionTarget has it: who judges failures (a
// job's failure policy) sees that the pod itself did nothing wrong. Told from the reason of its deletion.

import type { PodCondition } from "../../protocol/mod.ts";
import type { PodRow } from "./contract.ts";
import { timestamp } from "./timestamps.ts";

const evicted = "evicted by ";
const preempted = "preempted by ";
export const evictionReason = (by: string): string => `${evicted}${by}`;
export const preemptionReason = (whom: string): string => `${preempted}${whom}`;

/** It did not end by itself: its node was lost, booted again, or would not have it, or it made room for others. */
export const isDisrupted = (pod: PodRow): boolean =>
  pod.givenUp !== undefined || disruptionReason(pod) !== undefined;

/** Nothing for a pod that goes because somebody deleted it, or its owner wants fewer. */
export function disruptionTarget(pod: PodRow): PodCondition | undefined {
  const { deletion } = pod;
  const reason = disruptionReason(pod);
  if (!deletion || reason === undefined) return undefined;
  const lastTransitionTime = timestamp(deletion.requestedAt);
  return { type: "DisruptionTarget", status: "True", reason, message: deletion.reason, lastTransitionTime };
}

/** In Kubernetes' words. */
function disruptionReason({ deletion }: PodRow): string | undefined {
  if (!deletion) return undefined;
  if (deletion.reason.startsWith(evicted)) return "EvictionByEvictionAPI";
  if (deletion.reason.startsWith(preempted)) return "PreemptionByScheduler";
  if (deletion.reason === "TaintEviction" || deletion.reason === "NodeLost") return "DeletionByTaintManager";
  return undefined;
}
