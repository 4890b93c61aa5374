// Which nodes a daemon set's pods belong on, and which pods each of them has
// (source: Kubernetes, "DaemonSet: how daemon pods are scheduled", and nodeShouldRunDaemonPod of its controller).

import { matches, type PodTemplateSpec, type Selector } from "../../protocol/mod.ts";
import {
  type ClusterState,
  nodeAffinityMatcher,
  type NodeRow,
  type ObjectRow,
  type PodRow,
  targetNodeOf,
  tolerates,
} from "../cluster/mod.ts";

export interface NodeView {
  readonly node: NodeRow;
  /** It should have a pod. */
  readonly wanted: boolean;
  /** It may keep the one that it has: a taint that came later and only keeps new pods out does not drive it away. */
  readonly kept: boolean;
  /** Oldest first; with those on their way out and those that have ended. */
  readonly pods: readonly PodRow[];
}

/** `template` as the pods have it, with the tolerations of a daemon set. */
export function viewNodes(
  state: ClusterState,
  row: ObjectRow,
  template: PodTemplateSpec,
): { readonly nodes: readonly NodeView[]; readonly strays: readonly PodRow[] } {
  const fits = nodeFilter(template);
  const byNode = new Map<string, PodRow[]>();
  const strays: PodRow[] = [];
  for (const pod of state.podsOwnedBy(row.ref.uid)) {
    const target = targetNodeOf(pod);
    if (target === undefined) continue;
    const pods = byNode.get(target);
    if (pods) pods.push(pod);
    else byNode.set(target, [pod]);
  }
  const nodes: NodeView[] = [];
  for (const node of state.nodes()) {
    const pods = (byNode.get(node.name) ?? []).sort(oldestFirst);
    byNode.delete(node.name);
    nodes.push({ node, pods, ...fits(node) });
  }
  for (const pods of byNode.values()) strays.push(...pods);
  return { nodes, strays };
}

const oldestFirst = (left: PodRow, right: PodRow): number => (left.born ?? 0) - (right.born ?? 0);

type Fit = Pick<NodeView, "wanted" | "kept">;

function nodeFilter({ spec }: PodTemplateSpec): (node: NodeRow) => Fit {
  const labels: Selector = Object.entries(spec?.nodeSelector ?? {}).map(([key, value]) => ({
    key,
    operator: "In",
    values: [value],
  }));
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const affinity = required && nodeAffinityMatcher(required);
  const matching = ({ metadata, name }: NodeRow): boolean => {
    const own = metadata.labels ?? {};
    if (spec?.nodeName && spec.nodeName !== name) return false;
    return matches(labels, own) && (affinity?.(own, name) ?? true);
  };
  return (node) => {
    if (!matching(node)) return { wanted: false, kept: false };
    const refused = node.taints.filter(
      (taint) => taint.effect !== "PreferNoSchedule" && !tolerates(spec?.tolerations, taint),
    );
    const kept = refused.every(({ effect }) => effect !== "NoExecute");
    // A lost node is not waited for: its pod stays bound to it and comes back with it, of whatever revision it is.
    return { wanted: refused.length === 0 && node.state !== "Lost", kept };
  };
}
