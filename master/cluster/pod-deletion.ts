// How a pod is deleted: at once where nothing runs or nobody can say, else by asking its node, with grace.

import type { BerthEvent, EventHeader } from "../../protocol/mod.ts";
import type { ClusterState, PodRow } from "./contract.ts";
import { mayRunStill } from "./identity.ts";
import { isFinished } from "./node-table.ts";

/** Kubernetes' default. */
export const defaultGraceSeconds = 30;

export interface PodDeletion {
  readonly reason: string;
  /** The pod's own terminationGracePeriodSeconds when absent; 0 is `force`. */
  readonly graceSeconds?: number | undefined;
  readonly force?: boolean | undefined;
  /** Its node says that nothing of it is left. */
  readonly gone?: boolean;
}

/** No events when it is being deleted already, and no sooner for this. */
export function podDeletion(
  state: ClusterState,
  header: EventHeader,
  pod: PodRow,
  { reason, graceSeconds, force, gone }: PodDeletion,
): readonly BerthEvent[] {
  const grace = graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? defaultGraceSeconds;
  // What must not run twice goes on proof alone, whoever is in a hurry.
  const atOnce =
    gone ||
    (!mayRunStill(state, pod, header.at) && (force || grace === 0 || !isRunning(state, pod, header.at)));
  const held = (pod.metadata.finalizers ?? []).length > 0;
  const object = pod.ref;
  if (atOnce && !held) return [{ ...header, type: "ObjectDeleted", object, reason }];
  const sooner = pod.deletion && graceSeconds !== undefined && graceSeconds < pod.deletion.graceSeconds;
  if (pod.deletion && !sooner) return [];
  return [
    {
      ...header,
      type: "DeletionRequested",
      object,
      propagation: "Background",
      gracePeriodSeconds: atOnce ? 0 : grace,
      reason,
    },
  ];
}

/**
 * Some agent has to stop it: it is bound to a node that is not lost, and not finished. What must not run twice may
 * run on a lost node still.
 */
export function isRunning(state: ClusterState, pod: PodRow, now = state.at): boolean {
  if (mayRunStill(state, pod, now)) return true;
  if (pod.node === undefined || isFinished(pod)) return false;
  const node = state.node(pod.node);
  return node !== undefined && node.state !== "Lost";
}
