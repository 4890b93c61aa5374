// What events about pods do to the state.

import type { ApiObject, ObjectMeta, ObjectRef, PodSpec, PodStatus, Uid } from "../../protocol/mod.ts";
import type { Cluster } from "./cluster.ts";
import type { PodRow } from "./contract.ts";
import { controllerOf } from "./controlling.ts";
import { specForNode } from "./daemon-template.ts";
import type { EventOf } from "./event-of.ts";
import { isFinished } from "./node-table.ts";
import { closedGate } from "./pod-gates.ts";
import { hostPortsOf, requestsOf } from "./pod-needs.ts";
import { podSpecOf } from "./specs.ts";
import { makeTemplate, sharedOwners, type Template } from "./templates.ts";
import { timestamp } from "./timestamps.ts";

const pending: PodStatus = Object.freeze({ phase: "Pending" });

type PodRef = PodRow["ref"];
/** Events about pods always name a namespace; the reference is kept as it came, not copied. */
const isPodRef = (ref: ObjectRef): ref is PodRef => ref.namespace !== undefined;

export function recordTemplate(cluster: Cluster, event: EventOf<"TemplateRecorded">): void {
  cluster.setTemplate(event.object.uid, makeTemplate(event.template, event.value));
}

export function createPod(cluster: Cluster, event: EventOf<"PodCreated">): void {
  const template = cluster.template(event.owner.uid as Uid);
  const ref = event.object;
  if (template?.id !== event.template || !isPodRef(ref)) return;
  const metadata = metadataFrom(template, ref, event);
  cluster.setPod(ref.uid, {
    ref,
    metadata,
    spec: specOf(template, event),
    // Pods that are for different nodes are not equal.
    group: event.node === undefined ? template.id : `${template.id}@${event.node}`,
    owner: event.owner.uid as Uid,
    status: pending,
    ready: false,
    requests: template.requests,
    hostPorts: template.hostPorts,
    createdAt: event.at,
    born: event.position,
    position: event.position,
    assigned: event.position,
  });
}

function specOf({ spec }: Template, { hostname, node, claims }: EventOf<"PodCreated">): PodSpec {
  if (node !== undefined) return specForNode(spec, node);
  if (claims)
    return { ...spec, ...(hostname !== undefined && { hostname }), volumes: ownVolumes(spec, claims) };
  return hostname === undefined ? spec : { ...spec, hostname };
}

const ownVolumes = (
  { volumes = [] }: PodSpec,
  claims: Readonly<Record<string, string>>,
): NonNullable<PodSpec["volumes"]> =>
  volumes.map((volume) => {
    const claimName = claims[volume.name];
    if (claimName === undefined || !volume.persistentVolumeClaim) return volume;
    return { ...volume, persistentVolumeClaim: { ...volume.persistentVolumeClaim, claimName } };
  });

/** Hot: built by assignment, as spreading each optional field costs more than all the rest. */
function metadataFrom(template: Template, ref: PodRef, event: EventOf<"PodCreated">): ObjectMeta {
  const { labels, annotations, finalizers } = template;
  const metadata: ObjectMeta = {
    name: ref.name,
    generateName: `${event.owner.name}-`,
    namespace: ref.namespace,
    uid: ref.uid,
    creationTimestamp: timestamp(event.at),
    ownerReferences: sharedOwners(template, event.owner),
  };
  if (labels) metadata.labels = labels;
  if (annotations) metadata.annotations = annotations;
  if (event.labels) metadata.labels = { ...labels, ...event.labels };
  if (event.annotations) metadata.annotations = { ...annotations, ...event.annotations };
  if (finalizers) metadata.finalizers = finalizers;
  return metadata;
}

/** A pod that a user made. */
export function createUserPod(cluster: Cluster, event: EventOf<"ObjectCreated">): void {
  const ref = event.object;
  if (!isPodRef(ref)) return;
  const spec = podSpecOf(event.value);
  const owner = controllerOf(event.value.metadata.ownerReferences);
  cluster.setPod(ref.uid, {
    ref,
    metadata: event.value.metadata,
    spec,
    group: ref.uid,
    ...(owner !== undefined && { owner }),
    status: pending,
    ready: false,
    requests: requestsOf(spec),
    hostPorts: hostPortsOf(spec),
    createdAt: event.at,
    born: event.position,
    position: event.position,
    assigned: event.position,
  });
}

export function updatePod(
  cluster: Cluster,
  row: PodRow,
  value: ApiObject,
  event: EventOf<"ObjectUpdated">,
): void {
  const spec = podSpecOf(value);
  const owner = controllerOf(value.metadata.ownerReferences);
  cluster.setPod(row.ref.uid, {
    ...without(row, "owner"),
    ...(owner !== undefined && { owner }),
    metadata: value.metadata,
    spec,
    // A pod that was changed by hand equals no other one.
    group: row.ref.uid,
    requests: requestsOf(spec),
    hostPorts: hostPortsOf(spec),
    position: event.position,
    assigned: event.position,
  });
}

export function ownPod(cluster: Cluster, row: PodRow, event: EventOf<"OwnersChanged">): void {
  const owner = controllerOf(event.owners);
  cluster.setPod(row.ref.uid, {
    ...without(row, "owner"),
    ...(owner !== undefined && { owner }),
    metadata: { ...row.metadata, ownerReferences: [...event.owners] },
    position: event.position,
  });
}

export function bindPod(cluster: Cluster, event: EventOf<"PodBound">): void {
  const row = cluster.pod(event.object.uid);
  if (!row) return;
  const { node, position, at } = event;
  const accepted = row.refusal ? without(row, "refusal") : row;
  const placed = row.nominated === undefined ? accepted : without(accepted, "nominated");
  cluster.setPod(row.ref.uid, { ...placed, node, boundAt: at, position, assigned: position });
}

export function refusePod(cluster: Cluster, event: EventOf<"PodUnschedulable">): void {
  const row = cluster.pod(event.object.uid);
  if (row) cluster.setPod(row.ref.uid, { ...row, refusal: event.refusal, position: event.position });
}

export function nominatePod(cluster: Cluster, { object, node, position }: EventOf<"PodNominated">): void {
  const row = cluster.pod(object.uid);
  if (row) cluster.setPod(row.ref.uid, { ...row, nominated: node, position });
}

export function observePod(cluster: Cluster, event: EventOf<"PodStatusObserved">): void {
  const row = cluster.pod(event.object.uid);
  if (!row) return;
  setStatus(cluster, row, event.status, event);
}

export function failPod(cluster: Cluster, event: EventOf<"PodFailed">): void {
  const row = cluster.pod(event.object.uid);
  if (!row) return;
  const { reason, message } = event;
  const status: PodStatus = { ...notReady(row.status, reason), phase: "Failed", reason, message };
  setStatus(cluster, { ...row, givenUp: { reason }, assigned: event.position }, status, event);
}

function setStatus(
  cluster: Cluster,
  row: PodRow,
  status: PodStatus,
  { position, at }: EventOf<"PodStatusObserved" | "PodFailed" | "PodConditionsSet">,
): void {
  const ready = isReady(status) && closedGate(row) === undefined;
  if (ready === row.ready) cluster.setPod(row.ref.uid, { ...row, status, position });
  else if (ready) cluster.setPod(row.ref.uid, { ...row, status, ready, readyAt: at, position });
  else cluster.setPod(row.ref.uid, { ...without(row, "readyAt"), status, ready, position });
}

export function setConditions(cluster: Cluster, event: EventOf<"PodConditionsSet">): void {
  const before = cluster.pod(event.object.uid);
  if (before) setStatus(cluster, { ...before, conditions: event.conditions }, before.status, event);
}

function isReady({ phase, conditions }: PodStatus): boolean {
  if (phase !== "Running") return false;
  for (const { type, status } of conditions ?? []) if (type === "Ready") return status === "True";
  return false;
}

/** The same status with its readiness taken back. */
export function notReady(status: PodStatus, reason: string): PodStatus {
  const { conditions } = status;
  if (!conditions) return status;
  return {
    ...status,
    conditions: conditions.map((condition) =>
      condition.type === "Ready" || condition.type === "ContainersReady"
        ? { ...condition, status: "False" as const, reason }
        : condition,
    ),
  };
}

export function requestPodDeletion(cluster: Cluster, row: PodRow, event: EventOf<"DeletionRequested">): void {
  const before = row.deletion;
  const graceSeconds = event.gracePeriodSeconds ?? row.spec.terminationGracePeriodSeconds ?? 30;
  const shorter = before?.released === true;
  cluster.setPod(row.ref.uid, {
    ...row,
    deletion: before
      ? { ...before, graceSeconds, reason: event.reason }
      : {
          requestedAt: event.at,
          position: event.position,
          graceSeconds,
          reason: event.reason,
          released: false,
          serving: row.node !== undefined && !isFinished(row) && cluster.isServing(row.ref.uid),
        },
    position: event.position,
    ...(shorter && { assigned: event.position }),
  });
}

export function releaseTermination(cluster: Cluster, event: EventOf<"TerminationReleased">): void {
  const row = cluster.pod(event.object.uid);
  if (!row?.deletion) return;
  const { position } = event;
  cluster.setPod(row.ref.uid, {
    ...row,
    deletion: { ...row.deletion, released: true },
    position,
    assigned: position,
  });
}

export function without<T, K extends keyof T>(row: T, key: K): Omit<T, K> {
  const { [key]: _dropped, ...rest } = row;
  return rest;
}
