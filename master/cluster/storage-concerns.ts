// Whom changes of volumes, claims, storage classes and of the pods that use claims concern.

import type { Position, Uid } from "../../protocol/mod.ts";
import { claimSpecOf, claimUsesOf, classNameOf, usesClaims, volumeSpecOf } from "../storage/mod.ts";
import type { ClusterTables } from "./cluster-tables.ts";
import type { NodeRow, ObjectRow, PodRow } from "./contract.ts";
import { isFinished } from "./node-table.ts";

export function storageConcerns(
  cluster: ClusterTables,
  before: ObjectRow | undefined,
  after: ObjectRow | undefined,
  position: Position,
): void {
  const row = after ?? before;
  if (!row) return;
  const changed = before?.value !== after?.value || before?.deletion !== after?.deletion;
  const { kind } = row.ref;
  if (kind === "PersistentVolumeClaim" && changed) claimConcerns(cluster, before, after, position);
  else if (kind === "PersistentVolume" && changed) volumeConcerns(cluster, before, after, position);
  else if (kind === "StorageClass" && changed) unboundConcerns(cluster, undefined, position);
}

function claimConcerns(
  cluster: ClusterTables,
  before: ObjectRow | undefined,
  after: ObjectRow | undefined,
  position: Position,
): void {
  const row = after ?? before;
  if (!row) return;
  const { uid, name, namespace = "" } = row.ref;
  if (after) cluster.dirty.mark("claim", uid, position, "strong");
  for (const side of [before, after]) {
    const { volumeName } = side ? claimSpecOf(side.value) : {};
    const volume = volumeName ? cluster.object("PersistentVolume", undefined, volumeName) : undefined;
    if (volume) cluster.dirty.mark("volume", volume.ref.uid, position, "strong");
  }
  for (const { ref } of cluster.volumesFor(namespace, name)) {
    cluster.dirty.mark("volume", ref.uid, position, "strong");
  }
  if (before && after) return;
  for (const pod of cluster.podsUsingClaim(namespace, name)) {
    if (!after) cluster.dirty.mark("pod-claims", pod.ref.uid, position, "strong");
    // It may have to say whom the new claim goes with.
    const set = pod.owner === undefined ? undefined : cluster.objectByUid(pod.owner);
    if (after && set?.ref.kind === "StatefulSet") {
      cluster.dirty.mark("stateful-set", set.ref.uid, position, "weak");
    }
  }
}

function volumeConcerns(
  cluster: ClusterTables,
  before: ObjectRow | undefined,
  after: ObjectRow | undefined,
  position: Position,
): void {
  if (after) cluster.dirty.mark("volume", after.ref.uid, position, "strong");
  for (const side of [before, after]) {
    const { claimRef } = side ? volumeSpecOf(side.value) : {};
    const claim =
      claimRef && cluster.object("PersistentVolumeClaim", claimRef.namespace, claimRef.name ?? "");
    if (claim) cluster.dirty.mark("claim", claim.ref.uid, position, "strong");
  }
  const name = (after ?? before)?.ref.name;
  if (!before || !after) {
    for (const uid of cluster.claimsNaming(name ?? "")) cluster.dirty.mark("claim", uid, position, "strong");
  }
  if (after && !volumeSpecOf(after.value).claimRef) {
    unboundConcerns(cluster, classNameOf(volumeSpecOf(after.value)), position);
  }
}

function unboundConcerns(cluster: ClusterTables, storageClass: string | undefined, position: Position): void {
  for (const uid of cluster.unboundClaims(storageClass)) cluster.dirty.mark("claim", uid, position, "weak");
}

/** Hot: most pods use no claims. */
export function storagePodConcerns(
  cluster: ClusterTables,
  before: PodRow | undefined,
  after: PodRow | undefined,
  position: Position,
): void {
  const row = after ?? before;
  if (!row || !usesClaims(row.spec)) return;
  if (after && after.node === undefined && before?.spec !== after.spec) {
    cluster.dirty.mark("pod-claims", after.ref.uid, position, "strong");
  }
  const ended = !after || (isFinished(after) && before && !isFinished(before));
  const ran = before !== undefined && after !== undefined && before.status.phase !== after.status.phase;
  if (!ended && !ran) return;
  for (const { claim: name } of claimUsesOf(row)) {
    const claim = cluster.object("PersistentVolumeClaim", row.ref.namespace, name);
    if (claim?.deletion && ended) cluster.dirty.mark("claim", claim.ref.uid, position, "strong");
    const { volumeName } = claim ? claimSpecOf(claim.value) : {};
    const volume = volumeName ? cluster.object("PersistentVolume", undefined, volumeName) : undefined;
    if (volume && ran) cluster.dirty.mark("volume", volume.ref.uid, position, "weak");
  }
}

/** A node that comes may make volumes; when one goes nobody can delete what is on it. */
export function storageNodeConcerns(
  cluster: ClusterTables,
  before: NodeRow | undefined,
  after: NodeRow | undefined,
  position: Position,
): void {
  if (before?.state === after?.state && (before === undefined) === (after === undefined)) return;
  if (after?.state === "Ready") unboundConcerns(cluster, undefined, position);
  const name = (after ?? before)?.name;
  if (name === undefined || (before && after)) return;
  for (const { ref } of cluster.volumesToDelete(name))
    cluster.dirty.mark("volume", ref.uid, position, "strong");
}

/** Of volumes, claims and the pods that wait for them: what a new leader goes through. */
export function* storageKeys(
  cluster: ClusterTables,
): Iterable<{ readonly controller: "claim" | "volume" | "pod-claims"; readonly uid: Uid }> {
  for (const { ref } of cluster.objects("PersistentVolumeClaim")) yield { controller: "claim", uid: ref.uid };
  for (const { ref } of cluster.objects("PersistentVolume")) yield { controller: "volume", uid: ref.uid };
  for (const pod of cluster.podsWaiting()) {
    if (usesClaims(pod.spec)) yield { controller: "pod-claims", uid: pod.ref.uid };
  }
}
