// Volumes: whose they are, what becomes of them when their claim is gone, and how long they stay. The data of a volume
// that was made here is deleted by its node alone, and its object goes on that node's word.

import { type CommandEnvelope, hasData, sameValue, volumeProtection } from "../../protocol/mod.ts";
import { type ClusterState, isFinished, type ObjectRow, type Reconcile, timestamp } from "../cluster/mod.ts";
import {
  claimSpecOf,
  homeOf,
  isProvisioned,
  volumeSpecOf,
  type VolumeStatus,
  volumeStatusOf,
} from "../storage/mod.ts";
import { type Order, ordering } from "./ordering.ts";

export const reconcileVolume: Reconcile = (state, uid, now) => {
  const volume = state.objectByUid(uid);
  if (volume?.ref.kind !== "PersistentVolume") return [];
  const order = ordering(state, "volume", uid);
  const standing = standingOf(state, volume);
  const commands: CommandEnvelope[] = [];
  const status = { ...standing, ...transition(volume, standing, now) };
  if (!sameValue(volume.status, status)) {
    commands.push(order({ type: "UpdateStatus", object: volume.ref, status }));
  }
  if (volume.deletion && mayGo(state, volume, standing) && isProtected(volume)) {
    commands.push(order({ type: "RemoveFinalizer", object: volume.ref, finalizer: volumeProtection }));
  } else if (!volume.deletion && standing.phase === "Bound") {
    commands.push(...noteData(state, volume, order));
  }
  return commands;
};

const isProtected = ({ value }: ObjectRow): boolean =>
  value.metadata.finalizers?.includes(volumeProtection) === true;

/** The time at which a phase began. */
function transition(volume: ObjectRow, { phase }: VolumeStatus, now: number): VolumeStatus {
  const { phase: before, lastPhaseTransitionTime: since } = volumeStatusOf(volume);
  return { lastPhaseTransitionTime: before === phase && since ? since : timestamp(now) };
}

function standingOf(state: ClusterState, volume: ObjectRow): VolumeStatus {
  const { claimRef } = volumeSpecOf(volume.value);
  // Without a uid it is kept for whoever makes a claim of the name.
  if (!claimRef?.uid) return { phase: "Available" };
  const claim = state.object("PersistentVolumeClaim", claimRef.namespace, claimRef.name ?? "");
  if (claim?.ref.uid === claimRef.uid) {
    const { volumeName } = claimSpecOf(claim.value);
    if (!volumeName) return { phase: "Available" };
    if (volumeName === volume.ref.name) return { phase: "Bound" };
  }
  return released(state, volume);
}

function released(state: ClusterState, volume: ObjectRow): VolumeStatus {
  const spec = volumeSpecOf(volume.value);
  if (spec.persistentVolumeReclaimPolicy !== "Delete") return { phase: "Released" };
  if (!isProvisioned(spec)) {
    const message = `error getting deleter volume plugin for volume "${volume.ref.name}": no deletable volume plugin matched`;
    return { phase: "Failed", reason: failedDelete, message };
  }
  const home = homeOf(spec);
  if (home === undefined || !state.node(home)) {
    const message = `node ${home ?? "?"} is not in the cluster: nobody can delete the data; delete the volume by hand`;
    return { phase: "Failed", reason: "NodeNotFound", message };
  }
  // What its node said of a try stands until the next one.
  const { phase, reason, message = "" } = volumeStatusOf(volume);
  return phase === "Failed" && reason === failedDelete ? { phase, reason, message } : { phase: "Released" };
}

/** As a node's word is stored, too. */
const failedDelete = "VolumeFailedDelete";

/** Not while a claim has it, and not before its node has deleted what it is to delete. */
function mayGo(state: ClusterState, volume: ObjectRow, { phase }: VolumeStatus): boolean {
  if (phase === "Bound") return false;
  const spec = volumeSpecOf(volume.value);
  if (phase === "Available" || spec.persistentVolumeReclaimPolicy !== "Delete") return true;
  const home = homeOf(spec);
  return !isProvisioned(spec) || home === undefined || !state.node(home);
}

/** Once a pod ran with it there is something to lose: from then on its node must find it, and does not begin anew. */
function noteData(state: ClusterState, volume: ObjectRow, order: Order): readonly CommandEnvelope[] {
  const { value, ref } = volume;
  const { metadata } = value;
  const { claimRef } = volumeSpecOf(value);
  if (metadata.annotations?.[hasData] !== undefined || !isProvisioned(volumeSpecOf(value))) return [];
  for (const pod of state.podsUsingClaim(claimRef?.namespace ?? "", claimRef?.name ?? "")) {
    if (pod.status.phase !== "Running" && !isFinished(pod)) continue;
    const annotations = { ...metadata.annotations, [hasData]: "true" };
    const next = { ...value, metadata: { ...metadata, annotations } };
    const reason = `has data now: pod ${pod.ref.namespace}/${pod.ref.name} ran with it`;
    return [order({ type: "ChangeObject", object: ref, value: next, reason })];
  }
  return [];
}
