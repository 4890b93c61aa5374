// What events about objects of any kind do to the state; pods and nodes have rows of their own.

import type { ApiObject, DeletePropagation, ObjectMeta } from "../../protocol/mod.ts";
import type { Cluster } from "./cluster.ts";
import type { NodeRow, ObjectRow } from "./contract.ts";
import type { EventOf } from "./event-of.ts";
import { createUserPod, ownPod, requestPodDeletion, updatePod } from "./evolve-pods.ts";
import { endpointsUid } from "./render-endpoints.ts";
import { nodeSpecOf } from "./specs.ts";
import { timestamp } from "./timestamps.ts";

/** Finalizers of the garbage collector, as Kubernetes names them. */
export const foregroundFinalizer = "foregroundDeletion";
export const orphanFinalizer = "orphan";

const noStatus: Readonly<Record<string, unknown>> = Object.freeze({});

export function createObject(cluster: Cluster, event: EventOf<"ObjectCreated">): void {
  const { object: ref, value, submitted, manager, operation, position } = event;
  const applied = operation === "Apply" && submitted && manager !== undefined ? { [manager]: submitted } : {};
  if (ref.kind === "Pod") {
    createUserPod(cluster, event);
    if (submitted && operation === "Apply") cluster.setManifests(ref.uid, applied);
    return;
  }
  const status = ref.kind === "Namespace" ? { phase: "Active" } : noStatus;
  cluster.setObject(ref.uid, { ref, value, status, applied, position });
  touchIfServed(cluster, ref.kind);
}

function touchIfServed(cluster: Cluster, kind: string): void {
  if (kind === "Service" || kind === "Endpoints") cluster.touchServices();
}

export function updateObject(cluster: Cluster, event: EventOf<"ObjectUpdated">): void {
  const { object: ref, value, submitted, manager, operation, position } = event;
  const manifests =
    operation === "Apply" && submitted && manager !== undefined ? { [manager]: submitted } : {};
  const pod = cluster.pod(ref.uid);
  const node = pod ? undefined : cluster.nodeByUid(ref.uid);
  if (pod || node) {
    if (pod) updatePod(cluster, pod, value, event);
    if (node) updateNode(cluster, node, value, event);
    if (operation === "Apply") {
      cluster.setManifests(ref.uid, { ...cluster.appliedTo(ref.uid), ...manifests });
    }
    return;
  }
  const row = cluster.objectByUid(ref.uid);
  if (!row) return;
  const applied = operation === "Apply" ? { ...row.applied, ...manifests } : row.applied;
  cluster.setObject(ref.uid, { ...row, value, applied, position });
  touchIfServed(cluster, ref.kind);
}

function updateNode(
  cluster: Cluster,
  row: NodeRow,
  value: ApiObject,
  { position }: EventOf<"ObjectUpdated">,
): void {
  const { unschedulable = false, taints = [] } = nodeSpecOf(value);
  cluster.setNode(row.name, { ...row, metadata: value.metadata, unschedulable, taints, position });
}

export function updateStatus(cluster: Cluster, event: EventOf<"StatusUpdated">): void {
  const row = cluster.objectByUid(event.object.uid);
  if (row) cluster.setObject(row.ref.uid, { ...row, status: event.status, position: event.position });
}

export function requestDeletion(cluster: Cluster, event: EventOf<"DeletionRequested">): void {
  const { propagation, position, at } = event;
  const pod = cluster.pod(event.object.uid);
  if (pod) return requestPodDeletion(cluster, pod, event);
  const row = cluster.objectByUid(event.object.uid);
  if (!row) return;
  const { requestedAt } = row.deletion ?? { requestedAt: at };
  cluster.setObject(row.ref.uid, {
    ...row,
    value: withFinalizer(row.value, finalizerOf(propagation)),
    status: row.ref.kind === "Namespace" ? { phase: "Terminating" } : row.status,
    deletion: { requestedAt, propagation, position },
    position,
  });
}

function finalizerOf(propagation: DeletePropagation): string | undefined {
  if (propagation === "Foreground") return foregroundFinalizer;
  return propagation === "Orphan" ? orphanFinalizer : undefined;
}

function withFinalizer(value: ApiObject, finalizer: string | undefined): ApiObject {
  const finalizers = value.metadata.finalizers ?? [];
  if (finalizer === undefined || finalizers.includes(finalizer)) return value;
  return { ...value, metadata: { ...value.metadata, finalizers: [...finalizers, finalizer] } };
}

function withoutFinalizer(metadata: ObjectMeta, finalizer: string): ObjectMeta {
  const { finalizers = [], ...rest } = metadata;
  const left = finalizers.filter((name) => name !== finalizer);
  return left.length > 0 ? { ...rest, finalizers: left } : rest;
}

export function removeFinalizer(cluster: Cluster, event: EventOf<"FinalizerRemoved">): void {
  const { finalizer, position } = event;
  const pod = cluster.pod(event.object.uid);
  if (pod) {
    return cluster.setPod(pod.ref.uid, {
      ...pod,
      metadata: withoutFinalizer(pod.metadata, finalizer),
      position,
    });
  }
  const row = cluster.objectByUid(event.object.uid);
  if (!row) return;
  const metadata = withoutFinalizer(row.value.metadata, finalizer);
  cluster.setObject(row.ref.uid, { ...row, value: { ...row.value, metadata }, position });
}

export function deleteObject(cluster: Cluster, event: EventOf<"ObjectDeleted">): void {
  const { kind, uid, namespace } = event.object;
  const pod = cluster.pod(uid);
  const node = pod ? undefined : cluster.nodeByUid(uid);
  if (pod || node) {
    if (pod) cluster.setPod(uid, undefined);
    if (node) cluster.setNode(node.name, undefined);
    if (Object.keys(cluster.appliedTo(uid)).length > 0) cluster.setManifests(uid, undefined);
    return;
  }
  if (!cluster.objectByUid(uid)) return;
  cluster.setObject(uid, undefined);
  if (cluster.templateOf(uid)) cluster.setTemplate(uid, undefined);
  if (kind === "Service") {
    if (cluster.endpointSubsets(uid)) cluster.setSubsets(uid, undefined);
    if (namespace !== undefined) noteLeft(cluster, namespace, event);
  }
  touchIfServed(cluster, kind);
}

export function changeOwners(cluster: Cluster, event: EventOf<"OwnersChanged">): void {
  const pod = cluster.pod(event.object.uid);
  if (pod) return ownPod(cluster, pod, event);
  const row = cluster.objectByUid(event.object.uid);
  if (!row) return;
  const metadata = { ...row.value.metadata, ownerReferences: [...event.owners] };
  cluster.setObject(row.ref.uid, { ...row, value: { ...row.value, metadata }, position: event.position });
}

/** Sets the subsets of a service, and keeps the Endpoints object of its name. */
export function changeEndpoints(cluster: Cluster, event: EventOf<"EndpointsChanged">): void {
  const service = cluster.objectByUid(event.object.uid);
  if (!service) return;
  cluster.setSubsets(service.ref.uid, event.subsets);
  const { namespace = "", name } = service.ref;
  const known = cluster.object("Endpoints", namespace, name);
  const uid = endpointsUid(service.ref.uid);
  if (known && known.ref.uid !== uid) cluster.setObject(known.ref.uid, undefined);
  const kept = known?.ref.uid === uid ? known : newEndpoints(service, event);
  cluster.setObject(uid, { ...kept, position: event.position });
  cluster.touchServices();
  noteLeft(cluster, namespace, event);
}

function newEndpoints({ ref, value }: ObjectRow, { at, position }: EventOf<"EndpointsChanged">): ObjectRow {
  const { namespace = "", name } = ref;
  const uid = endpointsUid(ref.uid);
  const { labels } = value.metadata;
  const metadata: ObjectMeta = {
    name,
    namespace,
    uid,
    creationTimestamp: timestamp(at),
    ...(labels && { labels }),
  };
  return {
    ref: { kind: "Endpoints", namespace, name, uid },
    value: { apiVersion: "v1", kind: "Endpoints", metadata },
    status: noStatus,
    applied: {},
    position,
  };
}

/** Pods on their way out that no service leads to any more since this event. */
function noteLeft(
  cluster: Cluster,
  namespace: string,
  { position }: EventOf<"EndpointsChanged" | "ObjectDeleted">,
): void {
  // A copy: what is changed here is what is gone through.
  for (const row of Array.from(cluster.podsLeaving())) {
    const { deletion, ref } = row;
    if (!deletion?.serving || deletion.left !== undefined || ref.namespace !== namespace) continue;
    if (!cluster.isServing(ref.uid))
      cluster.setPod(ref.uid, { ...row, deletion: { ...deletion, left: position } });
  }
}
