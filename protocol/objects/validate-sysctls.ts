// Rules for a pod's kernel settings: only those that stay within its own namespaces, as Kubernetes allows by default.
// Source: Kubernetes "Using sysctls in a Kubernetes Cluster" (safe sysctls).

import { quoteValue } from "../errors.ts";
import type { PodSpec } from "./object.ts";
import type { Report } from "./report.ts";
import { validateUnique } from "./validate-scalars.ts";

const safe: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
]);

export function validateSysctls(spec: PodSpec, path: string, report: Report): void {
  const sysctls = spec.securityContext?.sysctls ?? [];
  for (const [index, { name }] of sysctls.entries()) {
    const at = `${path}[${index}].name`;
    if (!safe.has(name)) {
      report.add(
        at,
        "Forbidden",
        `${quoteValue(name)} is no safe sysctl; these are: ${[...safe].join(", ")}`,
      );
    } else if (spec.hostNetwork && name.startsWith("net.")) {
      report.add(at, "Invalid", "may not be set with hostNetwork: it would be the host's");
    } else if (spec.hostIPC && name.startsWith("kernel.shm")) {
      report.add(at, "Invalid", "may not be set with hostIPC: it would be the host's");
    }
  }
  validateUnique(
    sysctls.map(({ name }) => name),
    (index) => `${path}[${index}].name`,
    report,
  );
}
