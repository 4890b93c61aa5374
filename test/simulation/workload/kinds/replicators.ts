// Replication controllers and replica sets: so many pods of one template.

import type { ObjectRow } from "../../../../master/cluster/contract.ts";
import type { ReplicatorSpec } from "../../../../master/cluster/mod.ts";
import type { ApiObject, PodCondition } from "../../../../protocol/mod.ts";
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

const isSystem = (priorityClass: string): boolean => priorityClass.startsWith("system-");

const failureOf = ({ status }: ObjectRow): PodCondition | undefined =>
  (status as { readonly conditions?: readonly PodCondition[] }).conditions?.find(
    ({ type }) => type === "ReplicaFailure",
  );

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const { replicas = 0, template } = specOf<Partial<ReplicatorSpec>>(row);
  const live = living(cluster, row).length;
  const failure = failureOf(row);
  const needed = template?.spec?.priorityClassName;
  const hasClass =
    !needed || isSystem(needed) || cluster.oracle.state.object("PriorityClass", undefined, needed);
  if (!hasClass && live < replicas) {
    if (!failure?.message?.includes(needed)) yield `does not say that there is no class ${needed}`;
  } else if (failure) yield `says that ${failure.message}`;
  else if (live !== replicas) yield `has ${live} of ${replicas} pods`;
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
