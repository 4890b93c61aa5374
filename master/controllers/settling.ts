// Test fixture: runs the control loops until they are silent, with the simplest scheduler that can be.

import { type ClusterState, isFinished } from "../cluster/mod.ts";
import { type Given, report, runningStatus } from "../cluster/given.ts";
import { controllers } from "./mod.ts";

/** A dirty loop that is not silent after this many keys never will be. */
const maxKeys = 50_000;

/** Reconciles all that is dirty or due. Returns how many keys it took. */
export function settle(given: Given): number {
  const { state } = given;
  let taken = 0;
  for (;;) {
    state.dueBefore(given.now);
    const keys = state.takeDirty(16);
    if (keys.length === 0) return taken;
    for (const { controller, uid } of keys) {
      for (const envelope of controllers[controller](state, uid, given.now)) given.send(envelope);
    }
    taken += keys.length;
    if (taken > maxKeys) throw new Error("the control loops do not fall silent");
  }
}

/** Binds every waiting pod to the first node without taints that takes it. */
export function schedule(given: Given): void {
  for (const row of Array.from(given.state.podsWaiting())) {
    for (const node of given.state.nodes()) {
      if (node.taints.length > 0) continue;
      const command = {
        type: "BindPod",
        pod: row.ref,
        node: node.name,
        placement: { candidates: 1, refused: {}, scores: [] },
      } as const;
      if (!given.send({ by: "scheduler", command })) break;
    }
  }
}

/** Every bound pod runs and is ready; every pod that may be stopped is gone. */
export function runPods(given: Given): void {
  for (const row of Array.from(given.state.pods())) {
    if (row.node === undefined || given.state.node(row.node)?.state === "Lost") continue;
    if (row.deletion?.released) report(given, row, row.status, true);
    else if (!row.deletion && !isFinished(row) && !row.ready)
      report(given, row, runningStatus(addressOf(row.ref.uid)));
  }
}

/** Settle, schedule, run, let time pass to what is due next, until nothing is left to do. */
export function converge(given: Given): void {
  for (let round = 0; round < 100; round++) {
    const before = given.log.length;
    settle(given);
    schedule(given);
    runPods(given);
    settle(given);
    if (given.log.length > before) continue;
    const due = given.state.nextDueAt;
    if (due === undefined) return;
    given.now = Math.max(given.now, due);
  }
  throw new Error("the cluster does not converge");
}

const addressOf = (uid: string): string => {
  const number = Number(uid.replace(/\D/g, "")) % 62_000;
  return `10.42.${Math.floor(number / 250)}.${(number % 250) + 1}`;
};

export const activePods = (state: ClusterState): number =>
  [...state.pods()].filter((row) => !row.deletion && !isFinished(row)).length;
