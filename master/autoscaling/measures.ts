// What an autoscaler's decision takes from outside of the log: figures of usage and of metrics, as one leader has
// heard them. Handed in, so that the same figures lead to the same decision.

import {
  type ContainerUsage,
  metricSubject,
  type MetricSubjectParts,
  type NodeName,
  type Prefix,
} from "../../protocol/mod.ts";
import type { ClusterState, PodRow } from "../cluster/mod.ts";
import type { Figures, MetricReading, NodeFigures } from "../figures/mod.ts";

export interface PodMeasure {
  readonly ageMs: number;
  /** CPU is the mean over this long before. */
  readonly windowMs: number;
  readonly containers: readonly ContainerUsage[];
}

export interface Measures {
  /** Undefined without fresh figures of this pod. */
  pod(row: PodRow): PodMeasure | undefined;
  /** The series of a metric that count. */
  metric(parts: MetricSubjectParts): readonly MetricReading[];
}

/** Made for one moment: each node's figures are looked up once. */
export function measuresOf(figures: Figures, state: ClusterState, prefix: Prefix): Measures {
  const nodes = new Map<NodeName, NodeFigures | undefined>();
  const figuresOf = (node: NodeName): NodeFigures | undefined => {
    if (!nodes.has(node)) {
      const found = figures.node(node);
      // Of a former session it is another agent's word; when stale nobody may act on it.
      const counts = found && !found.stale && found.session === state.node(node)?.session;
      nodes.set(node, counts ? found : undefined);
    }
    return nodes.get(node);
  };
  return {
    pod({ node, ref }) {
      const found = node === undefined ? undefined : figuresOf(node);
      const containers = found?.pods.get(ref.uid);
      return found && containers && { ageMs: found.ageMs, windowMs: found.windowMs, containers };
    },
    metric: (parts) => figures.metric(metricSubject(prefix, parts)),
  };
}
