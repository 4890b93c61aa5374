// A service's endpoint subsets, from the pods that it selects. As Kubernetes' endpoints controller makes them.

import type {
  EndpointAddressValue,
  EndpointSubsetValue,
  PodSpec,
  ServicePort,
  Uid,
} from "../../protocol/mod.ts";
import { sameValue } from "../../protocol/mod.ts";
import {
  type ClusterState,
  type ComputeEndpoints,
  isFinished,
  type PodRow,
  type Reconcile,
  servesPods,
  serviceSpecOf,
} from "../cluster/mod.ts";
import { ordering } from "./ordering.ts";

export const reconcileEndpoints: Reconcile = (state, uid) => {
  const row = state.objectByUid(uid);
  if (!row || row.ref.kind !== "Service" || row.deletion) return [];
  const before = state.endpointSubsets(uid);
  const order = ordering(state, "endpoints", uid);
  // Without a selector they are the user's; those of a selector that was taken away are emptied once.
  if (!servesPods(row.value)) {
    return before && before.length > 0
      ? [order({ type: "SetEndpoints", service: row.ref, subsets: [] })]
      : [];
  }
  const subsets = computeEndpoints(state, uid);
  if (before && sameValue(before, subsets)) return [];
  return [order({ type: "SetEndpoints", service: row.ref, subsets })];
};

type PortValue = EndpointSubsetValue["ports"][number];
interface Group {
  readonly ports: readonly PortValue[];
  readonly ready: EndpointAddressValue[];
  readonly notReady: EndpointAddressValue[];
}

/** Pods with the same target ports form one subset. The order is that of ports, then of addresses. */
const computeEndpoints: ComputeEndpoints = (state, service) => {
  const row = state.objectByUid(service);
  if (!row) return [];
  const { selector = {}, ports = [], publishNotReadyAddresses } = serviceSpecOf(row.value);
  const groups = new Map<string, Group>();
  const bySpec = new Map<PodSpec, Group>();
  for (const pod of selectedPods(state, row.ref.namespace ?? "", selector)) {
    const group = bySpec.get(pod.spec) ?? groupOf(groups, ports, pod.spec);
    bySpec.set(pod.spec, group);
    if (ports.length > 0 && group.ports.length === 0) continue;
    const address = addressOf(pod);
    if (address) (pod.ready || publishNotReadyAddresses ? group.ready : group.notReady).push(address);
  }
  return [...groups]
    .filter(([, { ready, notReady }]) => ready.length + notReady.length > 0)
    .sort(([left], [right]) => compare(left, right))
    .map(([, { ports: own, ready, notReady }]) => ({
      addresses: ready.sort(byAddress),
      notReadyAddresses: notReady.sort(byAddress),
      ports: own,
    }));
};

function* selectedPods(
  state: ClusterState,
  namespace: string,
  selector: Readonly<Record<string, string>>,
): Iterable<PodRow> {
  if (Object.keys(selector).length === 0) return;
  for (const pod of state.podsMatching(namespace, selector)) {
    if (!pod.deletion && !isFinished(pod)) yield pod;
  }
}

function groupOf(groups: Map<string, Group>, ports: readonly ServicePort[], spec: PodSpec): Group {
  const own = ports
    .flatMap((port) => targetOf(port, spec))
    .sort((left, right) => compare(keyOf(left), keyOf(right)));
  const key = own.map(keyOf).join(",");
  let group = groups.get(key);
  if (!group) groups.set(key, (group = { ports: own, ready: [], notReady: [] }));
  return group;
}

const keyOf = ({ name = "", port, protocol }: PortValue): string =>
  `${name}/${String(port).padStart(5, "0")}/${protocol}`;

/** A named target port is looked up among the containers' ports; a pod without it has no endpoint for this port. */
function targetOf({ name, port, protocol = "TCP", targetPort }: ServicePort, spec: PodSpec): PortValue[] {
  const number =
    typeof targetPort === "string" ? namedPort(targetPort, protocol, spec) : (targetPort ?? port);
  return number === undefined ? [] : [{ ...(name && { name }), port: number || port, protocol }];
}

function namedPort(wanted: string, protocol: string, spec: PodSpec): number | undefined {
  if (/^\d+$/.test(wanted)) return Number(wanted);
  // Sidecars are init containers that stay: their ports count.
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    for (const candidate of container.ports ?? []) {
      if (candidate.name === wanted && (candidate.protocol ?? "TCP") === protocol)
        return candidate.containerPort;
    }
  }
  return undefined;
}

function addressOf({ ref, node, status }: PodRow): EndpointAddressValue | undefined {
  if (!status.podIP || node === undefined) return undefined;
  return { ip: status.podIP, nodeName: node, pod: { name: ref.name, uid: ref.uid } };
}

const byAddress = (left: EndpointAddressValue, right: EndpointAddressValue): number =>
  compare(left.ip, right.ip) || compare<Uid>(left.pod.uid, right.pod.uid);

const compare = <T extends string>(left: T, right: T): number => (left < right ? -1 : left > right ? 1 : 0);
