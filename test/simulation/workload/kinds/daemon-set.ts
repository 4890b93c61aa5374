// Daemon sets: a pod on every node that may have one.

import type { NodeRow, ObjectRow } from "../../../../master/cluster/contract.ts";
import {
  daemonSetHash,
  daemonSetSpecOf,
  daemonTemplate,
  targetNodeOf,
} from "../../../../master/cluster/mod.ts";
import { revisionHashLabel } from "../../../../master/cluster/batch-specs.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import { isRepelled, suits } from "../../excuses.ts";
import { drawPod, otherContainers, podTemplate } from "../pods.ts";
import { living, rolledMetadata, type SimulatedKind } from "./kind.ts";

function drawStrategy(draw: Draw): object {
  if (draw.chance(0.25)) return { type: "OnDelete", rollingUpdate: null };
  const [maxSurge, maxUnavailable] = draw.pick([
    [0, 1],
    [0, 2],
    [0, "50%"],
    [1, 0],
    ["50%", 0],
  ] as const);
  return { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
}

/** Whether it should have a pod there, and whether it may keep one. */
export function place(row: ObjectRow, node: NodeRow): { readonly wanted: boolean; readonly kept: boolean } {
  const { spec = { containers: [] } } = daemonSetSpecOf(row.value).template;
  const bearing = daemonTemplate(row.value).spec ?? { containers: [] };
  if (!suits({ spec }, node)) return { wanted: false, kept: false };
  return {
    wanted: node.state !== "Lost" && !isRepelled(bearing, node),
    kept: !isRepelled(bearing, node, ["NoExecute"]),
  };
}

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const pods = living(cluster, row);
  const { updateStrategy } = daemonSetSpecOf(row.value);
  const present = daemonSetHash(row.value);
  const allReady = pods.every(({ ready }) => ready);
  let wantedNodes = 0;
  for (const node of cluster.oracle.state.nodes()) {
    const { wanted, kept } = place(row, node);
    if (wanted) wantedNodes++;
    const here = pods.filter((pod) => targetNodeOf(pod) === node.name);
    const most = !kept ? 0 : allReady ? 1 : 2;
    if (here.length > most) yield `has ${here.length} pods for ${node.name}`;
    if (wanted && here.length === 0) yield `has no pod for ${node.name}`;
    if (!allReady || updateStrategy?.type !== "RollingUpdate" || !wanted) continue;
    const old = here.find(({ metadata }) => metadata.labels?.[revisionHashLabel] !== present);
    if (old) yield `${old.ref.name} is not of the present template`;
  }
  const told: unknown = row.status["desiredNumberScheduled"];
  if (told !== wantedNodes) yield `tells of ${String(told)} nodes, and ${wantedNodes} should have a pod`;
}

export const daemonSet: SimulatedKind = {
  kind: "DaemonSet",
  weight: 3,
  rolls: "DaemonSet",
  manifest: (draw, at) => ({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: rolledMetadata(draw, at),
    spec: {
      selector: { matchLabels: { app: at.name } },
      updateStrategy: drawStrategy(draw),
      ...(draw.chance(0.3) && { minReadySeconds: draw.pick([1, 5]) }),
      template: podTemplate(at.name, drawPod(draw)),
    },
  }),
  edit: (draw) => ({
    spec: draw.chance(0.8) ? otherContainers(draw) : { updateStrategy: drawStrategy(draw) },
  }),
  owes,
};
