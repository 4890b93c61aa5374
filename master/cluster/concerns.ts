// Whom a change concerns: marks the keys of the controllers that have to look again.
// Marking too much costs a reconcile that does nothing; marking too little would be a missed change.

import type { NodeName, Position, Uid } from "../../protocol/mod.ts";
import type { ClusterTables } from "./cluster-tables.ts";
import type { DirtyKey, NodeRow, ObjectRow, PodRow } from "./contract.ts";
import { batchConcerns, nameConcerns, trackedPodConcerns } from "./batch-concerns.ts";
import { configConcerns } from "./config-concerns.ts";
import { followsConfigs } from "./config-hash.ts";
import { controllerOf, podController } from "./controlling.ts";
import type { CauseWeight } from "./dirty-keys.ts";
import type { LabelSet } from "./label-sets.ts";
import { isFinished } from "./node-table.ts";
import { isReplicator, keepsPods, templateOf } from "./specs.ts";
import { storageConcerns, storageKeys, storageNodeConcerns, storagePodConcerns } from "./storage-concerns.ts";

export interface PodChange {
  readonly before: PodRow | undefined;
  readonly after: PodRow | undefined;
  /** Label sets it was and is in. */
  readonly from: LabelSet | undefined;
  readonly to: LabelSet | undefined;
}

export function podConcerns(cluster: ClusterTables, change: PodChange, position: Position): void {
  const { before, after } = change;
  trackedPodConcerns(cluster, change, position);
  storagePodConcerns(cluster, before, after, position);
  if (before && !after) nameConcerns(cluster, before, position);
  const structural =
    !before || !after || before.deletion !== after.deletion || isFinished(before) !== isFinished(after);
  const moved = structural || before.node !== after.node || change.from !== change.to;
  if (moved || before.ready !== after.ready || before.owner !== after.owner) {
    replicationConcerns(cluster, change, position, structural);
  }
  if (
    structural ||
    change.from !== change.to ||
    before.ready !== after.ready ||
    before.owner !== after.owner
  ) {
    budgetConcerns(cluster, change, position);
  }
  if (moved || before.ready !== after.ready || before.status.podIP !== after.status.podIP) {
    if (before?.status.podIP || after?.status.podIP) endpointsConcerns(cluster, change, position, structural);
  }
  if (after?.deletion && moved) cluster.dirty.mark("termination", after.ref.uid, position, "strong");
  else if (after?.deletion && before?.deletion !== after.deletion) {
    cluster.dirty.mark("termination", after.ref.uid, position, "weak");
  }
  if (structural && (!before || !after)) comingAndGoing(cluster, before ?? after, !after, position);
  if (moved) nodeOfPod(cluster, after?.node ?? before?.node, position);
}

/** Only where pods can't stay: a lost node, or one whose taints evict. */
function nodeOfPod(cluster: ClusterTables, name: NodeName | undefined, position: Position): void {
  const node = name === undefined ? undefined : cluster.node(name);
  if (!node) return;
  if (node.state === "Lost" || node.taints.some(({ effect }) => effect === "NoExecute")) {
    cluster.dirty.mark("node-pods", node.ref.uid, position, "weak");
  }
}

function replicationConcerns(
  cluster: ClusterTables,
  change: PodChange,
  position: Position,
  strong: boolean,
): void {
  const { before, after, to } = change;
  const weight = strong ? "strong" : "weak";
  if (before?.owner !== undefined) markPodsOf(cluster, before.owner, position, weight);
  if (after?.owner !== before?.owner) {
    if (after?.owner !== undefined) markPodsOf(cluster, after.owner, position, weight);
    // A deployment that recreates its pods waits until the old ones are gone; and one counts its pods itself, while its
    // replica set tells nothing of one that was replaced in the same turn.
    for (const row of [before, after])
      if (row?.owner !== undefined) markDeploymentOf(cluster, row.owner, position);
  }
  if (!after || after.owner !== undefined || !to) return;
  for (const uid of to.selectedBy("Replicator")) markPodsOf(cluster, uid, position, weight);
}

function markPodsOf(cluster: ClusterTables, owner: Uid, position: Position, weight: CauseWeight): void {
  const kind = cluster.objectByUid(owner)?.ref.kind;
  const controller = kind === undefined ? undefined : podController(kind);
  if (controller) cluster.dirty.mark(controller, owner, position, weight);
}

function markDeploymentOf(cluster: ClusterTables, replicaSet: Uid, position: Position): void {
  const row = cluster.objectByUid(replicaSet);
  const owner = row && controllerOf(row.value.metadata.ownerReferences);
  if (owner !== undefined && cluster.objectByUid(owner)?.ref.kind === "Deployment") {
    cluster.dirty.mark("deployment", owner, position, "weak");
  }
}

function endpointsConcerns(
  cluster: ClusterTables,
  { from, to }: PodChange,
  position: Position,
  strong: boolean,
): void {
  const weight = strong ? "strong" : "weak";
  for (const uid of to?.selectedBy("Service") ?? []) cluster.dirty.mark("endpoints", uid, position, weight);
  if (from === to) return;
  for (const uid of from?.selectedBy("Service") ?? []) cluster.dirty.mark("endpoints", uid, position, weight);
}

/** What a budget allows follows from the health of its pods. */
function budgetConcerns(cluster: ClusterTables, { from, to }: PodChange, position: Position): void {
  for (const uid of to?.selectedBy("Budget") ?? []) cluster.dirty.mark("disruption", uid, position, "weak");
  if (from === to) return;
  for (const uid of from?.selectedBy("Budget") ?? []) cluster.dirty.mark("disruption", uid, position, "weak");
}

/** Something appeared or is gone: its owners, its dependents and its namespace may wait for that. */
function comingAndGoing(
  cluster: ClusterTables,
  row: PodRow | ObjectRow | undefined,
  gone: boolean,
  position: Position,
): void {
  if (!row) return;
  const metadata = "metadata" in row ? row.metadata : row.value.metadata;
  for (const { uid } of metadata.ownerReferences ?? []) {
    const owner = cluster.objectByUid(uid as Uid);
    if (gone ? owner?.deletion : !cluster.refOf(uid as Uid)) {
      cluster.dirty.mark("garbage", gone ? (uid as Uid) : row.ref.uid, position, "strong");
    }
  }
  if (!gone) return;
  for (const _ of cluster.dependents(row.ref.uid)) {
    cluster.dirty.mark("garbage", row.ref.uid, position, "strong");
    break;
  }
  if (row.ref.namespace === undefined) return;
  const namespace = cluster.object("Namespace", undefined, row.ref.namespace);
  if (namespace?.deletion) cluster.dirty.mark("namespace", namespace.ref.uid, position, "weak");
}

export function objectConcerns(
  cluster: ClusterTables,
  before: ObjectRow | undefined,
  after: ObjectRow | undefined,
  position: Position,
): void {
  const row = after ?? before;
  if (!row) return;
  const { kind, uid } = row.ref;
  // First: what restarts for its configs has its template before its own controller looks.
  configConcerns(cluster, before, after, position);
  batchConcerns(cluster, before, after, position);
  storageConcerns(cluster, before, after, position);
  if (kind === "ReplicaSet") rolloutConcerns(cluster, before, after, position);
  if (before?.value !== after?.value) scaleConcerns(cluster, row, position);
  if (kind === "PriorityClass" && !before) classConcerns(cluster, row.ref.name, position);
  if (after && before?.value === after.value && before.deletion === after.deletion) return;
  if (after && isReplicator(kind)) cluster.dirty.mark("replication", uid, position, "strong");
  if (after && kind === "Deployment") cluster.dirty.mark("deployment", uid, position, "strong");
  if (after && kind === "DaemonSet") cluster.dirty.mark("daemon-set", uid, position, "strong");
  if (after && kind === "Service") cluster.dirty.mark("endpoints", uid, position, "strong");
  if (after?.deletion && kind === "Namespace") cluster.dirty.mark("namespace", uid, position, "strong");
  else if (after?.deletion) cluster.dirty.mark("garbage", uid, position, "strong");
  if (!before || !after) comingAndGoing(cluster, row, !after, position);
  else if (before.value.metadata.ownerReferences !== after.value.metadata.ownerReferences) {
    comingAndGoing(cluster, after, false, position);
  }
  if (!before || !after) orphanConcerns(cluster, row, !after, position);
}

/** Budgets count what their pods' owners ask for; there are few of them in a namespace. */
function scaleConcerns(cluster: ClusterTables, { ref }: ObjectRow, position: Position): void {
  if (ref.kind === "PodDisruptionBudget") cluster.dirty.mark("disruption", ref.uid, position, "strong");
  if (!keepsPods(ref.kind) && ref.kind !== "Deployment") return;
  for (const budget of cluster.objects("PodDisruptionBudget", ref.namespace)) {
    cluster.dirty.mark("disruption", budget.ref.uid, position, "weak");
  }
}

/** Pods of templates that name a priority class are refused until it is there. */
function classConcerns(cluster: ClusterTables, name: string, position: Position): void {
  for (const { ref, value } of cluster.everyObject()) {
    const controller = podController(ref.kind);
    if (!controller || templateOf(value)?.spec?.priorityClassName !== name) continue;
    cluster.dirty.mark(controller, ref.uid, position, "strong");
  }
}

/** Whatever happens to a replica set concerns its deployment, its status too; one without an owner may be adopted. */
function rolloutConcerns(
  cluster: ClusterTables,
  before: ObjectRow | undefined,
  after: ObjectRow | undefined,
  position: Position,
): void {
  const owners = [before, after].map((row) => row && controllerOf(row.value.metadata.ownerReferences));
  for (const owner of new Set(owners)) {
    if (owner === undefined || cluster.objectByUid(owner)?.ref.kind !== "Deployment") continue;
    cluster.dirty.mark("deployment", owner, position, before && after ? "weak" : "strong");
  }
  if (!after || owners[1] !== undefined || before?.value === after.value) return;
  for (const deployment of cluster.objects("Deployment", after.ref.namespace)) {
    cluster.dirty.mark("deployment", deployment.ref.uid, position, "weak");
  }
}

/** A replicator that goes leaves pods that another may adopt; a Service or Endpoints that comes or goes, its twin. */
function orphanConcerns(cluster: ClusterTables, row: ObjectRow, gone: boolean, position: Position): void {
  const { kind, namespace, name } = row.ref;
  if (kind === "Endpoints" && gone) {
    const service = cluster.object("Service", namespace, name);
    if (service) cluster.dirty.mark("endpoints", service.ref.uid, position, "weak");
  }
  if (kind === "Namespace" && gone) return;
  const terminating = namespace === undefined ? undefined : cluster.object("Namespace", undefined, namespace);
  if (!gone && terminating?.deletion) cluster.dirty.mark("namespace", terminating.ref.uid, position, "weak");
}

export function nodeConcerns(
  cluster: ClusterTables,
  before: NodeRow | undefined,
  after: NodeRow | undefined,
  position: Position,
): void {
  const row = after ?? before;
  if (!row) return;
  storageNodeConcerns(cluster, before, after, position);
  if (
    before?.state !== after?.state ||
    before?.taints !== after?.taints ||
    before?.fenced !== after?.fenced ||
    before?.observed?.conditions !== after?.observed?.conditions
  ) {
    cluster.dirty.mark("node-pods", row.ref.uid, position, "strong");
  }
  const labelled = before?.metadata.labels !== after?.metadata.labels;
  if (labelled || before?.state !== after?.state || before?.taints !== after?.taints) {
    for (const set of cluster.objects("DaemonSet")) {
      cluster.dirty.mark("daemon-set", set.ref.uid, position, "weak");
    }
  }
}

/** Every key that any controller could have work for: what a new leader goes through. */
export function* everyKey(cluster: ClusterTables): Iterable<DirtyKey> {
  for (const row of cluster.everyObject()) {
    const { kind, uid } = row.ref;
    if (followsConfigs(row.value)) yield { controller: "config-rollout", uid };
    if (isReplicator(kind)) yield { controller: "replication", uid };
    if (kind === "Deployment") yield { controller: "deployment", uid };
    if (kind === "DaemonSet") yield { controller: "daemon-set", uid };
    if (kind === "StatefulSet") yield { controller: "stateful-set", uid };
    if (kind === "Job") yield { controller: "job", uid };
    if (kind === "CronJob") yield { controller: "cron-job", uid };
    if (kind === "PodDisruptionBudget") yield { controller: "disruption", uid };
    if (kind === "Service") yield { controller: "endpoints", uid };
    if (kind === "Namespace" && row.deletion) yield { controller: "namespace", uid };
    else if (row.deletion) yield { controller: "garbage", uid };
  }
  yield* storageKeys(cluster);
  for (const node of cluster.nodes()) yield { controller: "node-pods", uid: node.ref.uid };
  for (const pod of cluster.podsLeaving()) yield { controller: "termination", uid: pod.ref.uid };
  for (const owner of cluster.everyOwner()) {
    if (cluster.refOf(owner)) continue;
    yield { controller: "garbage", uid: owner };
    yield { controller: "job", uid: owner };
  }
}
