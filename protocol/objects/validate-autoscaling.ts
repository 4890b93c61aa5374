// Rules for autoscalers. Source: k8s.io/kubernetes/pkg/apis/autoscaling/validation.

import { selectorFromObject } from "../label-selector.ts";
import type { HorizontalPodAutoscaler } from "./object.ts";
import type { Report } from "./report.ts";
import { maxReplicas as mostReplicas } from "./validate-replication.ts";
import { validateQuantity, validateRange } from "./validate-scalars.ts";

type Spec = NonNullable<HorizontalPodAutoscaler["spec"]>;
type Metric = NonNullable<Spec["metrics"]>[number];
type Behavior = NonNullable<Spec["behavior"]>;
type Rules = NonNullable<Behavior["scaleUp"]>;
type Target = NonNullable<Metric["resource"]>["target"];
type Identifier = NonNullable<Metric["pods"]>["metric"];

/** Longest period of a policy, and longest window. */
export const maxPeriodSeconds = 1800;
export const maxStabilizationSeconds = 3600;
export const scalableKinds = ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"] as const;
/** What the agents measure. */
const measured = ["cpu", "memory"];
const metricTypes = ["Resource", "ContainerResource", "Pods", "Object", "External"] as const;
const fieldOfType = {
  Resource: "resource",
  ContainerResource: "containerResource",
  Pods: "pods",
  Object: "object",
  External: "external",
} as const;
/** Beyond it a list of metrics or policies is a mistake. */
const maxItems = 100;

export function validateHorizontalPodAutoscaler({ spec }: HorizontalPodAutoscaler, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  const { scaleTargetRef: target, minReplicas, maxReplicas } = spec;
  if (!target.name) report.add("spec.scaleTargetRef.name", "Required", "is required");
  if (!scalableKinds.some((kind) => kind === target.kind)) {
    const message = `must be one of ${scalableKinds.join(", ")}, found ${JSON.stringify(target.kind)}`;
    report.add("spec.scaleTargetRef.kind", "NotSupported", message);
  }
  validateRange(minReplicas, { min: 1 }, "spec.minReplicas", report);
  validateRange(maxReplicas, { min: 1, max: mostReplicas }, "spec.maxReplicas", report);
  if (minReplicas !== undefined && minReplicas >= 1 && maxReplicas < minReplicas) {
    const message = `must not be below minReplicas (${minReplicas}), found ${maxReplicas}`;
    report.add("spec.maxReplicas", "Invalid", message);
  }
  const metrics = spec.metrics ?? [];
  if (metrics.length > maxItems) report.add("spec.metrics", "TooLong", `must be at most ${maxItems}`);
  for (const [index, metric] of metrics.entries()) validateMetric(metric, `spec.metrics[${index}]`, report);
  if (spec.behavior?.scaleUp) validateRules(spec.behavior.scaleUp, "spec.behavior.scaleUp", report);
  if (spec.behavior?.scaleDown) validateRules(spec.behavior.scaleDown, "spec.behavior.scaleDown", report);
}

function validateMetric(metric: Metric, path: string, report: Report): void {
  const type = metricTypes.find((known) => known === metric.type);
  if (!type) {
    const message = `must be one of ${metricTypes.join(", ")}, found ${JSON.stringify(metric.type)}`;
    return report.add(`${path}.type`, "NotSupported", message);
  }
  for (const other of metricTypes) {
    const isSet = metric[fieldOfType[other]] !== undefined;
    if (isSet && other !== type)
      report.add(`${path}.${fieldOfType[other]}`, "Forbidden", `goes with the type ${other} only`);
    if (!isSet && other === type)
      report.add(`${path}.${fieldOfType[other]}`, "Required", `is required for the type ${type}`);
  }
  const { resource, containerResource, pods, object, external } = metric;
  if (resource && type === "Resource") {
    validateResource(resource, `${path}.resource`, report);
  }
  if (containerResource && type === "ContainerResource") {
    validateResource(containerResource, `${path}.containerResource`, report);
    if (!containerResource.container) {
      report.add(`${path}.containerResource.container`, "Required", "is required");
    }
  }
  if (pods && type === "Pods") {
    validateIdentifier(pods.metric, `${path}.pods.metric`, report);
    validateTarget(pods.target, ["AverageValue"], `${path}.pods.target`, report);
  }
  if (object && type === "Object") {
    validateIdentifier(object.metric, `${path}.object.metric`, report);
    validateTarget(object.target, ["Value", "AverageValue"], `${path}.object.target`, report);
    const { kind, name } = object.describedObject;
    if (!kind) report.add(`${path}.object.describedObject.kind`, "Required", "is required");
    if (!name) report.add(`${path}.object.describedObject.name`, "Required", "is required");
  }
  if (external && type === "External") {
    validateIdentifier(external.metric, `${path}.external.metric`, report);
    validateTarget(external.target, ["Value", "AverageValue"], `${path}.external.target`, report);
  }
}

function validateResource(
  { name, target }: { readonly name: string; readonly target: Target },
  path: string,
  report: Report,
): void {
  if (!name) report.add(`${path}.name`, "Required", "is required");
  else if (!measured.includes(name)) {
    const message = `must be one of ${measured.join(", ")}: nothing else is measured, found ${JSON.stringify(name)}`;
    report.add(`${path}.name`, "NotSupported", message);
  }
  validateTarget(target, ["Utilization", "AverageValue"], `${path}.target`, report);
}

function validateIdentifier({ name, selector }: Identifier, path: string, report: Report): void {
  if (!name) report.add(`${path}.name`, "Required", "is required");
  if (!selector) return;
  const parsed = selectorFromObject(selector);
  if (!parsed.ok) report.add(`${path}.selector`, "Invalid", parsed.error.message);
}

const targetFields = {
  Utilization: "averageUtilization",
  Value: "value",
  AverageValue: "averageValue",
} as const;
type TargetType = keyof typeof targetFields;

function validateTarget(target: Target, allowed: readonly TargetType[], path: string, report: Report): void {
  const type = allowed.find((known) => known === target.type);
  if (!type) {
    const message = `must be ${allowed.join(" or ")} here, found ${JSON.stringify(target.type)}`;
    return report.add(`${path}.type`, "NotSupported", message);
  }
  for (const other of Object.values(targetFields)) {
    if (other === targetFields[type] || target[other] === undefined) continue;
    report.add(`${path}.${other}`, "Forbidden", `does not go with the type ${type}`);
  }
  const field = `${path}.${targetFields[type]}`;
  const value = target[targetFields[type]];
  if (value === undefined) return report.add(field, "Required", `is required for the type ${type}`);
  if (type === "Utilization") return validateRange(target.averageUtilization, { min: 1 }, field, report);
  const quantity = validateQuantity(value, field, report);
  if (quantity && quantity.nano <= 0n) report.add(field, "Invalid", "must be above zero");
}

const selectPolicies = ["Max", "Min", "Disabled"];

function validateRules(rules: Rules, path: string, report: Report): void {
  const { stabilizationWindowSeconds, selectPolicy, policies, tolerance } = rules;
  const window = `${path}.stabilizationWindowSeconds`;
  validateRange(stabilizationWindowSeconds, { min: 0, max: maxStabilizationSeconds }, window, report);
  if (selectPolicy !== undefined && !selectPolicies.includes(selectPolicy)) {
    const message = `must be one of ${selectPolicies.join(", ")}, found ${JSON.stringify(selectPolicy)}`;
    report.add(`${path}.selectPolicy`, "NotSupported", message);
  }
  if (policies?.length === 0) report.add(`${path}.policies`, "Required", "must name at least one policy");
  if ((policies?.length ?? 0) > maxItems)
    report.add(`${path}.policies`, "TooLong", `must be at most ${maxItems}`);
  for (const [index, { type, value, periodSeconds }] of (policies ?? []).entries()) {
    const at = `${path}.policies[${index}]`;
    if (type !== "Pods" && type !== "Percent") {
      report.add(`${at}.type`, "NotSupported", `must be Pods or Percent, found ${JSON.stringify(type)}`);
    }
    validateRange(value, { min: 1 }, `${at}.value`, report);
    validateRange(periodSeconds, { min: 1, max: maxPeriodSeconds }, `${at}.periodSeconds`, report);
  }
  if (tolerance !== undefined) validateQuantity(tolerance, `${path}.tolerance`, report);
}
