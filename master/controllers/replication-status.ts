// What a ReplicationController or ReplicaSet tells of its pods.

import { type CommandEnvelope, type PodCondition, sameValue } from "../../protocol/mod.ts";
import { type ObjectRow, type PodRow, type ReplicatorSpec, timestamp } from "../cluster/mod.ts";
import type { Order } from "./ordering.ts";

export const replicaFailure = "ReplicaFailure";

export interface Replicas {
  readonly row: ObjectRow;
  readonly spec: ReplicatorSpec;
  readonly active: readonly PodRow[];
  /** Why none can be made of those that are missing. */
  readonly refusal: string | undefined;
  readonly now: number;
}

/** Nothing when it says so already. */
export function statusCommands(replicas: Replicas, order: Order): readonly CommandEnvelope[] {
  const { row, spec, active, now } = replicas;
  const wanted = Object.entries(spec.template.metadata?.labels ?? {});
  const labelled = active.filter(({ metadata }) =>
    wanted.every(([key, value]) => metadata.labels?.[key] === value),
  );
  const ready = active.filter((pod) => pod.ready);
  const available = ready.filter(({ readyAt = now }) => readyAt + spec.minReadySeconds * 1000 <= now);
  const status = {
    replicas: active.length,
    fullyLabeledReplicas: labelled.length,
    readyReplicas: ready.length,
    availableReplicas: available.length,
    observedGeneration: row.value.metadata.generation ?? 0,
    ...conditionsOf(replicas),
  };
  if (sameValue(row.status, status)) return [];
  return [order({ type: "UpdateStatus", object: row.ref, status })];
}

export const failureOf = ({ status }: Pick<ObjectRow, "status">): PodCondition | undefined =>
  (status as { readonly conditions?: readonly PodCondition[] }).conditions?.find(
    ({ type }) => type === replicaFailure,
  );

/** In Kubernetes' words; it goes when pods can be made again. */
function conditionsOf({ row, refusal, now }: Replicas): { readonly conditions?: readonly PodCondition[] } {
  if (refusal === undefined) return {};
  const message = `pods "${row.ref.name}-" is forbidden: ${refusal}`;
  const lastTransitionTime = failureOf(row)?.lastTransitionTime ?? timestamp(now);
  return {
    conditions: [
      { type: replicaFailure, status: "True", reason: "FailedCreate", message, lastTransitionTime },
    ],
  };
}
