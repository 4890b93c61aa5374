// How many of an owner's pods there are, are ready, and are available. Finished ones and those on their way out
// do not count, as in Kubernetes.

import type { Uid } from "../../protocol/mod.ts";
import { type ClusterState, isFinished, type PodRow } from "../cluster/mod.ts";

export interface PodCounts {
  readonly active: number;
  readonly ready: number;
  /** Ready for at least `minReadySeconds`. */
  readonly available: number;
  /** Every pod that is still there, on its way out or not, and has not ended. */
  readonly running: number;
}

export function countPods(state: ClusterState, owner: Uid, minReadySeconds: number, now: number): PodCounts {
  let active = 0;
  let ready = 0;
  let available = 0;
  let running = 0;
  for (const pod of state.podsOwnedBy(owner)) {
    if (isFinished(pod)) continue;
    running++;
    if (pod.deletion) continue;
    active++;
    if (pod.ready) ready++;
    if (isAvailable(pod, minReadySeconds, now)) available++;
  }
  return { active, ready, available, running };
}

export const isAvailable = (
  { ready, readyAt, deletion }: PodRow,
  minReadySeconds: number,
  now: number,
): boolean => ready && !deletion && (readyAt ?? now) + minReadySeconds * 1000 <= now;
