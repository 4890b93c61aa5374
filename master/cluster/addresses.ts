// Hands out addresses from the cluster's ranges: services' virtual IPs and node ports, nodes' pod ranges.
// Deterministic: always the first free one, so that equal states choose alike.

import {
  type ApiObject,
  failure,
  type NodeName,
  type Result,
  type ServicePort,
  success,
} from "../../protocol/mod.ts";
import type { ClusterState } from "./contract.ts";
import { noClusterIp } from "./service-table.ts";
import { type ServiceSpec, serviceSpecOf } from "./specs.ts";

/** Kept free, as in Kubernetes: `.1` for the API's own service, `.10` for cluster DNS. */
const reservedOffsets: ReadonlySet<number> = new Set([0, 1, 10]);
export const nodePortRange = { first: 30_000, last: 32_767 } as const;
/** At the range's beginning, as many as in Kubernetes' static part of a range of this size. */
const namedNodePorts = 86;
/** Bits of the range that each node gets for its pods. */
const nodePrefixBits = 24;

export interface Cidr {
  readonly base: number;
  readonly bits: number;
}

export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text);
  const base = parseIp(match?.[1] ?? "");
  const bits = Number(match?.[2]);
  if (base === undefined || !(bits >= 0 && bits <= 32)) return undefined;
  return { base: base - (base % 2 ** (32 - bits)), bits };
}

function parseIp(text: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  let value = 0;
  for (const part of text.split(".")) {
    if (Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export const formatIp = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** The service with a virtual IP and node ports where it needs them; `old` keeps what it had. */
export function allocateAddresses(
  state: ClusterState,
  object: ApiObject,
  old?: ApiObject,
): Result<ApiObject> {
  if (object.kind !== "Service") return success(object);
  const spec = serviceSpecOf(object);
  if (spec.type === "ExternalName") return success(object);
  const ip = clusterIpFor(state, spec, object);
  if (!ip.ok) return ip;
  const ports = nodePortsFor(state, spec, old ? serviceSpecOf(old) : undefined, object);
  if (!ports.ok) return ports;
  return success({
    ...object,
    spec: {
      ...spec,
      clusterIP: ip.value,
      clusterIPs: [ip.value],
      ...(ports.value && { ports: ports.value }),
    },
  });
}

const taken = (field: string, message: string, { kind, metadata }: ApiObject): Result<never> =>
  failure("Invalid", `${kind} ${JSON.stringify(metadata.name ?? "")} is invalid: ${field} ${message}`, [
    { field, reason: "Invalid", message },
  ]);

const ownedByOther = (owner: string | undefined, { metadata }: ApiObject): boolean =>
  owner !== undefined && owner !== metadata.uid;

function clusterIpFor(state: ClusterState, spec: ServiceSpec, object: ApiObject): Result<string> {
  const wanted = spec.clusterIP;
  if (wanted === noClusterIp) return success(wanted);
  const range = parseCidr(state.serviceCidr);
  if (!range) return failure("Internal", `the service range ${state.serviceCidr} is no IPv4 range`);
  const size = 2 ** (32 - range.bits);
  if (wanted) {
    const offset = (parseIp(wanted) ?? -1) - range.base;
    if (offset <= 0 || offset >= size - 1) {
      return taken("spec.clusterIP", `is ${wanted}, which is not in the range ${state.serviceCidr}`, object);
    }
    if (ownedByOther(state.clusterIpOwner(wanted), object)) {
      return taken("spec.clusterIP", `is ${wanted}, which another service has already`, object);
    }
    return success(wanted);
  }
  for (let offset = 1; offset < size - 1; offset++) {
    if (reservedOffsets.has(offset)) continue;
    const ip = formatIp(range.base + offset);
    if (state.clusterIpOwner(ip) === undefined) return success(ip);
  }
  return failure("Unavailable", `every address of the service range ${state.serviceCidr} is taken`);
}

/** Undefined when there is nothing to change. */
function nodePortsFor(
  state: ClusterState,
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  object: ApiObject,
): Result<ServicePort[] | undefined> {
  const needed = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const chosen = new Set<number>();
  const ports: ServicePort[] = [];
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const kept = old?.ports?.find((one) => one.port === port.port && one.protocol === port.protocol);
    const wanted = port.nodePort ?? (needed ? kept?.nodePort : undefined);
    if (wanted !== undefined && ownedByOther(state.nodePortOwner(wanted), object)) {
      return taken(
        `spec.ports[${index}].nodePort`,
        `is ${wanted}, which another service has already`,
        object,
      );
    }
    const nodePort = wanted ?? (needed ? freeNodePort(state, chosen) : undefined);
    if (needed && nodePort === undefined) return failure("Unavailable", "every node port is taken");
    if (nodePort !== undefined) chosen.add(nodePort);
    ports.push(nodePort === undefined ? port : { ...port, nodePort });
  }
  return success(spec.ports ? ports : undefined);
}

/** The first ports are for services that name one; they are given to others only when the rest is taken. */
function freeNodePort(state: ClusterState, chosen: ReadonlySet<number>): number | undefined {
  const { first, last } = nodePortRange;
  const size = last - first + 1;
  for (let offset = 0; offset < size; offset++) {
    const port = first + ((offset + namedNodePorts) % size);
    if (!chosen.has(port) && state.nodePortOwner(port) === undefined) return port;
  }
  return undefined;
}

/** A node keeps its range for as long as its object exists; a new one gets the first that is free. */
export function podCidrFor(state: ClusterState, node: NodeName): Result<string> {
  const known = state.node(node)?.podCidr;
  if (known) return success(known);
  const range = parseCidr(state.podCidr);
  if (!range || range.bits > nodePrefixBits) {
    return failure(
      "Internal",
      `the pod range ${state.podCidr} is no IPv4 range of at least a /${nodePrefixBits}`,
    );
  }
  const used = new Set([...state.nodes()].map(({ podCidr }) => podCidr));
  const step = 2 ** (32 - nodePrefixBits);
  for (let base = range.base; base < range.base + 2 ** (32 - range.bits); base += step) {
    const cidr = `${formatIp(base)}/${nodePrefixBits}`;
    if (!used.has(cidr)) return success(cidr);
  }
  return failure("Unavailable", `the pod range ${state.podCidr} has no room for another node`);
}
