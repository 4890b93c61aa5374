// A pod row as a Kubernetes Pod.

import type { ApiObject, ObjectMeta, PodCondition, PodStatus } from "../../protocol/mod.ts";
import type { PodRow } from "./contract.ts";
import { disruptionTarget } from "./disruption-target.ts";
import { closedGate, isGated } from "./pod-gates.ts";
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

/** What the node observed, what others have said, and what the scheduler said about the pod's place. */
function podStatusOf(row: PodRow): PodStatus {
  const observed = row.status.conditions ?? [];
  const scheduled = observed.some(({ type }) => type === "PodScheduled")
    ? undefined
    : scheduledCondition(row);
  const gate = row.spec.readinessGates ? closedGate(row) : undefined;
  if (!scheduled && !row.conditions && gate === undefined) return row.status;
  const ready = gate === undefined ? observed : observed.map((each) => gated(each, gate));
  return {
    ...row.status,
    conditions: [...ready, ...(row.conditions ?? []), ...(scheduled ? [scheduled] : [])],
  };
}

const gated = (condition: PodCondition, message: string): PodCondition =>
  condition.type === "Ready" && condition.status === "True"
    ? { ...condition, status: "False", reason: "ReadinessGatesNotReady", message }
    : condition;

function withDisruption(status: PodStatus, row: PodRow): PodStatus {
  const target = disruptionTarget(row);
  return target ? { ...status, conditions: [...(status.conditions ?? []), target] } : status;
}

function scheduledCondition(row: PodRow): PodCondition | undefined {
  if (row.node !== undefined) return { type: "PodScheduled", status: "True" };
  if (isGated(row)) {
    const message = "Scheduling is blocked due to non-empty scheduling gates";
    return { type: "PodScheduled", status: "False", reason: "SchedulingGated", message };
  }
  if (!row.refusal) return undefined;
  return {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message: row.refusal.message,
  };
}
