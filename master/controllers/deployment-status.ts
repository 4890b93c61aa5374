// What a deployment tells of itself: the numbers of its pods, whether it is available, and whether its rollout gets
// on (source: Kubernetes, "Deployments: deployment status", and progress.go of its controller).

import {
  conditionOf,
  type DeploymentCondition,
  type DeploymentStatus,
  deploymentStatusOf,
  progressDueAt,
  progressReasons,
  timestamp,
} from "../cluster/mod.ts";
import { failureOf, replicaFailure } from "./replication-status.ts";
import { allSets, annotations, replicasOf, type Rollout, sumOf } from "./deployment-view.ts";

type Told = Omit<DeploymentCondition, "lastUpdateTime" | "lastTransitionTime">;

export function deploymentStatus(rollout: Rollout): DeploymentStatus {
  const { row, fresh } = rollout;
  const before = deploymentStatusOf(row);
  const sets = allSets(rollout);
  const available = sumOf(sets, ({ counts }) => counts.available);
  const numbers = {
    observedGeneration: row.value.metadata.generation ?? 0,
    replicas: sumOf(sets, ({ counts }) => counts.active),
    updatedReplicas: fresh?.counts.active ?? 0,
    readyReplicas: sumOf(sets, ({ counts }) => counts.ready),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumOf(sets, replicasOf) - available),
    ...(before.collisionCount !== undefined && { collisionCount: before.collisionCount }),
  };
  return { ...numbers, conditions: conditionsOf(rollout, numbers) };
}

function conditionsOf(rollout: Rollout, numbers: DeploymentStatus): DeploymentCondition[] {
  const before = deploymentStatusOf(rollout.row);
  const told = [
    availability(rollout, numbers),
    progress(rollout, numbers),
    noPods(rollout),
    reverted(rollout),
  ];
  return told
    .filter((condition) => condition !== undefined)
    .map((condition) => stamped(condition, conditionOf(before, condition.type), rollout.now));
}

/** A condition that says the same keeps its times; `fresh` ones are new progress and take the present time. */
function stamped(
  { isNews, ...told }: Told & { readonly isNews?: boolean },
  before: DeploymentCondition | undefined,
  now: number,
): DeploymentCondition {
  const at = timestamp(now);
  const same = before?.status === told.status;
  const kept = same && before.reason === told.reason && !isNews;
  return {
    ...told,
    ...(kept && { message: before.message ?? "" }),
    lastUpdateTime: kept ? (before.lastUpdateTime ?? at) : at,
    lastTransitionTime: same ? (before.lastTransitionTime ?? at) : at,
  };
}

function availability({ wanted, bounds }: Rollout, { availableReplicas = 0 }: DeploymentStatus): Told {
  const enough = availableReplicas >= wanted - bounds.maxUnavailable;
  return {
    type: "Available",
    status: enough ? "True" : "False",
    reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: enough
      ? "Deployment has minimum availability."
      : "Deployment does not have minimum availability.",
  };
}

/** What keeps its replica sets from making pods, the present one first. */
function noPods(rollout: Rollout): Told | undefined {
  const failures = allSets(rollout).map(({ row }) => failureOf(row));
  const found = (rollout.fresh && failureOf(rollout.fresh.row)) ?? failures.find(Boolean);
  if (!found) return undefined;
  const { reason = "", message = "" } = found;
  return { type: replicaFailure, status: "True", reason, message };
}

/** Every pod is of the present template and available, and nothing of an older one is left. */
export function isComplete({ wanted, fresh }: Rollout, numbers: DeploymentStatus): boolean {
  const { updatedReplicas, replicas, availableReplicas } = numbers;
  return (
    fresh !== undefined &&
    fresh.replicas === wanted &&
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas === wanted
  );
}

function progress(
  rollout: Rollout,
  numbers: DeploymentStatus,
): (Told & { readonly isNews?: boolean }) | undefined {
  const { row, spec, fresh, now } = rollout;
  const status = deploymentStatusOf(row);
  const before = conditionOf(status, "Progressing");
  if (spec.progressDeadlineSeconds === undefined) return undefined;
  const set = `ReplicaSet "${fresh?.row.ref.name ?? ""}"`;
  const told = (state: Told["status"], reason: string, message: string): Told => ({
    type: "Progressing",
    status: state,
    reason,
    message,
  });
  if (spec.paused) {
    if (before?.reason === progressReasons.deadline)
      return told("False", before.reason, before.message ?? "");
    return told("Unknown", progressReasons.paused, "Deployment is paused");
  }
  const resting =
    before?.reason === progressReasons.available && numbers.replicas === numbers.updatedReplicas;
  if (resting) return told("True", before.reason ?? "", before.message ?? "");
  if (isComplete(rollout, numbers)) {
    return told("True", progressReasons.available, `${set} has successfully progressed.`);
  }
  if (before?.reason === progressReasons.paused) {
    return told("Unknown", progressReasons.resumed, "Deployment is resumed");
  }
  if (gotOn(status, numbers)) {
    return { ...told("True", progressReasons.updated, `${set} is progressing.`), isNews: true };
  }
  const dueAt = progressDueAt(row);
  if (dueAt !== undefined && now >= dueAt) {
    return told("False", progressReasons.deadline, `${set} has timed out progressing.`);
  }
  if (!before) return told("True", progressReasons.found, `Found new replica set ${set}`);
  return told(before.status, before.reason ?? "", before.message ?? "");
}

/** More new pods, fewer old ones, or more of them ready or available than before. */
function gotOn(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(next) < old(before) ||
    (next.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** Stands as long as the template is the one that was returned to. */
function reverted({ row, fresh }: Rollout): Told | undefined {
  const known = row.value.metadata.annotations ?? {};
  const from = known[annotations.revertedFrom];
  if (from === undefined || !fresh || known[annotations.revertedTo] !== fresh.row.ref.name) return undefined;
  return {
    type: "Reverted",
    status: "True",
    reason: progressReasons.deadline,
    message: `Revision ${from} exceeded its progress deadline: back to ReplicaSet "${fresh.row.ref.name}".`,
  };
}
