// When somebody has to look at a pod again although nothing happens: derived from its row, so that a new leader
// computes the same.

import type { DirtyKey, ObjectRow, PodRow } from "./contract.ts";
import { isReplicator, replicatorSpecOf } from "./specs.ts";

/** Endpoints get this long to let go of a pod before its node may stop it all the same. */
export const terminationWaitMs = 2000;

export interface PodTimer {
  readonly due: number;
  readonly key: DirtyKey;
}

/** At most one: a pod on its way out is waited for, one that is ready becomes available after `minReadySeconds`. */
export function podTimer(row: PodRow, owner: ObjectRow | undefined): PodTimer | undefined {
  const { deletion, readyAt } = row;
  if (deletion) {
    if (deletion.released || !deletion.serving) return undefined;
    const key = { controller: "termination", uid: row.ref.uid } as const;
    return { due: deletion.requestedAt + terminationWaitMs, key };
  }
  if (readyAt === undefined || !owner || !isReplicator(owner.ref.kind)) return undefined;
  const seconds = replicatorSpecOf(owner.value).minReadySeconds;
  if (seconds === 0) return undefined;
  return { due: readyAt + seconds * 1000, key: { controller: "replication", uid: owner.ref.uid } };
}
