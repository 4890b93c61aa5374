// Whom the claims of a stateful set's pods go with (persistentVolumeClaimRetentionPolicy).
// Kept by default: a pod that comes back under its name finds its data.

import type { CommandEnvelope, ObjectRef } from "../../protocol/mod.ts";
import { type ClusterState, controllerOf, type ObjectRow, type StatefulSetSpec } from "../cluster/mod.ts";
import { claimTemplateNames, statefulClaimName } from "./claim-templates.ts";
import { commandsPerReconcile, type Order } from "./ordering.ts";
import { startOf, type StatefulPods } from "./stateful-set-pods.ts";

/** With `Delete` a claim has the set, or the pod that is scaled away, as its owner; garbage collection does the rest. */
export function retentionCommands(
  state: ClusterState,
  row: ObjectRow,
  { spec, pods }: { readonly spec: StatefulSetSpec; readonly pods: StatefulPods },
  order: Order,
): readonly CommandEnvelope[] {
  const names = claimTemplateNames(spec);
  if (names.length === 0) return [];
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  const ofSet = whenDeleted === "Delete" ? row.ref : undefined;
  const commands: CommandEnvelope[] = [];
  const settle = (pod: string, owner: ObjectRef | undefined): void => {
    for (const name of names) {
      const claim = state.object("PersistentVolumeClaim", row.ref.namespace, statefulClaimName(name, pod));
      if (!claim || claim.deletion || commands.length >= commandsPerReconcile) continue;
      const before = controllerOf(claim.value.metadata.ownerReferences);
      if (before === owner?.uid || isStrangers(state, row, claim)) continue;
      const reason = owner ? `it goes with ${owner.kind} ${owner.name}` : "it is kept";
      commands.push(
        order({ type: "SetClaimOwner", claim: claim.ref, set: row.ref, ...(owner && { owner }), reason }),
      );
    }
  };
  for (const index of pods.replicas.keys()) settle(`${row.ref.name}-${startOf(spec) + index}`, ofSet);
  for (const pod of pods.condemned) settle(pod.ref.name, whenScaled === "Delete" ? pod.ref : ofSet);
  return commands;
}

/** Somebody else controls it: neither the set nor a pod of its. */
function isStrangers(state: ClusterState, { ref }: ObjectRow, claim: ObjectRow): boolean {
  const controller = controllerOf(claim.value.metadata.ownerReferences);
  if (controller === undefined || controller === ref.uid) return false;
  const pod = state.pod(controller);
  return pod ? pod.owner !== ref.uid : state.refOf(controller) !== undefined;
}
