// A node row as a Kubernetes Node: what users may set, and what the agent and the leader say of it.

import {
  type ApiObject,
  formatBytes,
  formatCpuMilli,
  type NodeCondition,
  type NodeRegistration,
  type NodeStatus,
} from "../../protocol/mod.ts";
import type { NodeRow } from "./contract.ts";
import { timestamp } from "./timestamps.ts";

export function renderNode(row: NodeRow): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { ...row.metadata, resourceVersion: String(row.position) },
    spec: {
      podCIDR: row.podCidr,
      podCIDRs: [row.podCidr],
      ...(row.taints.length > 0 && { taints: row.taints }),
      ...(row.unschedulable && { unschedulable: true }),
    },
    status: nodeStatusOf(row),
  };
}

function nodeStatusOf(row: NodeRow): NodeStatus {
  const conditions = [
    ...(row.observed?.conditions ?? []).filter(({ type }) => type !== "Ready"),
    readyOf(row),
  ];
  const { registration } = row;
  if (!registration) return { ...row.observed, conditions };
  return {
    ...row.observed,
    capacity: quantitiesOf(registration.capacity),
    allocatable: quantitiesOf(row.allocatable),
    conditions,
    addresses: registration.addresses.map(({ type, address }) => ({ type, address })),
    nodeInfo: nodeInfoOf(registration),
  };
}

function readyOf({ state, since }: NodeRow): NodeCondition {
  const lastTransitionTime = timestamp(since);
  switch (state) {
    case "Ready":
      return {
        type: "Ready",
        status: "True",
        reason: "AgentReady",
        message: "agent is heard",
        lastTransitionTime,
      };
    case "Suspected":
      return {
        type: "Ready",
        status: "True",
        reason: "AgentSuspected",
        message: "agent has missed heartbeats",
        lastTransitionTime,
      };
    case "Lost":
      return {
        type: "Ready",
        status: "Unknown",
        reason: "NodeStatusUnknown",
        message: "agent stopped posting node status",
        lastTransitionTime,
      };
  }
}

const quantitiesOf = (resources: NodeRegistration["capacity"]): Record<string, string> => ({
  cpu: formatCpuMilli(resources.cpuMilli),
  memory: formatBytes(resources.memoryBytes),
  pods: String(resources.pods),
});

const nodeInfoOf = ({
  agentVersion,
  bootId,
  os,
  runtime,
}: NodeRegistration): NonNullable<NodeStatus["nodeInfo"]> => ({
  architecture: os.arch,
  bootID: bootId,
  containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
  kernelVersion: os.kernel,
  kubeProxyVersion: agentVersion,
  kubeletVersion: agentVersion,
  machineID: bootId,
  operatingSystem: os.platform,
  osImage: os.image ?? os.platform,
  systemUUID: "",
});
