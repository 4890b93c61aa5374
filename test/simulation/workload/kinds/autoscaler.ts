// Autoscalers of what has replicas under the same name, by a metric that users publish now and then: a target stays in
// its range, and comes to rest while the metric does.

import type { ObjectRow } from "../../../../master/cluster/contract.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import { metadataOf, type SimulatedKind, specOf } from "./kind.ts";

/** What users publish. */
export const publishedMetric = "load";
/** Of that, a pod should have so much. */
const wantedShare = 10;

interface AutoscalerSpec {
  readonly scaleTargetRef: { readonly kind: string; readonly name: string };
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

const drawRange = (draw: Draw): object => {
  const minReplicas = draw.between(1, 4);
  return { minReplicas, maxReplicas: minReplicas + draw.below(8) };
};

function* owes(row: ObjectRow, { oracle }: SimCluster): Generator<string> {
  const { scaleTargetRef, minReplicas, maxReplicas } = specOf<AutoscalerSpec>(row);
  const target = oracle.state.object(scaleTargetRef.kind, row.ref.namespace, scaleTargetRef.name);
  const { conditions = [] } = row.status as {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
    }[];
  };
  const able = conditions.find(({ type }) => type === "AbleToScale");
  if (!target || target.deletion) {
    if (able?.status !== "False") yield "does not say that its target is gone";
    return;
  }
  const { replicas = 1 } = specOf<{ readonly replicas?: number }>(target);
  if (replicas === 0) return;
  if (replicas < minReplicas || replicas > maxReplicas) {
    yield `lets its target have ${replicas} replicas, outside of ${minReplicas} to ${maxReplicas}`;
  }
  if (able?.status !== "True" || able.reason === "SucceededRescale") yield "has not come to rest";
}

export const autoscaler: SimulatedKind = {
  kind: "HorizontalPodAutoscaler",
  weight: 1.5,
  manifest: (draw, place) => ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadataOf(place),
    spec: {
      scaleTargetRef: {
        apiVersion: "apps/v1",
        kind: draw.pick(["Deployment", "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"]),
        name: place.name,
      },
      ...drawRange(draw),
      metrics: [
        {
          type: "External",
          external: {
            metric: { name: publishedMetric },
            target: { type: "AverageValue", averageValue: String(wantedShare) },
          },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: draw.pick([0, 0, 5]) } },
    },
  }),
  edit: (draw) => ({ spec: drawRange(draw) }),
  owes,
};
