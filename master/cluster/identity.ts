// Pods that must run at most once by their name: those of stateful sets. What is needed before one may go.

import { hasLease, isIdentity, leaseReplaceMs } from "../../protocol/mod.ts";
import type { ClusterState, NodeRow, PodRow } from "./contract.ts";

/**
 * Nothing proves that no container of it runs: its node took it on, has not said that it is gone, was not booted
 * again, and nobody vouched for the node; nor has its lease run out there, if it has one. `now` is leader's time; the
 * state's own, which is never ahead of it, where nobody has a better one.
 */
export function mayRunStill(state: ClusterState, pod: PodRow, now = state.at): boolean {
  if (pod.node === undefined || pod.givenUp || !isIdentity(pod.ref.name, pod.metadata)) return false;
  const node = state.node(pod.node);
  if (!node || node.fenced) return false;
  return !(hasLease(pod) && node.state === "Lost" && now >= leaseOverAt(state, node));
}

/** From when on nothing runs under a lease on a node that is lost: leader's time. */
export const leaseOverAt = (
  { electedAt }: Pick<ClusterState, "electedAt">,
  { leased = 0 }: NodeRow,
): number => Math.max(electedAt, leased) + leaseReplaceMs;

/** The pods of a node that run there as long as the leader says so, and no longer. */
export function* leasedPods(state: ClusterState, { name }: NodeRow): Iterable<PodRow> {
  for (const pod of state.podsOnNode(name)) if (hasLease(pod) && !pod.givenUp) yield pod;
}
