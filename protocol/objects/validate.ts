// Kubernetes' own rules for an object whose shape is right, and for a change of one. Every wrong field is
// reported, not only the first. A new kind adds its rules to the switch.

import { type FieldError, failure, quoteValue, type Result, success } from "../errors.ts";
import { kindInfo } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { createReport, type Report } from "./report.ts";
import { isKind } from "./typed.ts";
import { validateHorizontalPodAutoscaler } from "./validate-autoscaling.ts";
import { validateUpdateRules } from "./validate-change.ts";
import { validateConfigMap, validateSecret } from "./validate-config.ts";
import { validateDisruptionBudget } from "./validate-disruption-budget.ts";
import { validateEndpoints } from "./validate-endpoints.ts";
import { validateCronJob, validateJob } from "./validate-job.ts";
import { validateMetadata } from "./validate-metadata.ts";
import { validatePodSpec } from "./validate-pod.ts";
import { validatePriorityClass } from "./validate-priority-class.ts";
import { validateReplicaSet, validateReplicationController } from "./validate-replication.ts";
import { validateDaemonSet, validateDeployment } from "./validate-rollouts.ts";
import { validateService } from "./validate-service.ts";
import { validateStatefulSet } from "./validate-stateful-set.ts";
import { validateClaim, validateStorageClass, validateVolume } from "./validate-storage.ts";
import { validateTaints } from "./validate-tolerations.ts";

/** `Invalid` with every wrong field. The object has passed `admit` or `checkShape`, with defaults applied. */
export function validate(object: ApiObject): Result<ApiObject> {
  const report = createReport();
  validateInto(object, report);
  return reported(object, report);
}

/** As `validate`, and what may not change has not. */
export function validateUpdate(old: ApiObject, next: ApiObject): Result<ApiObject> {
  const report = createReport();
  validateInto(next, report);
  validateUpdateRules(old, next, report);
  return reported(next, report);
}

export function validateInto(object: ApiObject, report: Report): void {
  const info = kindInfo(object.kind);
  if (!info) return report.add("kind", "NotSupported", `no kind is named ${quoteValue(object.kind)}`);
  validateMetadata(object.metadata, info, report);
  if (isKind(object, "Pod")) {
    if (object.spec) validatePodSpec(object.spec, "spec", report);
    else report.add("spec", "Required", "is required");
  } else if (isKind(object, "ReplicationController")) validateReplicationController(object, report);
  else if (isKind(object, "ReplicaSet")) validateReplicaSet(object, report);
  else if (isKind(object, "Deployment")) validateDeployment(object, report);
  else if (isKind(object, "DaemonSet")) validateDaemonSet(object, report);
  else if (isKind(object, "StatefulSet")) validateStatefulSet(object, report);
  else if (isKind(object, "Job")) validateJob(object, report);
  else if (isKind(object, "CronJob")) validateCronJob(object, report);
  else if (isKind(object, "HorizontalPodAutoscaler")) validateHorizontalPodAutoscaler(object, report);
  else if (isKind(object, "Service")) validateService(object, report);
  else if (isKind(object, "Endpoints")) validateEndpoints(object, report);
  else if (isKind(object, "ConfigMap")) validateConfigMap(object, report);
  else if (isKind(object, "Secret")) validateSecret(object, report);
  else if (isKind(object, "PodDisruptionBudget")) validateDisruptionBudget(object, report);
  else if (isKind(object, "PriorityClass")) validatePriorityClass(object, report);
  else if (isKind(object, "PersistentVolume")) validateVolume(object, report);
  else if (isKind(object, "PersistentVolumeClaim")) validateClaim(object, report);
  else if (isKind(object, "StorageClass")) validateStorageClass(object, report);
  else if (isKind(object, "Node")) validateTaints(object.spec?.taints ?? [], "spec.taints", report);
}

/** Errors that stand in the message itself; the others are in its causes. */
const maxNamedInMessage = 10;

/** The object, or one failure that lists what is wrong, worded as kubectl's users know it. */
export function reported(object: ApiObject, report: Report): Result<ApiObject> {
  if (report.total === 0) return success(object);
  const { name, generateName } = object.metadata;
  const what = `${object.kind} ${quoteValue(name ?? generateName ?? "")} is invalid`;
  const sentences = report.errors.slice(0, maxNamedInMessage).map(sentence);
  const more =
    report.total > sentences.length
      ? `; and ${report.full ? "at least " : ""}${report.total - sentences.length} more`
      : "";
  return failure("Invalid", `${what}: ${sentences.join("; ")}${more}`, report.errors);
}

const sentence = ({ field, message, reason }: FieldError): string =>
  reason === "Unknown" ? `${field}: ${message}` : `${field} ${message}`;
