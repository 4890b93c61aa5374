// Stateful sets: names that stay, in order or at once, updated from the top down to a partition.

import type { ObjectRow } from "../../../../master/cluster/contract.ts";
import { revisionHashLabel, statefulSetSpecOf, statefulSetStatusOf } from "../../../../master/cluster/mod.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import { drawPod, otherContainers, podTemplate } from "../pods.ts";
import { living, rolledMetadata, type SimulatedKind } from "./kind.ts";

/** Sets of this name have claims: what is fixed once a set is there must not depend on chance. */
const namedWithData = "db";
const dataTemplate = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

const drawStrategy = (draw: Draw): object =>
  draw.chance(0.2)
    ? { type: "OnDelete", rollingUpdate: null }
    : { type: "RollingUpdate", rollingUpdate: { partition: draw.chance(0.4) ? draw.below(4) : 0 } };

export const ordinalOf = (row: ObjectRow, pod: string): number => Number(pod.slice(row.ref.name.length + 1));

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const { replicas = 1, ordinals, updateStrategy } = statefulSetSpecOf(row.value);
  const first = ordinals?.start ?? 0;
  const pods = new Map(living(cluster, row).map((pod) => [ordinalOf(row, pod.ref.name), pod]));
  // One that never gets ready keeps the others from being made, ended and updated, as in Kubernetes.
  if ([...pods.values()].some(({ ready }) => !ready)) return;
  const { state } = cluster.oracle;
  const { namespace = "", name, uid } = row.ref;
  for (let ordinal = first; ordinal < first + replicas; ordinal++) {
    if (pods.has(ordinal)) continue;
    // Somebody else's pod of this name, one that was relabelled for example, keeps it.
    const taken = state.podNamed(namespace, `${name}-${ordinal}`);
    if (taken && taken.owner !== uid) return;
    // The one before may run still on a machine that stays away for ever: nobody can prove its end.
    if (taken?.node && state.node(taken.node)?.state === "Lost" && cluster.lastingFault(taken.node)) return;
    yield `has no pod ${ordinal}`;
  }
  if (pods.size !== replicas) yield `has ${pods.size} of ${replicas} pods`;
  const { readyReplicas = 0, updateRevision } = statefulSetStatusOf(row);
  if (readyReplicas !== replicas) yield `tells of ${readyReplicas} ready of ${replicas}`;
  if (updateStrategy?.type === "OnDelete") return;
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const [ordinal, { metadata }] of pods) {
    if (ordinal - first >= partition && metadata.labels?.[revisionHashLabel] !== updateRevision)
      yield `pod ${ordinal} is not of the present template`;
  }
}

export const statefulSet: SimulatedKind = {
  kind: "StatefulSet",
  weight: 5,
  scales: "StatefulSet",
  rolls: "StatefulSet",
  manifest: (draw, place) => ({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: rolledMetadata(draw, place),
    spec: {
      replicas: draw.spread(1, 7) - 1,
      serviceName: place.name,
      podManagementPolicy: place.name === "api" ? "Parallel" : "OrderedReady",
      selector: { matchLabels: { app: place.name } },
      updateStrategy: drawStrategy(draw),
      ...(draw.chance(0.2) && { minReadySeconds: draw.pick([1, 5]) }),
      ...(draw.chance(0.2) && { ordinals: { start: draw.between(0, 2) } }),
      template: podTemplate(place.name, drawPod(draw)),
      ...(place.name === namedWithData && { volumeClaimTemplates: [dataTemplate] }),
    },
  }),
  edit: (draw) => ({
    spec: draw.chance(0.75) ? otherContainers(draw) : { updateStrategy: drawStrategy(draw) },
  }),
  owes,
};
