// Rules for ephemeral containers: they join a pod that runs, one after the other, and never change or go.
// Source: k8s.io/kubernetes/pkg/apis/core/validation (ValidateEphemeralContainers).

import type { Container, EphemeralContainer, PodSpec } from "./object.ts";
import type { Report } from "./report.ts";
import { sameValue } from "./same.ts";
import { type ContainerRules, validateContainer } from "./validate-container.ts";

/** What would need resources, promises to others, or a life of its own. */
const forbidden = [
  "ports",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
  "resources",
  "restartPolicy",
  "resizePolicy",
] as const;

export function validateEphemeralContainers(
  spec: PodSpec,
  rules: Omit<ContainerRules, "init">,
  path: string,
  report: Report,
): void {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  const targets = new Set(names);
  for (const [index, container] of ephemeralContainers.entries()) {
    const at = `${path}.ephemeralContainers[${index}]`;
    validateContainer(allowedPart(container), { ...rules, init: true }, at, report);
    const { name, targetContainerName } = container;
    if (names.has(name)) report.add(`${at}.name`, "Duplicate", `${name} is there already`);
    names.add(name);
    if (targetContainerName && !targets.has(targetContainerName)) {
      report.add(`${at}.targetContainerName`, "Invalid", `the pod has no container ${targetContainerName}`);
    }
    for (const field of forbidden) {
      const value = container[field];
      const isEmpty = value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
      if (!isEmpty) report.add(`${at}.${field}`, "Forbidden", "an ephemeral container has none");
    }
  }
}

/** What it may not have is told once, and not looked into. */
function allowedPart(container: EphemeralContainer): Container {
  const { targetContainerName: _target, ...allowed } = container;
  for (const field of forbidden) delete allowed[field];
  return allowed;
}

export function validateEphemeralChange(old: PodSpec, next: PodSpec, report: Report): void {
  const before = old.ephemeralContainers ?? [];
  const after = next.ephemeralContainers ?? [];
  for (const [index, container] of before.entries()) {
    if (!sameValue(container, after[index])) {
      const at = `spec.ephemeralContainers[${index}]`;
      report.add(at, "Immutable", `${container.name} can't be changed or removed: add another one`);
    }
  }
}
