// Rules for replication controllers and replica sets.

import { matches, type Selector, selectorFromMap, selectorFromObject } from "../label-selector.ts";
import type { Result } from "../errors.ts";
import type { LabelSelector, PodTemplateSpec, ReplicaSet, ReplicationController } from "./object.ts";
import type { Report } from "./report.ts";
import { validatePodTemplate } from "./validate-pod.ts";
import { validateRange } from "./validate-scalars.ts";

/** More pods than any cluster holds: beyond it a number is a mistake. */
export const maxReplicas = 1_000_000;

export function validateReplicationController({ spec }: ReplicationController, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  const selector = spec.selector ?? {};
  validateShared(spec, report);
  if (Object.keys(selector).length === 0) report.add("spec.selector", "Required", "is required");
  else validateSelection(selectorFromMap(selector), spec.template, report);
}

export function validateReplicaSet({ spec }: ReplicaSet, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  validateSelectingTemplate(spec, report);
}

/** A label selector, the template whose labels it must select, and what goes with them. */
export function validateSelectingTemplate(
  spec: Shared & { readonly selector: LabelSelector },
  report: Report,
): void {
  const { matchLabels = {}, matchExpressions = [] } = spec.selector;
  validateShared(spec, report);
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) {
    report.add("spec.selector", "Required", "must name at least one label");
  } else validateSelection(selectorFromObject(spec.selector), spec.template, report);
}

interface Shared {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly template?: PodTemplateSpec;
}
function validateShared({ replicas, minReadySeconds, template }: Shared, report: Report): void {
  validateRange(replicas, { min: 0, max: maxReplicas }, "spec.replicas", report);
  validateRange(minReadySeconds, { min: 0 }, "spec.minReadySeconds", report);
  if (!template) return report.add("spec.template", "Required", "is required");
  validatePodTemplate(template, "spec.template", report);
  const restartPolicy = template.spec?.restartPolicy ?? "Always";
  if (restartPolicy !== "Always") {
    report.add("spec.template.spec.restartPolicy", "NotSupported", `must be Always, found ${restartPolicy}`);
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    report.add(
      "spec.template.spec.activeDeadlineSeconds",
      "Forbidden",
      "pods that are kept running have no deadline",
    );
  }
}

function validateSelection(
  selector: Result<Selector>,
  template: PodTemplateSpec | undefined,
  report: Report,
): void {
  if (!selector.ok) report.add("spec.selector", "Invalid", selector.error.message);
  else if (template && !matches(selector.value, template.metadata?.labels)) {
    report.add("spec.template.metadata.labels", "Invalid", "spec.selector must select these labels");
  }
}
