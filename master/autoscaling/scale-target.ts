// What an autoscaler scales: its replicas as asked for and as there are, and its pods.

import { failure, type LabelSelector, type Result, success } from "../../protocol/mod.ts";
import {
  type ClusterState,
  deploymentSpecOf,
  type ObjectRow,
  type PodRow,
  podSelectorOf,
} from "../cluster/mod.ts";
import type { AutoscalerSpec } from "./spec.ts";

export interface ScaleTarget {
  readonly row: ObjectRow;
  /** As asked for. */
  readonly replicas: number;
  /** As there are. */
  readonly present: number;
  readonly pods: readonly PodRow[];
}

export function scaleTarget(
  state: ClusterState,
  namespace: string,
  { kind, name }: AutoscalerSpec["scaleTargetRef"],
): Result<ScaleTarget> {
  const row = state.object(kind, namespace, name);
  if (!row || row.deletion) {
    const message = `${kind} ${namespace}/${name} ${row ? "is being deleted" : "does not exist"}`;
    return failure("NotFound", `the HPA controller was unable to get the target's current scale: ${message}`);
  }
  const { replicas = 1 } = row.value.spec as { readonly replicas?: number };
  const { replicas: present = 0 } = row.status as { readonly replicas?: number };
  const selector: LabelSelector =
    kind === "Deployment" ? deploymentSpecOf(row.value).selector : podSelectorOf(row.value);
  return success({ row, replicas, present, pods: [...state.podsSelected(namespace, selector)] });
}
