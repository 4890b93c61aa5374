// The figures that an autoscaler follows as they are now, for whoever reads it: the log holds those of its last change.

import type { ApiObject } from "../../protocol/mod.ts";
import type { ClusterState } from "../cluster/mod.ts";
import type { Measures } from "./measures.ts";
import { propose } from "./proposals.ts";
import { scaleTarget } from "./scale-target.ts";
import { autoscalerSpecOf } from "./spec.ts";

const exact = { up: 0, down: 0 };

/** An autoscaler with its metrics and its target's size of this moment; any other object as it is. */
export function withLiveMetrics(
  state: ClusterState,
  object: ApiObject,
  { measures, now }: { readonly measures: Measures; readonly now: number },
): ApiObject {
  if (object.kind !== "HorizontalPodAutoscaler") return object;
  const { namespace = "" } = object.metadata;
  const spec = autoscalerSpecOf(object);
  const target = scaleTarget(state, namespace, spec.scaleTargetRef);
  const { currentMetrics: _old, ...status } = (object.status ?? {}) as Readonly<Record<string, unknown>>;
  if (!target.ok) return { ...object, status };
  const proposing = { namespace, target: target.value, tolerances: exact, measures, now };
  const currentMetrics = (spec.metrics ?? []).flatMap((metric) => {
    const found = propose(metric, proposing);
    return found.ok ? [found.status] : [];
  });
  return {
    ...object,
    status: {
      ...status,
      currentReplicas: target.value.present,
      ...(currentMetrics.length > 0 && { currentMetrics }),
    },
  };
}
