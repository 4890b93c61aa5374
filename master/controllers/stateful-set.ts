// Stateful sets: pods with names that stay, made and changed in order. A name is there at most once: its pod's row
// goes only on proof that nothing of it runs, and nothing is made while the row is there.
// Behaviour: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/

import { type CommandEnvelope, sameValue } from "../../protocol/mod.ts";
import {
  type ClusterState,
  type ObjectRow,
  type Reconcile,
  statefulSetSpecOf,
  statefulSetStatusOf,
} from "../cluster/mod.ts";
import { type Order, ordering } from "./ordering.ts";
import { revisionOf, statefulPods, type StatefulPods } from "./stateful-set-pods.ts";
import { retentionCommands } from "./stateful-set-claims.ts";
import { oldRevisions, revisionsOf } from "./controller-revisions.ts";
import { stepCommands } from "./stateful-set-steps.ts";
import { statefulStatus } from "./stateful-set-status.ts";

export const reconcileStatefulSet: Reconcile = (state, uid, now) => {
  const row = state.objectByUid(uid);
  if (!row || row.ref.kind !== "StatefulSet" || row.deletion) return [];
  const order = ordering(state, "stateful-set", uid);
  const spec = statefulSetSpecOf(row.value);
  const revisions = revisionsOf(state, row, spec, order);
  if (revisions.commands.length > 0) return mayCreate(state, row) ? revisions.commands : [];
  const pods = statefulPods(state, row, spec);
  const owners = ownerCommands(row, pods, order);
  if (owners.length > 0) return owners;
  const updateRevision = revisions.update;
  const { currentRevision = updateRevision } = statefulSetStatusOf(row);
  // A current revision that is gone cannot be gone back to.
  const known = revisions.kept.some(({ ref }) => ref.name === currentRevision);
  const view = {
    row,
    spec,
    pods,
    currentRevision: known ? currentRevision : updateRevision,
    updateRevision,
    collisions: revisions.collisions,
    now,
  };
  const retention = retentionCommands(state, row, view, order);
  const steps = mayCreate(state, row) ? stepCommands(view, order) : [];
  if (steps.length > 0) return [...retention, ...steps];
  const status = statefulStatus(state, view);
  const live = new Set([updateRevision, status.currentRevision, ...pods.all.map(revisionOf)]);
  const old = oldRevisions(revisions, live, spec.revisionHistoryLimit ?? 10, order);
  if (sameValue(row.status, status)) return [...retention, ...old];
  return [...retention, ...old, order({ type: "UpdateStatus", object: row.ref, status: { ...status } })];
};

const ownerCommands = (
  { ref }: ObjectRow,
  { strangers, orphans }: StatefulPods,
  order: Order,
): readonly CommandEnvelope[] => [
  ...strangers.map((pod) => order({ type: "ReleasePod", pod: pod.ref, owner: ref })),
  ...orphans.map((pod) => order({ type: "AdoptPod", pod: pod.ref, owner: ref })),
];

/** A terminating namespace refuses what is new: asking would only be refused. */
function mayCreate(state: ClusterState, { ref }: ObjectRow): boolean {
  const namespace = state.object("Namespace", undefined, ref.namespace ?? "");
  return namespace !== undefined && !namespace.deletion;
}
