// What may not change once an object exists.
// Source: k8s.io/kubernetes/pkg/apis/core/validation (ValidatePodUpdate, ValidateServiceUpdate, ...).

import type { ApiObject, Container, DaemonSet, Deployment, PodSpec, Service, Toleration } from "./object.ts";
import { fieldPath, type Report } from "./report.ts";
import { changedFields, sameValue } from "./same.ts";
import { isKind } from "./typed.ts";
import { validateEphemeralChange } from "./validate-ephemeral.ts";
import { validateConfigChange } from "./validate-config.ts";
import { keepJobLabels, validateJobChange } from "./validate-job.ts";
import { validateGateChange } from "./validate-pod-gates.ts";
import { validatePriorityClassChange } from "./validate-priority-class.ts";
import { fencingAnnotation, validateStatefulSetChange } from "./validate-stateful-set.ts";
import {
  validateClaimChange,
  validateStorageClassChange,
  validateVolumeChange,
} from "./validate-storage-change.ts";

/**
 * What a new version leaves out although the cluster has set it: a manifest that is applied again does not
 * mean to take a service's address away. Call it before `validateUpdate`.
 */
export function keepAllocated(old: ApiObject, next: ApiObject): ApiObject {
  if (isKind(old, "Service") && isKind(next, "Service") && old.spec && next.spec) {
    const { clusterIP, clusterIPs } = old.spec;
    const keeps = !next.spec.clusterIP && next.spec.type !== "ExternalName" && clusterIP;
    if (keeps) return { ...next, spec: { ...next.spec, clusterIP, ...(clusterIPs && { clusterIPs }) } };
  }
  if (isKind(old, "Job") && isKind(next, "Job")) return keepJobLabels(old, next);
  if (isKind(old, "PersistentVolumeClaim") && isKind(next, "PersistentVolumeClaim") && next.spec) {
    const { volumeName, storageClassName } = old.spec ?? {};
    const kept = {
      ...(volumeName && { volumeName }),
      ...(storageClassName !== undefined && { storageClassName }),
    };
    return { ...next, spec: { ...kept, ...next.spec } };
  }
  if (isKind(old, "Pod") && isKind(next, "Pod") && old.spec && next.spec) {
    return { ...next, spec: { ...keptOfPod(old.spec), ...next.spec } };
  }
  if (isKind(old, "Node") && isKind(next, "Node") && old.spec?.podCIDR && !next.spec?.podCIDR) {
    const { podCIDR, podCIDRs } = old.spec;
    return { ...next, spec: { ...next.spec, podCIDR, ...(podCIDRs && { podCIDRs }) } };
  }
  return next;
}

/** Where it is, and what its priority class made of it. */
function keptOfPod({ nodeName, priorityClassName, priority, preemptionPolicy }: PodSpec): Partial<PodSpec> {
  return {
    ...(nodeName && { nodeName }),
    ...(priorityClassName && { priorityClassName }),
    ...(priority !== undefined && { priority }),
    ...(preemptionPolicy && { preemptionPolicy }),
  };
}

export function validateUpdateRules(old: ApiObject, next: ApiObject, report: Report): void {
  for (const field of ["apiVersion", "kind"] as const) {
    if (old[field] !== next[field]) report.add(field, "Immutable", `is ${old[field]} and can't change`);
  }
  for (const field of ["name", "namespace", "uid", "creationTimestamp"] as const) {
    const before = old.metadata[field];
    const after = next.metadata[field];
    if (after !== undefined && after !== before) {
      report.add(`metadata.${field}`, "Immutable", `is ${before ?? "not set"} and can't change`);
    }
  }
  if (isKind(old, "Pod") && isKind(next, "Pod")) {
    if (old.spec && next.spec) validatePodChange(old.spec, next.spec, report);
    if (old.metadata.annotations?.[fencingAnnotation] !== next.metadata.annotations?.[fencingAnnotation]) {
      const message = "can't change while the pod lives: its node and the leader go by it";
      report.add(`metadata.annotations[${fencingAnnotation}]`, "Immutable", message);
    }
  } else if (isKind(old, "ReplicaSet") && isKind(next, "ReplicaSet")) {
    if (!sameValue(old.spec?.selector, next.spec?.selector)) {
      report.add("spec.selector", "Immutable", "can't change; make another replica set");
    }
  } else if (isRollout(old) && isRollout(next)) {
    if (!sameValue(old.spec?.selector, next.spec?.selector)) {
      report.add("spec.selector", "Immutable", `can't change; make another ${old.kind}`);
    }
  } else if (isKind(old, "StatefulSet") && isKind(next, "StatefulSet")) {
    validateStatefulSetChange(old, next, report);
  } else if (isKind(old, "Job") && isKind(next, "Job")) validateJobChange(old, next, report);
  else if (isKind(old, "Service") && isKind(next, "Service")) validateServiceChange(old, next, report);
  else if (isKind(old, "PriorityClass") && isKind(next, "PriorityClass"))
    validatePriorityClassChange(old, next, report);
  else if (isKind(old, "PersistentVolume") && isKind(next, "PersistentVolume")) {
    validateVolumeChange(old, next, report);
  } else if (isKind(old, "PersistentVolumeClaim") && isKind(next, "PersistentVolumeClaim")) {
    validateClaimChange(old, next, report);
  } else if (isKind(old, "StorageClass") && isKind(next, "StorageClass")) {
    validateStorageClassChange(old, next, report);
  } else if (old.kind === "ConfigMap" || old.kind === "Secret") validateConfigChange(old, next, report);
  else if (isKind(old, "Node") && isKind(next, "Node")) {
    const before = old.spec?.podCIDR;
    if (before && next.spec?.podCIDR !== before)
      report.add("spec.podCIDR", "Immutable", `is ${before} and can't change`);
  }
}

const isRollout = (object: ApiObject): object is ApiObject & (Deployment | DaemonSet) =>
  isKind(object, "Deployment") || isKind(object, "DaemonSet");

/** Images, tolerations that are added, and an earlier deadline: nothing else of a pod's spec may change. */
function validatePodChange(old: PodSpec, next: PodSpec, report: Report): void {
  const isGated = (old.schedulingGates ?? []).length > 0;
  const comparable = (spec: PodSpec): unknown => ({
    ...spec,
    containers: spec.containers.map(withoutImage),
    initContainers: (spec.initContainers ?? []).map(withoutImage),
    tolerations: undefined,
    activeDeadlineSeconds: undefined,
    ephemeralContainers: undefined,
    schedulingGates: undefined,
    // While it waits for its gates, the choice of nodes may become narrower.
    ...(isGated && { nodeSelector: undefined }),
  });
  validateEphemeralChange(old, next, report);
  for (const path of changedFields(comparable(old), comparable(next))) {
    report.add(
      fieldPath("spec", path),
      "Immutable",
      "can't change in a pod: only images, added tolerations and an earlier activeDeadlineSeconds can",
    );
  }
  validateGateChange(old, next, report);
  const kept = new Set((next.tolerations ?? []).map(tolerationKey));
  if (!(old.tolerations ?? []).every((toleration) => kept.has(tolerationKey(toleration)))) {
    report.add("spec.tolerations", "Immutable", "can be added to, but not taken away or changed");
  }
  const { activeDeadlineSeconds: before } = old;
  const { activeDeadlineSeconds: after } = next;
  if (before !== undefined && (after === undefined || after > before)) {
    report.add("spec.activeDeadlineSeconds", "Immutable", `is ${before} and can only become smaller`);
  }
}

const tolerationKey = ({ key, operator, value, effect, tolerationSeconds }: Toleration): string =>
  JSON.stringify([key, operator, value, effect, tolerationSeconds]);
const withoutImage = (container: Container): unknown => ({ ...container, image: undefined });

function validateServiceChange(old: Service, next: Service, report: Report): void {
  const before = old.spec?.clusterIP;
  if (!before || next.spec?.type === "ExternalName") return;
  if (next.spec?.clusterIP !== before) {
    report.add(
      "spec.clusterIP",
      "Immutable",
      `is ${before} and can't change; delete the service and make it again`,
    );
  }
}
