// Whether a node takes a pod: what is checked again at the moment of binding, whoever chose the node.

import type { PodSpec, Taint } from "../../protocol/mod.ts";
import { tolerates } from "./tolerations.ts";
import { targetNodeOf } from "./daemon-template.ts";
import type { ClusterState, NodeRow, Resources } from "./contract.ts";

export interface Needs {
  readonly spec: PodSpec;
  readonly requests: Resources;
  readonly hostPorts: readonly string[];
}

const cordonTaint: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** What stands against it, in words; nothing when it fits. */
export function obstacleOn(state: ClusterState, node: NodeRow, needs: Needs): string | undefined {
  const { spec, requests, hostPorts } = needs;
  if (node.state === "Lost") return "it is lost";
  const target = spec.nodeName || targetNodeOf({ spec });
  if (target && target !== node.name) return `the pod is for node ${target}`;
  if (node.unschedulable && !tolerates(spec.tolerations, cordonTaint)) return "it is cordoned";
  for (const resource of ["cpuMilli", "memoryBytes", "pods"] as const) {
    const free = node.allocatable[resource] - node.used[resource];
    if (requests[resource] > 0 && requests[resource] > free) {
      return `${resource} ${requests[resource]} is asked for and ${free} is free`;
    }
  }
  const port = hostPorts.find((wanted) => state.hostPortTaken(node.name, wanted));
  return port === undefined ? undefined : `host port ${port} is taken`;
}
