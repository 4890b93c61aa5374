// Rules for liveness, readiness and startup probes.

import type { Container, Probe } from "./object.ts";
import type { Report } from "./report.ts";
import { validatePortOrName, validateRange } from "./validate-scalars.ts";

const probeNames = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const handlers = ["exec", "httpGet", "tcpSocket", "grpc"] as const;

export function validateProbes(container: Container, init: boolean, path: string, report: Report): void {
  // An init container with restartPolicy Always runs beside the others and may be probed.
  const mayProbe = !init || container.restartPolicy === "Always";
  for (const name of probeNames) {
    const probe = container[name];
    if (!probe) continue;
    if (!mayProbe)
      report.add(`${path}.${name}`, "Forbidden", "an init container ends by itself and can't be probed");
    validateProbe(probe, `${path}.${name}`, report);
    if (name !== "readinessProbe" && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
      report.add(`${path}.${name}.successThreshold`, "Invalid", "must be 1");
    }
  }
}

function validateProbe(probe: Probe, path: string, report: Report): void {
  const found = handlers.filter((handler) => probe[handler] !== undefined);
  if (found.length === 0) report.add(path, "Required", `must have one of ${handlers.join(", ")}`);
  if (found.length > 1)
    report.add(path, "Forbidden", `must have one handler only, found ${found.join(" and ")}`);
  validateRange(probe.initialDelaySeconds, { min: 0 }, `${path}.initialDelaySeconds`, report);
  validateRange(probe.timeoutSeconds, { min: 1 }, `${path}.timeoutSeconds`, report);
  validateRange(probe.periodSeconds, { min: 1 }, `${path}.periodSeconds`, report);
  validateRange(probe.successThreshold, { min: 1 }, `${path}.successThreshold`, report);
  validateRange(probe.failureThreshold, { min: 1 }, `${path}.failureThreshold`, report);
  validateRange(
    probe.terminationGracePeriodSeconds,
    { min: 1 },
    `${path}.terminationGracePeriodSeconds`,
    report,
  );
  if (probe.exec && (probe.exec.command ?? []).length === 0) {
    report.add(`${path}.exec.command`, "Required", "is required");
  }
  if (probe.httpGet) validateHttp(probe.httpGet, `${path}.httpGet`, report);
  if (probe.tcpSocket) validatePortOrName(probe.tcpSocket.port, `${path}.tcpSocket.port`, report);
  if (probe.grpc) validatePortOrName(probe.grpc.port, `${path}.grpc.port`, report);
}

function validateHttp(http: NonNullable<Probe["httpGet"]>, path: string, report: Report): void {
  validatePortOrName(http.port, `${path}.port`, report);
  if (http.path !== undefined && /[\s\0]/.test(http.path)) {
    report.add(`${path}.path`, "Invalid", "must not contain white space");
  }
  for (const [index, header] of (http.httpHeaders ?? []).entries()) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(header.name)) {
      report.add(`${path}.httpHeaders[${index}].name`, "Invalid", "must be the name of an HTTP header");
    }
    if (/[\r\n\0]/.test(header.value)) {
      report.add(`${path}.httpHeaders[${index}].value`, "Invalid", "must be one line");
    }
  }
}
