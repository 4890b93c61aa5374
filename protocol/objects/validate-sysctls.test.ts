// Kernel settings that a pod may have.

import { expect, test } from "vitest";
import type { PodSpec } from "./object.ts";
import { createReport } from "./report.ts";
import { validateSysctls } from "./validate-sysctls.ts";

const fields = (names: readonly string[], more: Partial<PodSpec> = {}): readonly string[] => {
  const report = createReport();
  const sysctls = names.map((name) => ({ name, value: "1" }));
  validateSysctls({ containers: [], securityContext: { sysctls }, ...more }, "sysctls", report);
  return report.errors.map(({ field }) => field);
};

test.each<[string, readonly string[], Partial<PodSpec>, readonly string[]]>([
  ["safe ones", ["net.ipv4.tcp_syncookies", "kernel.shm_rmid_forced"], {}, []],
  ["others", ["kernel.msgmax", "net.core.somaxconn"], {}, ["sysctls[0].name", "sysctls[1].name"]],
  ["the host's network", ["net.ipv4.tcp_syncookies"], { hostNetwork: true }, ["sysctls[0].name"]],
  ["the host's memory", ["kernel.shm_rmid_forced"], { hostIPC: true }, ["sysctls[0].name"]],
  ["one twice", ["net.ipv4.tcp_rmem", "net.ipv4.tcp_rmem"], {}, ["sysctls[1].name"]],
])("%s", (_name, names, more, expected) => {
  expect(fields(names, more)).toEqual(expected);
});
