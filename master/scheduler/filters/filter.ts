// What a filter is: prepared once for a group of equal pods, then asked for each node why it will not do.
// Reasons are Kubernetes' own sentences, because people search for them.

import type { PodRow, SchedulingSnapshot } from "../../cluster/contract.ts";
import type { Candidate } from "../candidate.ts";

/** The reasons against a node, or nothing when it passes. One node may have several (cpu and memory). */
export type Refuse = (candidate: Candidate) => readonly string[] | undefined;

export interface Filter {
  readonly name: string;
  /** True where a pod that is placed on a node can change the answer for the next equal pod. */
  readonly changesWithPlacement: boolean;
  /** Undefined when this pod asks nothing of the filter: then no node is asked. */
  prepare(pod: PodRow, snapshot: SchedulingSnapshot): Refuse | undefined;
}
