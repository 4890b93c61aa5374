// Owners and dependents: what an owner's end means for those that name it, and when an owner may go.
// Its key is the uid of an owner (gone, or being deleted) or of a dependent whose owner never was.

import type { CommandEnvelope, ObjectRef, OwnerReference, Uid } from "../../protocol/mod.ts";
import {
  type ClusterState,
  foregroundFinalizer,
  type ObjectRow,
  orphanFinalizer,
  type Reconcile,
} from "../cluster/mod.ts";
import { commandsPerReconcile, type Order, ordering } from "./ordering.ts";

export const reconcileGarbage: Reconcile = (state, uid) => {
  const order = ordering(state, "garbage", uid);
  const row = state.objectByUid(uid);
  if (row?.deletion) return ending(state, row, order);
  const ref = state.refOf(uid);
  return ref ? orphaned(state, ref, order) : afterOwner(state, uid, order);
};

const ownersOf = (state: ClusterState, { uid }: ObjectRef): readonly OwnerReference[] =>
  (state.pod(uid)?.metadata ?? state.objectByUid(uid)?.value.metadata)?.ownerReferences ?? [];

/** Finalizers that a user set are the user's to remove. */
function ending(state: ClusterState, row: ObjectRow, order: Order): readonly CommandEnvelope[] {
  const finalizers = row.value.metadata.finalizers ?? [];
  if (finalizers.includes(orphanFinalizer)) return orphan(state, row, order);
  if (finalizers.includes(foregroundFinalizer)) return foreground(state, row, order);
  if (finalizers.length > 0 || row.ref.kind === "Namespace") return [];
  return [order({ type: "RemoveObject", object: row.ref, reason: "nothing holds it any more" })];
}

function orphan(state: ClusterState, { ref }: ObjectRow, order: Order): readonly CommandEnvelope[] {
  const commands: CommandEnvelope[] = [];
  for (const dependent of state.dependents(ref.uid)) {
    if (commands.length >= commandsPerReconcile) return commands;
    commands.push(order({ type: "ReleasePod", pod: dependent, owner: ref }));
  }
  return [...commands, order({ type: "RemoveFinalizer", object: ref, finalizer: orphanFinalizer })];
}

/** Dependents go first; those that do not block may be on their way still when the owner goes. */
function foreground(state: ClusterState, { ref }: ObjectRow, order: Order): readonly CommandEnvelope[] {
  const commands: CommandEnvelope[] = [];
  let blocked = false;
  for (const dependent of state.dependents(ref.uid)) {
    const owners = ownersOf(state, dependent);
    const blocks = owners.some(
      ({ uid, blockOwnerDeletion }) => uid === ref.uid && blockOwnerDeletion === true,
    );
    const others = owners.filter(({ uid }) => uid !== ref.uid && state.refOf(uid as Uid) !== undefined);
    if (blocks && others.length === 0) blocked = true;
    if (commands.length >= commandsPerReconcile) {
      blocked = true;
      break;
    }
    const command = others.length > 0 ? undefined : dependentGoes(state, dependent, order);
    if (command) commands.push(command);
  }
  if (blocked) return commands;
  return [...commands, order({ type: "RemoveFinalizer", object: ref, finalizer: foregroundFinalizer })];
}

function dependentGoes(state: ClusterState, dependent: ObjectRef, order: Order): CommandEnvelope | undefined {
  const reason = "owner is being deleted";
  const pod = state.pod(dependent.uid);
  if (pod) return pod.deletion ? undefined : order({ type: "DeletePod", pod: dependent, reason });
  if (state.objectByUid(dependent.uid)?.deletion) return undefined;
  const { kind, namespace, name, uid } = dependent;
  return order({
    type: "DeleteObject",
    kind,
    ...(namespace !== undefined && { namespace }),
    name,
    propagation: "Foreground",
    preconditions: { uid },
  });
}

/** Background: the owner is gone, its dependents follow unless someone else owns them as well. */
function afterOwner(state: ClusterState, uid: Uid, order: Order): readonly CommandEnvelope[] {
  const commands: CommandEnvelope[] = [];
  for (const dependent of state.dependents(uid)) {
    const reference = ownersOf(state, dependent).find((owner) => owner.uid === uid);
    commands.push(...withoutOwner(state, dependent, reference, order));
    if (commands.length >= commandsPerReconcile) break;
  }
  return commands;
}

function orphaned(state: ClusterState, ref: ObjectRef, order: Order): readonly CommandEnvelope[] {
  const missing = ownersOf(state, ref).find(({ uid }) => state.refOf(uid as Uid) === undefined);
  return missing ? withoutOwner(state, ref, missing, order) : [];
}

function withoutOwner(
  state: ClusterState,
  dependent: ObjectRef,
  missing: OwnerReference | undefined,
  order: Order,
): readonly CommandEnvelope[] {
  if (!missing) return [];
  const { kind, name, uid } = missing;
  const lives = ownersOf(state, dependent).some((owner) => state.refOf(owner.uid as Uid) !== undefined);
  if (lives) {
    return [order({ type: "ReleasePod", pod: dependent, owner: { kind, name, uid: uid as Uid } })];
  }
  const reason = `owner ${kind} ${name} is gone`;
  if (state.pod(dependent.uid)) {
    return state.pod(dependent.uid)?.deletion ? [] : [order({ type: "DeletePod", pod: dependent, reason })];
  }
  return state.objectByUid(dependent.uid)?.deletion
    ? []
    : [order({ type: "RemoveObject", object: dependent, reason })];
}
