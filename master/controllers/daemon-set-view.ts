// What a daemon set's reconcile looks at: the set, its nodes with their pods, and what its update may do.

import {
  type ClusterState,
  daemonSetHash,
  daemonSetSpecOf,
  type DaemonSetSpec,
  daemonTemplate,
  type ObjectRow,
  type PodRow,
  revisionHashLabel,
} from "../cluster/mod.ts";
import { type NodeView, viewNodes } from "./daemon-set-nodes.ts";
import type { PodRules } from "./daemon-set-update.ts";
import { isAvailable } from "./pod-counts.ts";
import { type Bounds, daemonSetBounds } from "./rollout-bounds.ts";

export interface DaemonView {
  readonly row: ObjectRow;
  readonly spec: DaemonSetSpec;
  readonly nodes: readonly NodeView[];
  /** Pods for nodes that are there no more. */
  readonly strays: readonly PodRow[];
  readonly rules: PodRules;
  readonly bounds: Bounds;
  readonly now: number;
}

export function viewDaemonSet(state: ClusterState, row: ObjectRow, now: number): DaemonView {
  const spec = daemonSetSpecOf(row.value);
  const hash = daemonSetHash(row.value);
  const { nodes, strays } = viewNodes(state, row, daemonTemplate(row.value));
  const rules: PodRules = {
    isUpdated: ({ metadata }) => metadata.labels?.[revisionHashLabel] === hash,
    isAvailable: (pod) => isAvailable(pod, spec.minReadySeconds ?? 0, now),
  };
  const wanted = nodes.filter((view) => view.wanted).length;
  const bounds = daemonSetBounds(spec.updateStrategy?.rollingUpdate, wanted);
  return { row, spec, nodes, strays, rules, bounds, now };
}
