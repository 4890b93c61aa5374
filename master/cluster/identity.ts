// Pods that must run at most once by their name: those of stateful sets. What is needed before one may go.

import { statefulPodNameLabel } from "./batch-specs.ts";
import type { ClusterState, PodRow } from "./contract.ts";

/** It is told by the pod itself: its stateful set may be gone while it runs still. */
const isIdentity = ({ ref, metadata }: PodRow): boolean =>
  metadata.labels?.[statefulPodNameLabel] === ref.name ||
  (metadata.ownerReferences ?? []).some(({ kind, controller }) => kind === "StatefulSet" && controller);

/**
 * Nothing proves that no container of it runs: its node took it on, has not said that it is gone, was not booted
 * again, and nobody vouched for the node.
 */
export function mayRunStill(state: ClusterState, pod: PodRow): boolean {
  if (pod.node === undefined || pod.givenUp || !isIdentity(pod)) return false;
  const node = state.node(pod.node);
  return node !== undefined && !node.fenced;
}
