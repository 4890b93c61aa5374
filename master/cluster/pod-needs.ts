// What a pod takes from a node: resource requests and host ports.

import { parseBytes, parseCpuMilli, type PodSpec, type Result } from "../../protocol/mod.ts";
import type { Resources } from "./contract.ts";

/** A host port on every address of the node. */
export const wildcardIp = "0.0.0.0";

/**
 * The larger of all containers together and of the largest init container, for each resource
 * (Kubernetes, "Init containers: resource sharing within containers"). A limit stands for an absent request.
 */
export function requestsOf(spec: PodSpec): Resources {
  let cpuMilli = 0;
  let memoryBytes = 0;
  for (const container of spec.containers ?? []) {
    cpuMilli += requestOf(container, "cpu", parseCpuMilli);
    memoryBytes += requestOf(container, "memory", parseBytes);
  }
  for (const container of spec.initContainers ?? []) {
    cpuMilli = Math.max(cpuMilli, requestOf(container, "cpu", parseCpuMilli));
    memoryBytes = Math.max(memoryBytes, requestOf(container, "memory", parseBytes));
  }
  return { cpuMilli, memoryBytes, pods: 1 };
}

type Container = NonNullable<PodSpec["containers"]>[number];

/** Stored quantities were validated; evolve takes what is none for nothing rather than fail. */
function requestOf(
  container: Container,
  resource: string,
  parse: (quantity: unknown) => Result<number>,
): number {
  const { requests, limits } = container.resources ?? {};
  const quantity = requests?.[resource] ?? limits?.[resource];
  if (quantity === undefined) return 0;
  const parsed = parse(quantity);
  return parsed.ok ? parsed.value : 0;
}

/** `ip/protocol/port`, each once. Pods on the host's network hold their container ports there. */
export function hostPortsOf(spec: PodSpec): readonly string[] {
  const taken = new Set<string>();
  for (const container of spec.containers ?? []) {
    for (const { hostPort, hostIP, protocol, containerPort } of container.ports ?? []) {
      const port = hostPort ?? (spec.hostNetwork ? containerPort : undefined);
      if (port) taken.add(`${hostIP || wildcardIp}/${protocol ?? "TCP"}/${port}`);
    }
  }
  return taken.size === 0 ? noPorts : [...taken];
}
const noPorts: readonly string[] = Object.freeze([]);
