// A node as one plan sees it: its row, and what is still free after what the plan has placed so far.
// Mutable, and private to a plan; the snapshot behind it never changes.

import type { NodeRow, PodRow, SchedulingSnapshot } from "../cluster/contract.ts";

export interface Candidate {
  readonly row: NodeRow;
  freeCpuMilli: number;
  freeMemoryBytes: number;
  freePods: number;
  /** Host ports of the pods that this plan has placed here. */
  plannedHostPorts: readonly string[];
}

/** In the order of names: a node's number in a plan is its place here. */
export function candidatesOf(snapshot: SchedulingSnapshot): readonly Candidate[] {
  const rows = Array.from(snapshot.nodes()).sort((one, other) => (one.name < other.name ? -1 : 1));
  return rows.map((row) => ({
    row,
    freeCpuMilli: row.allocatable.cpuMilli - row.used.cpuMilli,
    freeMemoryBytes: row.allocatable.memoryBytes - row.used.memoryBytes,
    freePods: row.allocatable.pods - row.used.pods,
    plannedHostPorts: [],
  }));
}

/** Takes what the pod requests out of what is free. */
export function place(candidate: Candidate, pod: PodRow): void {
  candidate.freeCpuMilli -= pod.requests.cpuMilli;
  candidate.freeMemoryBytes -= pod.requests.memoryBytes;
  candidate.freePods -= pod.requests.pods;
  if (pod.hostPorts.length > 0) {
    candidate.plannedHostPorts = [...candidate.plannedHostPorts, ...pod.hostPorts];
  }
}

/** Takes a `place` back. */
export function unplace(candidate: Candidate, pod: PodRow): void {
  candidate.freeCpuMilli += pod.requests.cpuMilli;
  candidate.freeMemoryBytes += pod.requests.memoryBytes;
  candidate.freePods += pod.requests.pods;
  if (pod.hostPorts.length === 0) return;
  candidate.plannedHostPorts = candidate.plannedHostPorts.filter((port) => !pod.hostPorts.includes(port));
}
