// A pod row as a Kubernetes Pod.

import type { ApiObject, ObjectMeta, PodCondition, PodStatus } from "../../protocol/mod.ts";
import type { PodRow } from "./contract.ts";
import { disruptionTarget } from "./disruption-target.ts";
import { timestamp } from "./timestamps.ts";

export function renderPod(row: PodRow): ApiObject {
  const metadata: ObjectMeta = { ...row.metadata, resourceVersion: String(row.position) };
  if (row.deletion) {
    const { requestedAt, graceSeconds } = row.deletion;
    metadata.deletionTimestamp = timestamp(requestedAt + graceSeconds * 1000);
    metadata.deletionGracePeriodSeconds = graceSeconds;
  }
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: row.node === undefined ? row.spec : { ...row.spec, nodeName: row.node },
    status: {
      ...withDisruption(podStatusOf(row), row),
      ...(row.nominated !== undefined && { nominatedNodeName: row.nominated }),
    },
  };
}

/** What the node observed, and what the scheduler said about the pod's place. */
function podStatusOf(row: PodRow): PodStatus {
  const conditions = row.status.conditions ?? [];
  if (conditions.some(({ type }) => type === "PodScheduled")) return row.status;
  const scheduled = scheduledCondition(row);
  return scheduled ? { ...row.status, conditions: [...conditions, scheduled] } : row.status;
}

function withDisruption(status: PodStatus, row: PodRow): PodStatus {
  const target = disruptionTarget(row);
  return target ? { ...status, conditions: [...(status.conditions ?? []), target] } : status;
}

function scheduledCondition(row: PodRow): PodCondition | undefined {
  if (row.node !== undefined) return { type: "PodScheduled", status: "True" };
  if (!row.refusal) return undefined;
  return {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message: row.refusal.message,
  };
}
