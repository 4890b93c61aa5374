// Which pods go first when there are too many. The order is that of Kubernetes' ActivePodsWithRanks.

import { type ClusterState, type PodRow } from "../cluster/mod.ts";

/**
 * Unassigned before assigned; Pending before Running; not ready before ready; those with more pods of the same
 * owner on their node; ready for a shorter time; with more restarts; newer. The uid decides between equals.
 */
export function victimsFirst(state: ClusterState, pods: readonly PodRow[]): readonly PodRow[] {
  const onNode = new Map<string, number>();
  for (const { node } of pods) if (node !== undefined) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  const ranked = pods.map((pod) => ({ pod, rank: rankOf(state, pod, onNode) }));
  ranked.sort((left, right) => {
    for (const [index, value] of left.rank.entries()) {
      const difference = value - (right.rank[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return left.pod.ref.uid < right.pod.ref.uid ? -1 : 1;
  });
  return ranked.map(({ pod }) => pod);
}

/** Smaller goes first, compared from the front. */
function rankOf(state: ClusterState, pod: PodRow, onNode: ReadonlyMap<string, number>): readonly number[] {
  const node = pod.node === undefined ? undefined : state.node(pod.node);
  return [
    pod.node === undefined ? 0 : 1,
    pod.status.phase === "Running" ? 1 : 0,
    // What runs on a node that is not heard may not be there any more.
    pod.ready && node?.state === "Ready" ? 1 : 0,
    -(pod.node === undefined ? 0 : (onNode.get(pod.node) ?? 0)),
    -(pod.readyAt ?? 0),
    -restartsOf(pod),
    -(pod.born ?? pod.createdAt),
  ];
}

const restartsOf = ({ status }: PodRow): number =>
  (status.containerStatuses ?? []).reduce((sum, { restartCount }) => Math.max(sum, restartCount), 0);
