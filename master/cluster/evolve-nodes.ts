// What events about nodes do to the state.

import {
  assertNever,
  type NodeName,
  type NodeRegistration,
  type ObjectMeta,
  type SessionId,
  type Taint,
} from "../../protocol/mod.ts";
import type { Cluster } from "./cluster.ts";
import type { NodeRow } from "./contract.ts";
import type { EventOf } from "./event-of.ts";
import { noResources } from "./node-table.ts";
import { timestamp } from "./timestamps.ts";

/** The name was parsed before the event was written. */
const nameOf = (event: EventOf<"NodeRegistered">): NodeName => event.object.name as NodeName;

/** Opens a session: its id is this event's position. What users set on the node stays. */
export function registerNode(cluster: Cluster, event: EventOf<"NodeRegistered">): void {
  const { registration, podCidr, position, at } = event;
  const name = nameOf(event);
  const before = cluster.node(name);
  const row: NodeRow = {
    ref: event.object,
    name,
    metadata: nodeMetadata(event, before),
    registration,
    session: position as number as SessionId,
    state: "Ready",
    since: before?.state === "Ready" ? before.since : at,
    podCidr,
    unschedulable: before?.unschedulable ?? false,
    taints: before ? keptTaints(before, registration) : (registration.taints ?? []),
    allocatable: registration.capacity,
    used: before?.used ?? noResources,
    reported: 0,
    ...(before?.observed && { observed: before.observed }),
    ...leasesOf(before, registration),
    position,
  };
  cluster.setNode(name, row);
}

/** Another boot, or another machine of this name: what the former one was promised, this one may not have at once. */
function leasesOf(
  before: NodeRow | undefined,
  { bootId }: NodeRegistration,
): Pick<NodeRow, "leased" | "leasedBefore"> {
  if (!before) return {};
  const { leased, leasedBefore, registration } = before;
  const another = registration !== undefined && registration.bootId !== bootId;
  const former = another ? Math.max(leased ?? 0, leasedBefore ?? 0) : (leasedBefore ?? 0);
  return { ...(leased !== undefined && { leased }), ...(former > 0 && { leasedBefore: former }) };
}

/** Not a change of the Node objects: their resourceVersion stays. */
export function confirmLeases(cluster: Cluster, event: EventOf<"LeasesConfirmed">): void {
  for (const name of event.nodes) {
    const row = cluster.node(name);
    if (row) cluster.setNode(name, { ...row, leased: event.at });
  }
}

/** Labels that the agent gave earlier and gives no more go; labels that users gave stay. */
function nodeMetadata(event: EventOf<"NodeRegistered">, before: NodeRow | undefined): ObjectMeta {
  const labels: Record<string, string> = {};
  const earlier = before?.registration ? agentLabels(before.registration) : {};
  for (const [key, value] of Object.entries(before?.metadata.labels ?? {})) {
    if (earlier[key] !== value) labels[key] = value;
  }
  Object.assign(labels, agentLabels(event.registration));
  if (before) return { ...before.metadata, labels };
  const { name, uid } = event.object;
  return { name, uid, creationTimestamp: timestamp(event.at), labels };
}

const agentLabels = ({ labels, hostname, os }: NodeRegistration): Record<string, string> => ({
  "kubernetes.io/hostname": hostname,
  "kubernetes.io/os": os.platform,
  "kubernetes.io/arch": os.arch,
  ...labels,
});

/** Taints that the agent asked for at an earlier registration are replaced by those of this one. */
function keptTaints(before: NodeRow, registration: NodeRegistration): readonly Taint[] {
  const same = (left: Taint, right: Taint): boolean => left.key === right.key && left.effect === right.effect;
  const earlier = before.registration?.taints ?? [];
  const now = registration.taints ?? [];
  if (earlier.length === 0 && now.length === 0) return before.taints;
  const kept = before.taints.filter((taint) => ![...earlier, ...now].some((other) => same(taint, other)));
  return [...kept, ...now];
}

export function nodeState(
  cluster: Cluster,
  event: EventOf<"NodeSuspected" | "NodeLost" | "NodeRecovered" | "NodeFenced">,
): void {
  const row = cluster.nodeByUid(event.object.uid);
  if (!row) return;
  const { fenced: _fenced, ...rest } = row;
  if (event.type === "NodeFenced") {
    return cluster.setNode(row.name, { ...row, fenced: true, position: event.position });
  }
  const state = stateAfter(event.type);
  const kept = event.type === "NodeRecovered" ? rest : row;
  cluster.setNode(row.name, { ...kept, state, since: event.at, position: event.position });
}

function stateAfter(type: "NodeSuspected" | "NodeLost" | "NodeRecovered"): NodeRow["state"] {
  switch (type) {
    case "NodeSuspected":
      return "Suspected";
    case "NodeLost":
      return "Lost";
    case "NodeRecovered":
      return "Ready";
    default:
      return assertNever(type, "node event");
  }
}

export function observeNode(cluster: Cluster, event: EventOf<"NodeStatusObserved">): void {
  const row = cluster.nodeByUid(event.object.uid);
  if (row) cluster.setNode(row.name, { ...row, observed: event.status, position: event.position });
}

export function changeTaints(cluster: Cluster, event: EventOf<"TaintsChanged">): void {
  const row = cluster.nodeByUid(event.object.uid);
  if (row) cluster.setNode(row.name, { ...row, taints: event.taints, position: event.position });
}

/** Not a change of the Node object: its resourceVersion stays. */
export function receiveReports(cluster: Cluster, event: EventOf<"ReportsReceived">): void {
  const row = cluster.nodeByUid(event.object.uid);
  if (row?.session === event.session) cluster.setNode(row.name, { ...row, reported: event.number });
}
