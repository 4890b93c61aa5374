// Rules for a pod's spec, alone or in a template. Source: k8s.io/kubernetes/pkg/apis/core/validation.

import { isDnsLabel, isDnsSubdomain } from "../ids.ts";
import type { PodSpec, PodTemplateSpec } from "./object.ts";
import type { Report } from "./report.ts";
import { validateContainer } from "./validate-container.ts";
import { validateEphemeralContainers } from "./validate-ephemeral.ts";
import { validateGates } from "./validate-pod-gates.ts";
import { validateAnnotations, validateLabels } from "./validate-metadata.ts";
import { validateAddress, validateRange, validateUnique } from "./validate-scalars.ts";
import { validateSysctls } from "./validate-sysctls.ts";
import { validateTolerations } from "./validate-tolerations.ts";
import { validateVolumes } from "./validate-volume.ts";

/** Longest grace and deadline, as Kubernetes bounds its seconds. */
const maxSeconds = 2 ** 31 - 1;
/** Containers of one pod, init containers included: one pod must not be able to hold up a host. */
const maxContainers = 256;

export function validatePodSpec(spec: PodSpec, path: string, report: Report): void {
  validateContainers(spec, path, report);
  validateVolumes(spec.volumes ?? [], `${path}.volumes`, report);
  validateTolerations(spec.tolerations ?? [], `${path}.tolerations`, report);
  validateLabels(spec.nodeSelector, `${path}.nodeSelector`, report);
  const { terminationGracePeriodSeconds, activeDeadlineSeconds } = spec;
  validateRange(
    terminationGracePeriodSeconds,
    { min: 0, max: maxSeconds },
    `${path}.terminationGracePeriodSeconds`,
    report,
  );
  validateRange(activeDeadlineSeconds, { min: 1, max: maxSeconds }, `${path}.activeDeadlineSeconds`, report);
  const { runAsUser, runAsGroup } = spec.securityContext ?? {};
  validateRange(runAsUser, { min: 0, max: maxSeconds }, `${path}.securityContext.runAsUser`, report);
  validateRange(runAsGroup, { min: 0, max: maxSeconds }, `${path}.securityContext.runAsGroup`, report);
  if (spec.shareProcessNamespace && spec.hostPID) {
    report.add(
      `${path}.shareProcessNamespace`,
      "Invalid",
      "shareProcessNamespace and hostPID exclude each other",
    );
  }
  validateSysctls(spec, `${path}.securityContext.sysctls`, report);
  const { supplementalGroups = [], fsGroup } = spec.securityContext ?? {};
  validateRange(fsGroup, { min: 0, max: maxSeconds }, `${path}.securityContext.fsGroup`, report);
  for (const [index, group] of supplementalGroups.entries()) {
    const at = `${path}.securityContext.supplementalGroups[${index}]`;
    validateRange(group, { min: 0, max: maxSeconds }, at, report);
  }
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries()) {
    validateAddress(ip, `${path}.hostAliases[${index}].ip`, report);
  }
  if (spec.nodeName && !isDnsSubdomain(spec.nodeName)) {
    report.add(`${path}.nodeName`, "Invalid", "must be the name of a node, an RFC 1123 subdomain");
  }
  for (const field of ["hostname", "subdomain"] as const) {
    const value = spec[field];
    if (value && !isDnsLabel(value)) {
      report.add(`${path}.${field}`, "Invalid", "must be an RFC 1123 label: at most 63 of a-z 0-9 -");
    }
  }
  validateGates(spec, path, report);
  if (spec.serviceAccountName && !isDnsSubdomain(spec.serviceAccountName)) {
    report.add(`${path}.serviceAccountName`, "Invalid", "must be an RFC 1123 subdomain");
  }
}

function validateContainers(spec: PodSpec, path: string, report: Report): void {
  const { containers, initContainers = [] } = spec;
  if (containers.length === 0)
    report.add(`${path}.containers`, "Required", "must have at least one container");
  const count = containers.length + initContainers.length;
  if (count > maxContainers) {
    report.add(`${path}.containers`, "TooLong", `found ${count} containers, a pod may have ${maxContainers}`);
    return;
  }
  const rules = {
    hostNetwork: spec.hostNetwork === true,
    volumes: new Set((spec.volumes ?? []).map((volume) => volume.name)),
  };
  for (const [index, container] of containers.entries()) {
    validateContainer(container, { ...rules, init: false }, `${path}.containers[${index}]`, report);
  }
  for (const [index, container] of initContainers.entries()) {
    validateContainer(container, { ...rules, init: true }, `${path}.initContainers[${index}]`, report);
  }
  validateEphemeralContainers(spec, rules, path, report);
  // One name space for both lists: logs and exec name a container without saying which list it is in.
  const names = [...containers, ...initContainers].map((container) => container.name);
  const at = (index: number): string =>
    index < containers.length
      ? `${path}.containers[${index}].name`
      : `${path}.initContainers[${index - containers.length}].name`;
  validateUnique(names, at, report);
  validateHostPorts(spec, path, report);
}

function validateHostPorts(spec: PodSpec, path: string, report: Report): void {
  const places: string[] = [];
  const ports: string[] = [];
  for (const [index, container] of spec.containers.entries()) {
    for (const [portIndex, port] of (container.ports ?? []).entries()) {
      if (!port.hostPort) continue;
      places.push(`${path}.containers[${index}].ports[${portIndex}].hostPort`);
      ports.push(`${port.hostIP ?? "0.0.0.0"}:${port.hostPort}/${port.protocol ?? "TCP"}`);
    }
  }
  validateUnique(ports, (index) => places[index] ?? path, report);
}

/** A template's metadata has no name of its own to check; its labels and annotations become the pods'. */
export function validatePodTemplate(template: PodTemplateSpec, path: string, report: Report): void {
  validateLabels(template.metadata?.labels, `${path}.metadata.labels`, report);
  validateAnnotations(template.metadata?.annotations, `${path}.metadata.annotations`, report);
  if (template.spec?.ephemeralContainers?.length) {
    report.add(`${path}.spec.ephemeralContainers`, "Forbidden", "are added to pods that run, by berth debug");
  }
  if (!template.spec) report.add(`${path}.spec`, "Required", "is required");
  else validatePodSpec(template.spec, `${path}.spec`, report);
}
