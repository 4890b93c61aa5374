// What invariants about controllers look at: the living pods of an owner, and which of them are available.

import type { ObjectRow, PodRow } from "../../../master/cluster/contract.ts";
import { isFinished } from "../../../master/cluster/mod.ts";
import type { Positioned, Uid } from "../../../protocol/mod.ts";
import type { SimCluster } from "../cluster/sim-cluster.ts";

export const livingOf = ({ oracle }: SimCluster, owner: Uid): readonly PodRow[] =>
  [...oracle.state.podsOwnedBy(owner)].filter((pod) => !pod.deletion && !isFinished(pod));

export const isAvailable = ({ ready, readyAt }: PodRow, minReadySeconds: number, now: number): boolean =>
  ready && (readyAt ?? now) + minReadySeconds * 1000 <= now;

/** The pod that this event takes away, if a controller of this name does it and the pod is not ended already. */
export function takenAway(
  { oracle: { state } }: SimCluster,
  event: Positioned,
  controller: string,
): { readonly pod: PodRow; readonly owner: ObjectRow } | undefined {
  const takes = event.type === "DeletionRequested" || event.type === "ObjectDeleted";
  if (!takes || event.by !== `controller:${controller}`) return undefined;
  const pod = state.pod(event.object.uid);
  const owner = pod?.owner && state.objectByUid(pod.owner);
  if (!pod || pod.deletion || isFinished(pod) || !owner || owner.deletion) return undefined;
  return { pod, owner };
}
