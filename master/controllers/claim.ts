// Claims: each gets a volume (one that is there, or a new one), tells how it stands with it, and stays while it is used.
// Claims of a class with WaitForFirstConsumer are bound with their first pod, by the scheduler.
// Behaviour: https://kubernetes.io/docs/concepts/storage/persistent-volumes/

import {
  bindCompleted,
  claimProtection,
  type CommandEnvelope,
  sameValue,
  type StorageClass,
} from "../../protocol/mod.ts";
import {
  type ClusterState,
  isFinished,
  type NodeRow,
  type ObjectRow,
  type Reconcile,
} from "../cluster/mod.ts";
import {
  bestVolume,
  capacityOf,
  claimSpecOf,
  claimState,
  type ClaimStatus,
  classNameOf,
  defaultClassName,
  isKeptFor,
  isProvisioned,
  mismatch,
  provisionObstacle,
  provisionsOn,
  requestOf,
  storageClassNamed,
  volumeSpecOf,
  waitsForConsumer,
} from "../storage/mod.ts";
import { boundStatus, lostStatus, waitingStatus } from "./claim-status.ts";
import { type Order, ordering } from "./ordering.ts";

export const reconcileClaim: Reconcile = (state, uid, now) => {
  const claim = state.objectByUid(uid);
  if (claim?.ref.kind !== "PersistentVolumeClaim") return [];
  const order = ordering(state, "claim", uid);
  const tell = (status: ClaimStatus): readonly CommandEnvelope[] =>
    sameValue(claim.status, status)
      ? []
      : [order({ type: "UpdateStatus", object: claim.ref, status: { ...status } })];
  if (claim.deletion) return ending(state, claim, order);
  const { volumeName } = claimSpecOf(claim.value);
  const standing = claimState(state, claim);
  const wait = (reason: string, message: string): readonly CommandEnvelope[] =>
    tell(waitingStatus(claim, { reason, message, now }));
  switch (standing.type) {
    case "bound":
      return [...growing(claim, standing.volume, order), ...tell(boundStatus(claim, standing.volume))];
    case "unbound":
      return unbound({ state, claim, order, wait });
    case "missing":
      if (wasBound(claim)) return tell(lostStatus(claim, { volume: standing.name, now }));
      return wait("VolumeNotFound", `persistentvolume "${standing.name}" not found`);
    case "taken":
      if (wasBound(claim)) return tell(lostStatus(claim, { volume: volumeName ?? "", now }));
      return wait("FailedBinding", `volume "${volumeName}" already bound to a different claim.`);
    case "chosen":
      return chosen(claim, standing.volume, { order, wait });
  }
};

const wasBound = ({ value }: ObjectRow): boolean => value.metadata.annotations?.[bindCompleted] !== undefined;

type Wait = (reason: string, message: string) => readonly CommandEnvelope[];
interface Unbound {
  readonly state: ClusterState;
  readonly claim: ObjectRow;
  readonly order: Order;
  readonly wait: Wait;
}

/** It stays while a pod that has a node uses it, as Kubernetes protects it. */
function ending(state: ClusterState, claim: ObjectRow, order: Order): readonly CommandEnvelope[] {
  const { name, namespace = "" } = claim.ref;
  if (!claim.value.metadata.finalizers?.includes(claimProtection)) return [];
  for (const pod of state.podsUsingClaim(namespace, name)) {
    if (pod.node !== undefined && !isFinished(pod)) return [];
  }
  return [order({ type: "RemoveFinalizer", object: claim.ref, finalizer: claimProtection })];
}

/** Whoever made the claim named its volume. */
function chosen(
  claim: ObjectRow,
  volume: ObjectRow,
  { order, wait }: Pick<Unbound, "order" | "wait">,
): readonly CommandEnvelope[] {
  const problem = volume.deletion
    ? "it is being deleted"
    : isKeptFor(volume, claim)
      ? undefined
      : mismatch(claimSpecOf(claim.value), volumeSpecOf(volume.value));
  if (problem === undefined) return [order({ type: "BindClaim", claim: claim.ref, volume: volume.ref })];
  const message = `Cannot bind to requested volume "${volume.ref.name}": ${problem}`;
  return wait("VolumeMismatch", message);
}

function unbound(looking: Unbound): readonly CommandEnvelope[] {
  const { state, claim, order, wait } = looking;
  const spec = claimSpecOf(claim.value);
  const bind = (volume: ObjectRow): readonly CommandEnvelope[] => [
    order({ type: "BindClaim", claim: claim.ref, volume: volume.ref }),
  ];
  const kept = keptVolume(state, claim);
  if (kept) return bind(kept);
  if (spec.storageClassName === undefined) {
    const name = defaultClassName(state);
    if (name !== undefined) return [withClass(claim, name, order)];
  }
  const storageClass = storageClassNamed(state, classNameOf(spec));
  if (waitsForConsumer(storageClass)) {
    return wait("WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  }
  const free = bestVolume(spec, state.freeVolumes(classNameOf(spec)));
  if (free) return bind(free);
  const obstacle = provisionObstacle(storageClass, claim);
  if (obstacle !== undefined || !storageClass) {
    const reason =
      storageClass && obstacle?.startsWith("waiting") ? "ExternalProvisioning" : "ProvisioningFailed";
    return wait(classNameOf(spec) === "" ? "FailedBinding" : reason, obstacle ?? "");
  }
  const node = nodeFor(state, storageClass, claim);
  if (!node) return wait("ProvisioningFailed", "no node is ready that can make the volume");
  return [order({ type: "BindClaim", claim: claim.ref, node: node.name })];
}

/** A volume that names this claim: reserved for it by hand, or bound half-way. */
function keptVolume(state: ClusterState, claim: ObjectRow): ObjectRow | undefined {
  const { name, namespace = "" } = claim.ref;
  let best: ObjectRow | undefined;
  for (const volume of state.volumesFor(namespace, name)) {
    if (volume.deletion || !isKeptFor(volume, claim)) continue;
    if (mismatch(claimSpecOf(claim.value), volumeSpecOf(volume.value))) continue;
    if (!best || volume.ref.name < best.ref.name) best = volume;
  }
  return best;
}

/** A claim that named no class gets the default one also when that comes later. */
function withClass(claim: ObjectRow, storageClassName: string, order: Order): CommandEnvelope {
  const value = { ...claim.value, spec: { ...claimSpecOf(claim.value), storageClassName } };
  const reason = `storage class ${storageClassName} is the default now`;
  return order({ type: "ChangeObject", object: claim.ref, value, reason });
}

/** Without a pod that says where: a node that may have pods, different ones for different claims. */
function nodeFor(state: ClusterState, storageClass: StorageClass, claim: ObjectRow): NodeRow | undefined {
  const nodes = [...state.nodes()].filter(
    (node) =>
      node.state === "Ready" &&
      !node.unschedulable &&
      node.taints.length === 0 &&
      provisionsOn(storageClass, node),
  );
  nodes.sort((one, other) => (one.name < other.name ? -1 : 1));
  let hash = 0;
  for (const character of claim.ref.uid) hash = (hash * 31 + character.charCodeAt(0)) % 65_521;
  return nodes[hash % Math.max(1, nodes.length)];
}

/** The claim asks for more than its volume has, and was allowed to. */
function growing(claim: ObjectRow, volume: ObjectRow, order: Order): readonly CommandEnvelope[] {
  const { resources } = claimSpecOf(claim.value);
  const spec = volumeSpecOf(volume.value);
  const wanted = requestOf(claimSpecOf(claim.value));
  if (wanted <= capacityOf(spec) || !isProvisioned(spec)) return [];
  const storage = resources?.requests?.["storage"] ?? "0";
  const value = { ...volume.value, spec: { ...spec, capacity: { ...spec.capacity, storage } } };
  const reason = `grown for claim ${claim.ref.namespace ?? ""}/${claim.ref.name}`;
  return [order({ type: "ChangeObject", object: volume.ref, value, reason })];
}
