// How an object stands now, in one sentence, and which other objects explain it: the beginning of a story.

import type { ApiObject, ContainerStatus, ObjectRef } from "../../protocol/mod.ts";
import { closedGate, isFinished } from "../cluster/mod.ts";
import type { ClusterState, NodeRow, PodRow } from "../cluster/contract.ts";
import { containersOf } from "./told-events.ts";

export interface PresentState {
  readonly text: string;
  /** Objects whose own state is the reason for this one's, worst first. */
  readonly because: readonly ObjectRef[];
}

export const nameOf = ({ kind, namespace, name }: Pick<ObjectRef, "kind" | "namespace" | "name">): string =>
  `${kind.toLowerCase()} ${namespace === undefined ? name : `${namespace}/${name}`}`;

/** Undefined when the object is not there any more. */
export function presentState(state: ClusterState, ref: ObjectRef): PresentState | undefined {
  switch (ref.kind) {
    case "Pod": {
      const pod = state.pod(ref.uid);
      return pod && describePod(state, pod);
    }
    case "Node": {
      const node = [...state.nodes()].find((row) => row.ref.uid === ref.uid);
      return node && describeNode(node);
    }
    case "Service":
      return state.objectByUid(ref.uid) && describeService(state, ref);
    default: {
      const object = state.objectByUid(ref.uid) && state.render(ref.kind, ref.namespace, ref.name);
      return object && describeObject(state, ref, object);
    }
  }
}

function describePod(state: ClusterState, pod: PodRow): PresentState {
  const name = nameOf(pod.ref);
  if (!pod.node) {
    return {
      text: `${name} ${pod.deletion ? "is being deleted and never had a node" : waitText(pod)}`,
      because: [],
    };
  }
  const node = state.node(pod.node);
  const troubles = containersOf(pod.status).flatMap(describeTrouble);
  const phase = pod.status.phase ?? "Pending";
  const how = pod.deletion
    ? `is stopping on ${pod.node} (${pod.deletion.reason})`
    : `is ${phase} on ${pod.node}${phase === "Running" ? (pod.ready ? ", ready" : ", not ready") : ""}`;
  const unready = pod.status.conditions?.find(({ type }) => type === "Ready")?.message?.split("; ")[1];
  const gate = unready === undefined ? closedGate(pod) : undefined;
  const waits = [unready, gate].filter((text) => text !== undefined);
  const probe = phase === "Running" && !pod.ready ? waits : [];
  const status = pod.status.reason ? [`${pod.status.reason}: ${pod.status.message ?? ""}`] : [];
  const silent = node && node.state !== "Ready" ? [`node ${pod.node} is ${node.state}`] : [];
  return {
    text: [`${name} ${how}`, ...status, ...troubles, ...probe, ...silent].join("; "),
    because: node && node.state !== "Ready" ? [node.ref] : [],
  };
}

function waitText(pod: PodRow): string {
  const gates = (pod.spec.schedulingGates ?? []).map(({ name }) => name);
  if (gates.length > 0) return `waits for its scheduling gates: ${gates.join(", ")}`;
  return pod.refusal ? `waits for a node: ${pod.refusal.message}` : "waits to be placed on a node";
}

/** `container app ended with code 137 (OOMKilled), starts again after 40s, 4 restarts`. */
function describeTrouble({ name, state, lastState, restartCount = 0 }: ContainerStatus): readonly string[] {
  const parts: string[] = [];
  const { waiting, terminated } = state ?? {};
  const last = lastState?.terminated;
  if (waiting?.reason === "CrashLoopBackOff" && last) {
    const wait = /^back-off (\S+) /.exec(waiting.message ?? "")?.[1] ?? "a while";
    parts.push(`ended with ${exitText(last)}`, `starts again after ${wait} (CrashLoopBackOff)`);
  } else {
    if (waiting) parts.push(`waits: ${[waiting.reason, waiting.message].filter(Boolean).join(", ")}`);
    if (terminated) parts.push(`ended with ${exitText(terminated)}`);
    if (last) parts.push(`before that it ended with ${exitText(last)}`);
  }
  if (restartCount > 0) parts.push(`${restartCount} ${restartCount === 1 ? "restart" : "restarts"}`);
  return parts.length > 0 ? [`container ${name} ${parts.join(", ")}`] : [];
}

function exitText({
  exitCode,
  reason,
  message,
}: {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}): string {
  const detail = [reason, message].filter(Boolean).join(": ");
  return `code ${exitCode}${detail ? ` (${detail})` : ""}`;
}

function describeNode(node: NodeRow): PresentState {
  const taints = node.taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`);
  const parts = [
    `${nameOf(node.ref)} is ${node.state}`,
    ...(node.unschedulable ? ["cordoned"] : []),
    ...(taints.length > 0 ? [`tainted ${taints.join(" ")}`] : []),
  ];
  return { text: parts.join(", "), because: [] };
}

function describeService(state: ClusterState, ref: ObjectRef): PresentState {
  const name = nameOf(ref);
  const namespace = ref.namespace ?? "";
  const ready = state.serviceEntry(namespace, ref.name)?.endpoints.length ?? 0;
  const selector = readRecord(state.object(ref.kind, namespace, ref.name)?.value.spec, "selector");
  if (!selector)
    return { text: `${name} leads to ${count(ready, "endpoint")} and selects no pods`, because: [] };
  const pods = [...state.podsMatching(namespace, selector)];
  const unready = pods.filter((pod) => !pod.ready);
  const found = pods.length === 0 ? "no pod has the labels that it selects" : `${pods.length} selected`;
  return {
    text: `${name} leads to ${count(ready, "ready pod")}, ${found}`,
    because: unready.map((pod) => pod.ref),
  };
}

function describeObject(state: ClusterState, ref: ObjectRef, object: ApiObject): PresentState {
  const deleting = object.metadata.deletionTimestamp !== undefined ? ", being deleted" : "";
  const wanted = readNumber(object.spec, "replicas");
  if (wanted === undefined) {
    const phase = readText(object.status, "phase");
    const storage = describeStorage(state, ref, object);
    return { text: `${nameOf(ref)} ${phase ? `is ${phase}` : "exists"}${deleting}${storage}`, because: [] };
  }
  const pods = [...state.podsOwnedBy(ref.uid)];
  const unready = pods.filter((pod) => !pod.ready);
  return {
    text: `${nameOf(ref)} has ${pods.length - unready.length} of ${count(wanted, "replica")} ready${deleting}`,
    because: unready.map((pod) => pod.ref),
  };
}

/** What a claim waits for, who keeps it from going, and what is the matter with a volume. */
function describeStorage(state: ClusterState, ref: ObjectRef, object: ApiObject): string {
  if (ref.kind === "PersistentVolume") {
    const message = readText(object.status, "message");
    return message ? `: ${message}` : "";
  }
  if (ref.kind !== "PersistentVolumeClaim") return "";
  const users = [...state.podsUsingClaim(ref.namespace ?? "", ref.name)]
    .filter((pod) => pod.node !== undefined && !isFinished(pod))
    .map((pod) => pod.ref.name)
    .sort();
  if (object.metadata.deletionTimestamp !== undefined && users.length > 0) {
    return `: it is used by ${users.slice(0, maxUsersNamed).join(", ")}${users.length > maxUsersNamed ? " and others" : ""}`;
  }
  const conditions = readField(object.status, "conditions");
  const message = Array.isArray(conditions) ? readText(conditions[0], "message") : undefined;
  return message ? `: ${message}` : "";
}
const maxUsersNamed = 3;

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

function readField(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
}
function readNumber(value: unknown, field: string): number | undefined {
  const found = readField(value, field);
  return typeof found === "number" ? found : undefined;
}
function readText(value: unknown, field: string): string | undefined {
  const found = readField(value, field);
  return typeof found === "string" ? found : undefined;
}
function readRecord(value: unknown, field: string): Readonly<Record<string, string>> | undefined {
  const found = readField(value, field);
  if (typeof found !== "object" || found === null) return undefined;
  const pairs = Object.entries(found).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}
