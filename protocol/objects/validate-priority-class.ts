// Rules for priority classes, and the two that every cluster has
// (source: k8s.io/kubernetes/pkg/apis/scheduling/validation).

import type { PriorityClass } from "./object.ts";
import type { Report } from "./report.ts";
import { sameValue } from "./same.ts";

/** Above it are the cluster's own classes. */
export const maxUserPriority = 1_000_000_000;
const minPriority = -(2 ** 31);

const systemPrefix = "system-";
/** Every cluster has them; nobody else's name may begin as theirs do. */
export const systemPriorityClasses: readonly PriorityClass[] = [
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "system-cluster-critical" },
    value: 2_000_000_000,
    description:
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "system-node-critical" },
    value: 2_000_001_000,
    description: "Used for system critical pods that must not be moved from their current node.",
  },
];
export const isSystemPriorityClass = (name: string): boolean =>
  systemPriorityClasses.some(({ metadata }) => metadata?.name === name);

export function validatePriorityClass(
  { metadata, value, globalDefault }: PriorityClass,
  report: Report,
): void {
  const name = metadata?.name ?? "";
  if (value === undefined) return report.add("value", "Required", "is required");
  if (name.startsWith(systemPrefix)) {
    const known = systemPriorityClasses.find((each) => each.metadata?.name === name);
    if (known?.value !== value || globalDefault) {
      const message = `names that begin with ${systemPrefix} are the cluster's own`;
      report.add("metadata.name", "Forbidden", message);
    }
    return;
  }
  if (value > maxUserPriority) {
    report.add(
      "value",
      "Forbidden",
      `maximum allowed value of a user defined priority is ${maxUserPriority}`,
    );
  }
  if (value < minPriority) report.add("value", "Invalid", `must be at least ${minPriority}, found ${value}`);
}

/** Pods have the value already: another one would not reach them. */
export function validatePriorityClassChange(old: PriorityClass, next: PriorityClass, report: Report): void {
  for (const field of ["value", "preemptionPolicy"] as const) {
    if (sameValue(old[field] ?? null, next[field] ?? null)) continue;
    report.add(field, "Immutable", "can't change; delete the priority class and make it again");
  }
}
