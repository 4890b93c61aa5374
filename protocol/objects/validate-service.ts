// Rules for services. Whether a cluster IP is free and in range is the cluster's to decide.

import { isDnsLabel, isDnsSubdomain } from "../ids.ts";
import type { Service } from "./object.ts";
import type { Report } from "./report.ts";
import { validateLabels } from "./validate-metadata.ts";
import {
  isIpv4Address,
  validateAddress,
  validatePort,
  validatePortOrName,
  validateRange,
  validateUnique,
} from "./validate-scalars.ts";

export const headless = "None";
/** A day, the most that Kubernetes takes for client affinity. */
export const maxAffinitySeconds = 86_400;

type Spec = NonNullable<Service["spec"]>;

export function validateService({ spec }: Service, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  validateLabels(spec.selector, "spec.selector", report);
  validateServicePorts(spec, report);
  validateClusterIp(spec, report);
  validateAffinity(spec, report);
  if (spec.type === "ExternalName") {
    if (!spec.externalName || !isDnsSubdomain(spec.externalName.replace(/\.$/, ""))) {
      report.add("spec.externalName", spec.externalName ? "Invalid" : "Required", "must be a DNS name");
    }
  }
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    validateAddress(address, `spec.externalIPs[${index}]`, report);
  }
}

function validateServicePorts(spec: Spec, report: Report): void {
  const { ports = [], type } = spec;
  if (ports.length === 0 && spec.clusterIP !== headless && type !== "ExternalName") {
    report.add("spec.ports", "Required", "must have at least one port");
  }
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    validatePort(port.port, `${at}.port`, report);
    validatePortOrName(port.targetPort, `${at}.targetPort`, report);
    if (!port.name && ports.length > 1)
      report.add(`${at}.name`, "Required", "is required when there are several ports");
    if (port.name && !isDnsLabel(port.name)) {
      report.add(`${at}.name`, "Invalid", "must be an RFC 1123 label: at most 63 of a-z 0-9 -");
    }
    if (port.nodePort) {
      validatePort(port.nodePort, `${at}.nodePort`, report);
      if (type !== "NodePort" && type !== "LoadBalancer") {
        report.add(`${at}.nodePort`, "Forbidden", "is for services of type NodePort or LoadBalancer only");
      }
    }
  }
  validateUnique(
    ports.map((port) => port.name),
    (index) => `spec.ports[${index}].name`,
    report,
  );
  const numbers = ports.map((port) => `${port.port}/${port.protocol ?? "TCP"}`);
  validateUnique(numbers, (index) => `spec.ports[${index}].port`, report);
}

function validateClusterIp({ clusterIP, clusterIPs, type }: Spec, report: Report): void {
  if (clusterIP && type === "ExternalName") {
    report.add("spec.clusterIP", "Forbidden", "a service of type ExternalName has none");
  } else if (clusterIP && clusterIP !== headless && !isIpv4Address(clusterIP)) {
    report.add("spec.clusterIP", "Invalid", "must be empty, None, or an IPv4 address such as 10.96.0.10");
  }
  if (clusterIP === headless && (type === "NodePort" || type === "LoadBalancer")) {
    report.add("spec.clusterIP", "Invalid", `must not be None for a service of type ${type}`);
  }
  if (!clusterIPs || clusterIPs.length === 0) return;
  if (clusterIPs.length > 1) report.add("spec.clusterIPs", "Invalid", "must have one address only");
  if (clusterIP !== undefined && clusterIPs[0] !== clusterIP) {
    report.add("spec.clusterIPs[0]", "Invalid", "must be the same as clusterIP");
  }
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: Spec, report: Report): void {
  const path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  validateRange(seconds, { min: 1, max: maxAffinitySeconds }, path, report);
  if (sessionAffinityConfig?.clientIP && sessionAffinity !== "ClientIP") {
    report.add("spec.sessionAffinityConfig", "Forbidden", "is for sessionAffinity ClientIP only");
  }
}
