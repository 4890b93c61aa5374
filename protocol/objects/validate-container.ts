// Rules for one container: image, ports, environment, mounts, resources, security.
// Source: k8s.io/kubernetes/pkg/apis/core/validation.

import { quoteValue } from "../errors.ts";
import { isDnsLabel } from "../ids.ts";
import { isQualifiedName } from "../labels.ts";
import { compareQuantities, type Quantity } from "../quantity.ts";
import type { Container } from "./object.ts";
import { fieldPath, keyPath, type Report } from "./report.ts";
import { configKeySyntax, isConfigKey } from "./validate-config.ts";
import { fieldPathProblem } from "./validate-field-ref.ts";
import { validateLifecycle } from "./validate-lifecycle.ts";
import { validateProbes } from "./validate-probe.ts";
import {
  isPortName,
  maxPathLength,
  portNameSyntax,
  validateAddress,
  validatePort,
  validateQuantity,
  validateRange,
  validateUnique,
} from "./validate-scalars.ts";

export interface ContainerRules {
  readonly init: boolean;
  readonly hostNetwork: boolean;
  readonly volumes: ReadonlySet<string>;
}

export function validateContainer(
  container: Container,
  rules: ContainerRules,
  path: string,
  report: Report,
): void {
  const { name, image } = container;
  if (name === "") report.add(`${path}.name`, "Required", "is required");
  else if (!isDnsLabel(name)) {
    report.add(`${path}.name`, "Invalid", "must be an RFC 1123 label: at most 63 of a-z 0-9 -");
  }
  if (!image) report.add(`${path}.image`, "Required", "is required");
  else if (/\s/.test(image)) report.add(`${path}.image`, "Invalid", "must not contain white space");
  validatePorts(container, rules, path, report);
  validateEnvironment(container, path, report);
  validateMounts(container, rules, path, report);
  validateResources(container.resources, `${path}.resources`, report);
  validateProbes(container, rules.init, path, report);
  validateLifecycle(container, path, report);
  const { runAsUser, runAsGroup } = container.securityContext ?? {};
  const maxId = 2 ** 31 - 1;
  validateRange(runAsUser, { min: 0, max: maxId }, `${path}.securityContext.runAsUser`, report);
  validateRange(runAsGroup, { min: 0, max: maxId }, `${path}.securityContext.runAsGroup`, report);
}

function validatePorts({ ports = [] }: Container, rules: ContainerRules, path: string, report: Report): void {
  for (const [index, port] of ports.entries()) {
    const at = `${path}.ports[${index}]`;
    validatePort(port.containerPort, `${at}.containerPort`, report);
    if (port.hostPort !== 0) validatePort(port.hostPort, `${at}.hostPort`, report);
    if (rules.hostNetwork && port.hostPort && port.hostPort !== port.containerPort) {
      report.add(
        `${at}.hostPort`,
        "Invalid",
        "must be the containerPort, because the pod uses the host's network",
      );
    }
    if (port.name && !isPortName(port.name)) report.add(`${at}.name`, "Invalid", `must be ${portNameSyntax}`);
    if (port.hostIP) validateAddress(port.hostIP, `${at}.hostIP`, report);
  }
  const names = ports.map((port) => port.name);
  validateUnique(names, (index) => `${path}.ports[${index}].name`, report);
}

function validateEnvironment({ env = [], envFrom = [] }: Container, path: string, report: Report): void {
  for (const [index, { name, value, valueFrom }] of env.entries()) {
    const at = `${path}.env[${index}]`;
    if (name === "") report.add(`${at}.name`, "Required", "is required");
    else if (!/^[\x20-\x7e]+$/.test(name) || name.includes("=")) {
      report.add(`${at}.name`, "Invalid", "must be printable ASCII characters without =");
    }
    if (value?.includes("\0")) report.add(`${at}.value`, "Invalid", "must not contain a zero byte");
    if (!valueFrom) continue;
    const sources = Object.keys(valueFrom);
    if (value) report.add(`${at}.valueFrom`, "Invalid", "value and valueFrom exclude each other");
    if (sources.length !== 1) {
      report.add(`${at}.valueFrom`, "Invalid", `must have exactly one source, found ${sources.length}`);
    }
    const { fieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    const problem = fieldRef && fieldPathProblem(fieldRef.fieldPath, "environment");
    if (problem) report.add(`${at}.valueFrom.fieldRef.fieldPath`, "NotSupported", problem);
    if (configMapKeyRef) validateKeyRef(configMapKeyRef, `${at}.valueFrom.configMapKeyRef`, report);
    if (secretKeyRef) validateKeyRef(secretKeyRef, `${at}.valueFrom.secretKeyRef`, report);
  }
  validateEnvironmentSources(envFrom, `${path}.envFrom`, report);
}

function validateKeyRef(
  { name, key }: { readonly name?: string; readonly key: string },
  path: string,
  report: Report,
): void {
  if (!name) report.add(`${path}.name`, "Required", "is required");
  if (!isConfigKey(key)) report.add(`${path}.key`, "Invalid", `must be ${configKeySyntax}`);
}

function validateEnvironmentSources(
  sources: NonNullable<Container["envFrom"]>,
  path: string,
  report: Report,
): void {
  for (const [index, { configMapRef, secretRef, prefix }] of sources.entries()) {
    const at = `${path}[${index}]`;
    if ((configMapRef === undefined) === (secretRef === undefined)) {
      report.add(at, "Invalid", "must have either configMapRef or secretRef");
    }
    if (configMapRef && !configMapRef.name) report.add(`${at}.configMapRef.name`, "Required", "is required");
    if (secretRef && !secretRef.name) report.add(`${at}.secretRef.name`, "Required", "is required");
    if (prefix && !/^[\x21-\x3c\x3e-\x7e]+$/.test(prefix)) {
      report.add(`${at}.prefix`, "Invalid", "must be printable ASCII characters without =");
    }
  }
}

function validateMounts(
  { volumeMounts = [] }: Container,
  rules: ContainerRules,
  path: string,
  report: Report,
): void {
  for (const [index, mount] of volumeMounts.entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (!rules.volumes.has(mount.name)) {
      report.add(`${at}.name`, "Invalid", `no volume of the pod is named ${quoteValue(mount.name)}`);
    }
    if (mount.mountPath === "") report.add(`${at}.mountPath`, "Required", "is required");
    else if (mount.mountPath.length > maxPathLength) {
      report.add(`${at}.mountPath`, "TooLong", `must have at most ${maxPathLength} characters`);
    } else if (/[:\0]/.test(mount.mountPath))
      report.add(`${at}.mountPath`, "Invalid", "must not contain `:` or a zero byte");
    else if (!mount.mountPath.startsWith("/")) report.add(`${at}.mountPath`, "Invalid", "must begin with /");
    else if (mount.mountPath.split("/").includes("..")) {
      report.add(`${at}.mountPath`, "Invalid", "must not contain `..`");
    }
    if (mount.subPath && (mount.subPath.startsWith("/") || mount.subPath.split("/").includes(".."))) {
      report.add(`${at}.subPath`, "Invalid", "must be a relative path without `..`");
    }
    if (mount.subPath && mount.subPathExpr) {
      report.add(`${at}.subPathExpr`, "Invalid", "subPath and subPathExpr exclude each other");
    }
  }
  const paths = volumeMounts.map((mount) => withoutTrailingSlashes(mount.mountPath));
  validateUnique(paths, (index) => `${path}.volumeMounts[${index}].mountPath`, report);
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

type Resources = NonNullable<Container["resources"]>;
const plainResources = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** Requests and limits parse, are not negative, and no request is above its limit. */
export function validateResources(resources: Resources | undefined, path: string, report: Report): void {
  const limits = validateAmounts(resources?.limits, fieldPath(path, "limits"), report);
  const requests = validateAmounts(resources?.requests, fieldPath(path, "requests"), report);
  for (const [name, request] of requests) {
    const limit = limits.get(name);
    if (limit && compareQuantities(request, limit) > 0) {
      const found = `${resources?.requests?.[name]} is above ${resources?.limits?.[name]}`;
      report.add(keyPath(`${path}.requests`, name), "Invalid", `must not be above the limit: ${found}`);
    }
  }
}

function validateAmounts(
  amounts: Readonly<Record<string, string | number>> | undefined,
  path: string,
  report: Report,
): ReadonlyMap<string, Quantity> {
  const result = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(amounts ?? {})) {
    if (!plainResources.test(name) && !(name.includes("/") && isQualifiedName(name))) {
      const message = "must be cpu, memory, ephemeral-storage, hugepages-<size>, or a name with a domain";
      report.add(keyPath(path, name), "NotSupported", message);
    }
    const quantity = validateQuantity(text, keyPath(path, name), report);
    if (quantity) result.set(name, quantity);
  }
  return result;
}
