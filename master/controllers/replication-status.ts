// What a ReplicationController or ReplicaSet tells of its pods.

import { type CommandEnvelope, sameValue } from "../../protocol/mod.ts";
import type { ObjectRow, PodRow, ReplicatorSpec } from "../cluster/mod.ts";
import type { Order } from "./ordering.ts";

/** Nothing when it says so already. */
export function statusCommands(
  row: ObjectRow,
  spec: ReplicatorSpec,
  active: readonly PodRow[],
  now: number,
  order: Order,
): readonly CommandEnvelope[] {
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
  };
  if (sameValue(row.status, status)) return [];
  return [order({ type: "UpdateStatus", object: row.ref, status })];
}
