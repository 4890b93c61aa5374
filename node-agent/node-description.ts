// What a node says of itself: its registration, and its status as Kubernetes shows one. Pure.

import type { NodeCondition, NodeRegistration, NodeStatus } from "../protocol/mod.ts";
import type { HostFacts } from "./host/agent-host.ts";
import { type PressureType, pressureTypes } from "./pressure/signals.ts";
import { timestamp } from "./pods/timestamp.ts";
import type { RuntimeInfo } from "./runtime/runtime.ts";

export interface NodeDescription {
  readonly node: string;
  readonly instance: string;
  /** What secrets for this node are sealed to. */
  readonly publicKey: string;
  readonly version: string;
  readonly facts: HostFacts;
  readonly runtime: RuntimeInfo;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
}

/** Address by which pods know their host. */
export const hostIpOf = (facts: HostFacts, runtime: RuntimeInfo): string =>
  runtime.addressing === "loopback" ? "127.0.0.1" : (facts.addresses[0] ?? "127.0.0.1");

const addressesOf = ({ facts, runtime }: NodeDescription): { type: string; address: string }[] =>
  [...new Set([hostIpOf(facts, runtime), ...facts.addresses])]
    .map((address) => ({ type: "InternalIP", address }))
    .concat({ type: "Hostname", address: facts.hostname });

export function nodeRegistration(description: NodeDescription): NodeRegistration {
  const { facts, runtime, instance, version, capacity, publicKey } = description;
  const { platform, arch, kernel, image } = facts;
  return {
    agentVersion: version,
    bootId: facts.bootId,
    instance,
    hostname: facts.hostname,
    addresses: addressesOf(description),
    labels: nodeLabels(description),
    capacity,
    runtime: { name: runtime.name, version: runtime.version, details: runtime.details },
    os: { platform, arch, kernel, ...(image !== undefined && { image }) },
    publicKey,
  };
}

function nodeLabels({ node, facts, labels }: NodeDescription): Record<string, string> {
  return {
    "kubernetes.io/hostname": labelValue(node),
    "kubernetes.io/os": labelValue(facts.platform),
    "kubernetes.io/arch": labelValue(facts.arch),
    // The older names of both, which a kubelet still sets and manifests still select by.
    "beta.kubernetes.io/os": labelValue(facts.platform),
    "beta.kubernetes.io/arch": labelValue(facts.arch),
    "feature.node.kubernetes.io/kernel-version.full": labelValue(facts.kernel),
    ...labels,
  };
}
/** At most 63 of alphanumerics, `-`, `_`, `.`, with an alphanumeric at both ends. */
const labelValue = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9._-]/g, "-")
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");

export interface NodeHealth {
  /** Why the runtime does not answer; undefined when it does. */
  readonly runtimeError?: string;
  /** When that last changed, ms since 1970. */
  readonly since: number;
  /** Absent where nothing is measured. */
  readonly pressure?: Pressure;
}
/** Each condition with the time of its last change, ms since 1970. */
export type Pressure = Readonly<Record<PressureType, { readonly holds: boolean; readonly since: number }>>;

export function nextPressure(
  before: Pressure | undefined,
  conditions: ReadonlySet<PressureType>,
  now: number,
): Pressure {
  const one = (type: PressureType): Pressure[PressureType] => {
    const holds = conditions.has(type);
    const known = before?.[type];
    return known?.holds === holds ? known : { holds, since: now };
  };
  return {
    MemoryPressure: one("MemoryPressure"),
    DiskPressure: one("DiskPressure"),
    PIDPressure: one("PIDPressure"),
  };
}

/** Reason and message, with pressure and without, after kubelet's. */
const pressureWords: Readonly<Record<PressureType, readonly [yes: string, no: string, what: string]>> = {
  MemoryPressure: ["AgentHasInsufficientMemory", "AgentHasSufficientMemory", "memory available"],
  DiskPressure: ["AgentHasDiskPressure", "AgentHasNoDiskPressure", "disk space available"],
  PIDPressure: ["AgentHasInsufficientPID", "AgentHasSufficientPID", "PID available"],
};

function pressureConditions(pressure: Pressure): NodeCondition[] {
  return pressureTypes.map((type) => {
    const { holds, since } = pressure[type];
    const [yes, no, what] = pressureWords[type];
    return {
      type,
      status: holds ? ("True" as const) : ("False" as const),
      reason: holds ? yes : no,
      message: `agent has ${holds ? "insufficient" : "sufficient"} ${what}`,
      lastTransitionTime: timestamp(since),
    };
  });
}

export function nodeStatus(description: NodeDescription, health: NodeHealth): NodeStatus {
  const { facts, runtime, version, capacity } = description;
  const resources = {
    cpu: `${capacity.cpuMilli}m`,
    memory: String(capacity.memoryBytes),
    pods: String(capacity.pods),
  };
  return {
    capacity: resources,
    allocatable: resources,
    addresses: addressesOf(description),
    conditions: nodeConditions(health),
    nodeInfo: {
      architecture: facts.arch,
      bootID: facts.bootId,
      containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
      kernelVersion: facts.kernel,
      kubeProxyVersion: "",
      kubeletVersion: version,
      machineID: facts.machineId,
      operatingSystem: facts.platform,
      osImage: facts.image ?? "",
      systemUUID: facts.machineId,
    },
  };
}

/** No heartbeat times: those would make every status a new one. Liveness is the masters' word. */
function nodeConditions({ runtimeError, since, pressure }: NodeHealth): NodeCondition[] {
  const ready: NodeCondition =
    runtimeError === undefined
      ? { type: "Ready", status: "True", reason: "AgentReady", message: "agent is posting ready status" }
      : {
          type: "Ready",
          status: "False",
          reason: "RuntimeNotReady",
          message: `container runtime: ${runtimeError}`,
        };
  const pressures = pressure ? pressureConditions(pressure) : [];
  return [...pressures, { ...ready, lastTransitionTime: timestamp(since) }];
}
