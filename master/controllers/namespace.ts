// Empties a namespace that is being deleted, then removes it.

import { type CommandEnvelope, kinds } from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow, Reconcile } from "../cluster/mod.ts";
import { commandsPerReconcile, type Order, ordering } from "./ordering.ts";

export const reconcileNamespace: Reconcile = (state, uid) => {
  const row = state.objectByUid(uid);
  if (!row?.deletion || row.ref.kind !== "Namespace") return [];
  const order = ordering(state, "namespace", uid);
  const { commands, empty } = emptying(state, row.ref.name, order);
  if (!empty || (row.value.metadata.finalizers ?? []).some(isForeign)) return commands;
  return ownFinalizers(row, order).concat(
    order({ type: "RemoveObject", object: row.ref, reason: "namespace is empty" }),
  );
};

/** A user's. Those of the propagations have nothing to wait for: all that is in a namespace goes before it. */
const isForeign = (finalizer: string): boolean =>
  finalizer !== "foregroundDeletion" && finalizer !== "orphan";

function ownFinalizers(row: ObjectRow, order: Order): readonly CommandEnvelope[] {
  return (row.value.metadata.finalizers ?? []).map((finalizer) =>
    order({ type: "RemoveFinalizer", object: row.ref, finalizer }),
  );
}

/** Owners first, so that nothing makes new pods; pods get their grace. */
function emptying(
  state: ClusterState,
  namespace: string,
  order: Order,
): { readonly commands: readonly CommandEnvelope[]; readonly empty: boolean } {
  const reason = "namespace is being deleted";
  const commands: CommandEnvelope[] = [];
  let empty = true;
  for (const { kind, namespaced } of kinds) {
    if (!namespaced || kind === "Pod" || kind === "Endpoints") continue;
    for (const { ref, deletion } of state.objects(kind, namespace)) {
      empty = false;
      if (!deletion && commands.length < commandsPerReconcile) {
        commands.push(order({ type: "RemoveObject", object: ref, reason }));
      }
    }
  }
  // Those of services have gone with them.
  for (const { ref } of state.objects("Endpoints", namespace)) {
    empty = false;
    const service = state.object("Service", namespace, ref.name);
    if (!service && commands.length < commandsPerReconcile) {
      commands.push(order({ type: "RemoveObject", object: ref, reason }));
    }
  }
  for (const pod of state.pods(namespace)) {
    empty = false;
    if (pod.deletion || commands.length >= commandsPerReconcile) continue;
    commands.push(order({ type: "DeletePod", pod: pod.ref, reason }));
  }
  return { commands, empty };
}
