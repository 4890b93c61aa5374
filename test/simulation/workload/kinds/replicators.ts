// Replication controllers and replica sets: so many pods of one template.

import type { ObjectRow } from "../../../../master/cluster/contract.ts";
import type { ApiObject } from "../../../../protocol/mod.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import { drawPod, podTemplate } from "../pods.ts";
import { living, metadataOf, type Place, type SimulatedKind, specOf } from "./kind.ts";

function manifest(kind: "ReplicationController" | "ReplicaSet", draw: Draw, place: Place): ApiObject {
  const labels = { app: place.name };
  return {
    apiVersion: kind === "ReplicaSet" ? "apps/v1" : "v1",
    kind,
    metadata: metadataOf(place),
    spec: {
      replicas: draw.spread(1, 16) - 1,
      ...(draw.chance(0.2) && { minReadySeconds: draw.pick([1, 5]) }),
      selector: kind === "ReplicaSet" ? { matchLabels: labels } : labels,
      template: podTemplate(place.name, drawPod(draw)),
    },
  };
}

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const { replicas } = specOf<{ readonly replicas?: number }>(row);
  const live = living(cluster, row).length;
  if (live !== replicas) yield `has ${live} of ${replicas} pods`;
  const told: unknown = row.status["replicas"];
  if ((told ?? 0) !== live) yield `tells of ${String(told)} replicas and has ${live}`;
}

const replicator = (kind: "ReplicationController" | "ReplicaSet"): SimulatedKind => ({
  kind,
  weight: kind === "ReplicationController" ? 3 : 2,
  scales: kind,
  manifest: (draw, place) => manifest(kind, draw, place),
  owes,
});

export const replicators = [replicator("ReplicationController"), replicator("ReplicaSet")] as const;
