// Deployments: made, edited, paused, resumed, undone, by both strategies and with all bounds.

import type { ObjectRow, PodRow } from "../../../../master/cluster/contract.ts";
import {
  controllerOf,
  deploymentSpecOf,
  deploymentStatusOf,
  progressDueAt,
  replicatorSpecOf,
} from "../../../../master/cluster/mod.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import { excuseOf } from "../../excuses.ts";
import type { MergePatch } from "../operation.ts";
import { drawPod, otherContainers, podTemplate } from "../pods.ts";
import { living, metadataOf, rolledMetadata, type SimulatedKind } from "./kind.ts";

function drawStrategy(draw: Draw): object {
  if (draw.chance(0.25)) return { type: "Recreate", rollingUpdate: null };
  const [maxSurge, maxUnavailable] = draw.pick([
    [1, 0],
    [0, 1],
    [1, 1],
    [3, 2],
    ["25%", "25%"],
    ["100%", 0],
    [0, "50%"],
  ] as const);
  return { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
}

function edit(draw: Draw): MergePatch {
  const change = draw.weighted<() => object>([
    [10, () => otherContainers(draw)],
    [3, () => ({ paused: true })],
    [4, () => ({ paused: false })],
    [3, () => ({ paused: false, ...otherContainers(draw) })],
    [2, () => ({ strategy: drawStrategy(draw) })],
    [1, () => ({ minReadySeconds: draw.pick([0, 2, 5]) })],
    [1, () => ({ revisionHistoryLimit: draw.below(3) })],
    [2, () => ({ replicas: draw.spread(1, 12) - 1, ...otherContainers(draw) })],
    [2, () => ({ template: { metadata: { annotations: { restarted: String(draw.below(1_000)) } } } })],
  ]);
  return { spec: change() };
}

export const setsOf = (cluster: Pick<SimCluster, "oracle">, { ref }: ObjectRow): readonly ObjectRow[] => {
  const { state } = cluster.oracle;
  const rows: ObjectRow[] = [];
  for (const { kind, uid } of state.dependents(ref.uid)) {
    const row = kind === "ReplicaSet" ? state.objectByUid(uid) : undefined;
    if (row && controllerOf(row.value.metadata.ownerReferences) === ref.uid) rows.push(row);
  }
  return rows;
};

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const spec = deploymentSpecOf(row.value);
  const { replicas: wanted = 1 } = spec;
  const sets = setsOf(cluster, row);
  const pods = sets.flatMap((set) => living(cluster, set));
  const asked = sets.reduce((sum, set) => sum + replicatorSpecOf(set.value).replicas, 0);
  const status = deploymentStatusOf(row);
  if ((status.replicas ?? 0) !== pods.length)
    yield `tells of ${status.replicas} replicas and has ${pods.length}`;
  if (pods.length !== asked) yield `has ${pods.length} pods, and its replica sets ask for ${asked}`;
  if (spec.paused) return;
  const stuck = pods.find((pod: PodRow) => !pod.ready);
  if (stuck) {
    if (progressDueAt(row) !== undefined) yield `waits for its progress deadline`;
    if (excuseOf(cluster, stuck) === undefined) yield `waits for ${stuck.ref.name}`;
    return;
  }
  const revisions = new Set(pods.map(({ owner }) => owner));
  if (pods.length !== wanted) yield `has ${pods.length} of ${wanted} pods`;
  if (revisions.size > 1) yield `has pods of ${revisions.size} revisions`;
  const { updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  if (updatedReplicas !== wanted || availableReplicas !== wanted)
    yield `tells of ${updatedReplicas} updated and ${availableReplicas} available of ${wanted}`;
  if (observedGeneration !== (row.value.metadata.generation ?? 0))
    yield `tells of generation ${observedGeneration}`;
}

export const deployment: SimulatedKind = {
  kind: "Deployment",
  weight: 5,
  scales: "Deployment",
  rolls: "Deployment",
  manifest: (draw, place) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: draw.chance(0.25)
      ? { ...metadataOf(place), annotations: { "berth.io/auto-revert": "true" } }
      : rolledMetadata(draw, place),
    spec: {
      replicas: draw.spread(1, 12) - 1,
      selector: { matchLabels: { app: place.name } },
      strategy: drawStrategy(draw),
      progressDeadlineSeconds: draw.between(8, 60),
      ...(draw.chance(0.3) && { minReadySeconds: draw.pick([1, 5]) }),
      ...(draw.chance(0.3) && { revisionHistoryLimit: draw.below(3) }),
      template: podTemplate(place.name, drawPod(draw)),
    },
  }),
  edit,
  owes,
};
