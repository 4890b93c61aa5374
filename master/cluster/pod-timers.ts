// When somebody has to look at a pod again although nothing happens: derived from its row, so that a new leader
// computes the same.

import type { DirtyKey, ObjectRow, PodRow } from "./contract.ts";
import { podController } from "./controlling.ts";
import { isFinished } from "./node-table.ts";
import { minReadySecondsOf } from "./specs.ts";

/** Endpoints get this long to let go of a pod before its node may stop it all the same. */
export const terminationWaitMs = 2000;

/** A daemon set's pod that has ended is replaced no sooner than this after it was made. */
export const daemonRetryMs = 10_000;

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
  const controller = owner && podController(owner.ref.kind);
  if (controller === "daemon-set" && owner && isFinished(row)) {
    return { due: row.createdAt + daemonRetryMs, key: { controller, uid: owner.ref.uid } };
  }
  if (readyAt === undefined || !owner || !controller) return undefined;
  const seconds = minReadySecondsOf(owner.value);
  if (seconds === 0) return undefined;
  return { due: readyAt + seconds * 1000, key: { controller, uid: owner.ref.uid } };
}
