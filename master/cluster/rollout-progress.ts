// The Progressing condition of a deployment, and when its deadline passes
// (source: Kubernetes, "Deployments: progress deadline seconds").

import type { ObjectRow } from "./contract.ts";
import { deploymentSpecOf, type DeploymentStatus } from "./specs.ts";

/** Reasons of the Progressing condition, as Kubernetes names them. */
export const progressReasons = {
  created: "NewReplicaSetCreated",
  found: "FoundNewReplicaSet",
  updated: "ReplicaSetUpdated",
  available: "NewReplicaSetAvailable",
  deadline: "ProgressDeadlineExceeded",
  paused: "DeploymentPaused",
  resumed: "DeploymentResumed",
} as const;

export type DeploymentCondition = NonNullable<DeploymentStatus["conditions"]>[number];

export const deploymentStatusOf = (row: ObjectRow): DeploymentStatus => row.status as DeploymentStatus;

export const conditionOf = (status: DeploymentStatus, type: string): DeploymentCondition | undefined =>
  status.conditions?.find((condition) => condition.type === type);

/** Nothing is waited for when it is done, was given up, or is paused. */
export function progressDueAt(row: ObjectRow): number | undefined {
  const { progressDeadlineSeconds, paused } = deploymentSpecOf(row.value);
  const progressing = conditionOf(deploymentStatusOf(row), "Progressing");
  if (progressDeadlineSeconds === undefined || paused || !progressing) return undefined;
  const { reason, lastUpdateTime } = progressing;
  if (reason === progressReasons.available || reason === progressReasons.deadline) return undefined;
  const since = Date.parse(lastUpdateTime ?? "");
  return Number.isNaN(since) ? undefined : since + progressDeadlineSeconds * 1000;
}
