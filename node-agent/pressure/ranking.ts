// Which pod goes first when a node runs out of something: kubelet's order. Pure.
// Those that use more than they asked for, then those that matter less, then those that use most beyond that.

import { formatBytes, parseBytes, type Pod, type Uid } from "../../protocol/mod.ts";
import { pressureOf, resourceOf } from "./signals.ts";
import type { Shortage } from "./judge.ts";

/** From here on pods are critical: no node evicts them (Kubernetes' SystemCriticalPriority). */
export const criticalPriority = 2_000_000_000;

export interface ContainerFigures {
  readonly name: string;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}
export interface PodFigures {
  readonly uid: Uid;
  readonly pod: Pod;
  readonly containers: readonly ContainerFigures[];
  /** Volumes and logs, beside what containers wrote. */
  readonly volumeBytes: number;
  readonly processes: number;
}

export const isCritical = ({ spec }: Pod): boolean => (spec?.priority ?? 0) >= criticalPriority;

/** Critical pods are not among them. */
export function rankForEviction(pods: readonly PodFigures[], { threshold }: Shortage): readonly PodFigures[] {
  const type = pressureOf(threshold.signal);
  const candidates = pods.filter(({ pod }) => !isCritical(pod));
  if (type === "PIDPressure") {
    return candidates.toSorted((one, other) => byPriority(one, other) || other.processes - one.processes);
  }
  const excess = type === "MemoryPressure" ? memoryExcess : diskExcess;
  return candidates.toSorted(
    (one, other) =>
      Number(excess(other) > 0) - Number(excess(one) > 0) ||
      byPriority(one, other) ||
      excess(other) - excess(one),
  );
}

const byPriority = (one: PodFigures, other: PodFigures): number =>
  (one.pod.spec?.priority ?? 0) - (other.pod.spec?.priority ?? 0);

const memoryExcess = (figures: PodFigures): number =>
  sum(figures.containers.map(({ memoryBytes }) => memoryBytes)) - requestOf(figures.pod, "memory");
const diskExcess = (figures: PodFigures): number =>
  figures.volumeBytes +
  sum(figures.containers.map(({ diskBytes }) => diskBytes)) -
  requestOf(figures.pod, "ephemeral-storage");

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

type Resource = "memory" | "ephemeral-storage";
const requestOf = (pod: Pod, resource: Resource): number =>
  sum((pod.spec?.containers ?? []).map(({ name }) => containerRequest(pod, name, resource)));

function containerRequest({ spec }: Pod, name: string, resource: Resource): number {
  const container = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(
    (each) => each.name === name,
  );
  const { requests, limits } = container?.resources ?? {};
  const parsed = parseBytes(requests?.[resource] ?? limits?.[resource] ?? 0);
  return parsed.ok ? parsed.value : 0;
}

/** In kubelet's words: what was short, and which of the pod's containers used more of it than they asked for. */
export function evictionMessage({ pod, containers }: PodFigures, { threshold, observed }: Shortage): string {
  const resource = resourceOf(threshold.signal);
  const amount = (value: number): string =>
    resource === "memory" || resource === "ephemeral-storage" ? formatBytes(value) : String(value);
  const low = `The node was low on resource: ${resource}. Threshold quantity: ${threshold.text}, available: ${amount(observed.available)}. `;
  if (resource !== "memory" && resource !== "ephemeral-storage") return low;
  const users = containers.flatMap(({ name, memoryBytes, diskBytes }) => {
    const used = resource === "memory" ? memoryBytes : diskBytes;
    const request = containerRequest(pod, name, resource);
    if (used <= request) return [];
    return [
      `Container ${name} was using ${amount(used)}, request is ${amount(request)}, has larger consumption of ${resource}. `,
    ];
  });
  return low + users.join("");
}
