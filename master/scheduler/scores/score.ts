// What a score is: 0 to 100 for a node, from that node alone. Nothing may depend on the other nodes, so that a
// placement changes one score and not all of them.

import type { PodRow } from "../../cluster/contract.ts";
import type { Candidate } from "../candidate.ts";

/** `equals`: pods of the same group on the node, those just planned among them. */
export type Rate = (candidate: Candidate, equals: number) => number;

export interface Score {
  /** As in `Placement.scores[].parts` and in the answer to why. */
  readonly name: string;
  readonly weight: number;
  /** Undefined when the score says nothing about this pod. */
  prepare(pod: PodRow): Rate | undefined;
}

/** Part of what is allocatable that would be requested, 0 to 1, with `requested` more. */
export function fractionUsed(allocatable: number, free: number, requested: number): number {
  if (allocatable <= 0) return 1;
  return Math.min(1, Math.max(0, (allocatable - free + requested) / allocatable));
}
