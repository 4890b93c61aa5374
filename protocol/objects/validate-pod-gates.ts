// Gates of a pod: what it waits for before it is scheduled, and before it is ready.
// Source: Kubernetes, "Pod Scheduling Readiness" and "Pod Lifecycle: Pod readiness".

import { isQualifiedName, labelKeySyntax } from "../labels.ts";
import type { PodSpec } from "./object.ts";
import type { Report } from "./report.ts";
import { validateUnique } from "./validate-scalars.ts";

export function validateGates(spec: PodSpec, path: string, report: Report): void {
  const { schedulingGates: gates = [], readinessGates = [] } = spec;
  const nameAt = (index: number): string => `${path}.schedulingGates[${index}].name`;
  const check = (name: string, field: string): void => {
    if (!isQualifiedName(name)) report.add(field, "Invalid", `must be ${labelKeySyntax}`);
  };
  for (const [index, { name }] of gates.entries()) check(name, nameAt(index));
  validateUnique(
    gates.map(({ name }) => name),
    nameAt,
    report,
  );
  for (const [index, { conditionType }] of readinessGates.entries()) {
    check(conditionType, `${path}.readinessGates[${index}].conditionType`);
  }
  if (spec.nodeName && gates.length > 0) {
    report.add(`${path}.nodeName`, "Forbidden", "cannot be set until all schedulingGates have been cleared");
  }
}

/** Gates go one by one and none comes back; what a pod's node must have can be added to meanwhile. */
export function validateGateChange(old: PodSpec, next: PodSpec, report: Report): void {
  const gates = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  for (const { name } of next.schedulingGates ?? []) {
    if (gates.has(name)) continue;
    report.add(
      "spec.schedulingGates",
      "Forbidden",
      `only deletion is allowed, but found new scheduling gate '${name}'`,
    );
  }
  if (gates.size === 0) return;
  for (const [key, value] of Object.entries(old.nodeSelector ?? {})) {
    if (next.nodeSelector?.[key] === value) continue;
    report.add(
      "spec.nodeSelector",
      "Immutable",
      "only additions to spec.nodeSelector are allowed (no mutations or deletions)",
    );
  }
}
