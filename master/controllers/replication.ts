// Keeps as many pods as a ReplicationController or ReplicaSet asks for: makes, adopts, releases and removes them.
// Pods that are finished or on their way out do not count, as in Kubernetes.

import type { CommandEnvelope, Uid } from "../../protocol/mod.ts";
import {
  type ClusterState,
  isFinished,
  isReplicator,
  maxPodsPerCommand,
  type ObjectRow,
  type PodRow,
  type Reconcile,
  type ReplicatorSpec,
  replicatorSpecOf,
  selectorPredicate,
  withPriority,
} from "../cluster/mod.ts";
import { commandsPerReconcile, type Order, ordering } from "./ordering.ts";
import { statusCommands } from "./replication-status.ts";
import { victimsFirst } from "./victims.ts";

/** Finished pods that are kept for a look at their logs; older ones are deleted. Kubernetes has one limit for all. */
export const finishedPodsKept = 5;

export const reconcileReplication: Reconcile = (state, uid, now) => {
  const row = state.objectByUid(uid);
  if (!row || !isReplicator(row.ref.kind) || row.deletion) return [];
  const order = ordering(state, "replication", uid);
  const spec = replicatorSpecOf(row.value);
  const { active, finished, strangers } = ownPods(state, uid, spec);
  const orphans = orphansOf(state, row, spec);
  const refusal = active.length + orphans.length < spec.replicas ? whyNoPods(state, spec) : undefined;
  const commands = [
    ...strangers.map((pod) => order({ type: "ReleasePod", pod: pod.ref, owner: row.ref })),
    ...orphans.map((pod) => order({ type: "AdoptPod", pod: pod.ref, owner: row.ref })),
    ...countCommands(state, { row, spec, pods: [...active, ...orphans], refusal }, order),
    ...clearFinished(finished, order),
  ];
  // The status is told once the pods are as they should be, not at every step on the way.
  return commands.length > 0 ? commands : statusCommands({ row, spec, active, refusal, now }, order);
};

interface OwnPods {
  readonly active: readonly PodRow[];
  readonly finished: readonly PodRow[];
  /** Owned, but no longer selected. */
  readonly strangers: readonly PodRow[];
}

function ownPods(state: ClusterState, uid: Uid, spec: ReplicatorSpec): OwnPods {
  const matches = selectorPredicate(spec.selector);
  const active: PodRow[] = [];
  const finished: PodRow[] = [];
  const strangers: PodRow[] = [];
  for (const pod of state.podsOwnedBy(uid)) {
    if (pod.deletion) continue;
    if (!matches?.(pod.metadata.labels ?? {})) strangers.push(pod);
    else if (isFinished(pod)) finished.push(pod);
    else active.push(pod);
  }
  return { active, finished, strangers };
}

function orphansOf(state: ClusterState, row: ObjectRow, spec: ReplicatorSpec): readonly PodRow[] {
  const orphans: PodRow[] = [];
  for (const pod of state.podsSelected(row.ref.namespace ?? "", spec.selector)) {
    if (pod.owner === undefined && !pod.deletion && !isFinished(pod)) orphans.push(pod);
  }
  return orphans;
}

/** What the pods' priority class says against them: asking would only be refused. */
function whyNoPods(state: ClusterState, { template }: ReplicatorSpec): string | undefined {
  const found = template.spec && withPriority(state, template.spec);
  return found?.ok === false ? found.error.message : undefined;
}

interface Counted {
  readonly row: ObjectRow;
  readonly spec: ReplicatorSpec;
  readonly pods: readonly PodRow[];
  readonly refusal: string | undefined;
}

function countCommands(
  state: ClusterState,
  { row, spec, pods, refusal }: Counted,
  order: Order,
): readonly CommandEnvelope[] {
  const missing = spec.replicas - pods.length;
  if (missing > 0) {
    // Making them marks this key again, so that the rest follows.
    const count = Math.min(missing, maxPodsPerCommand);
    const reason = `${pods.length} of ${spec.replicas} replicas`;
    return refusal === undefined && mayCreate(state, row)
      ? [order({ type: "CreatePods", owner: row.ref, count, reason })]
      : [];
  }
  if (missing === 0) return [];
  const reason = `${pods.length} of ${spec.replicas} replicas: scaled down`;
  return victimsFirst(state, pods)
    .slice(0, Math.min(-missing, commandsPerReconcile))
    .map((pod) => order({ type: "DeletePod", pod: pod.ref, reason }));
}

/** A terminating namespace refuses new pods: asking would only be refused. */
function mayCreate(state: ClusterState, { ref }: ObjectRow): boolean {
  const namespace = state.object("Namespace", undefined, ref.namespace ?? "");
  return namespace !== undefined && !namespace.deletion;
}

function clearFinished(finished: readonly PodRow[], order: Order): readonly CommandEnvelope[] {
  if (finished.length <= finishedPodsKept) return [];
  const newestFirst = finished.toSorted((left, right) => (right.born ?? 0) - (left.born ?? 0));
  return newestFirst
    .slice(finishedPodsKept)
    .map((pod) => order({ type: "DeletePod", pod: pod.ref, reason: "finished, and newer ones are kept" }));
}
