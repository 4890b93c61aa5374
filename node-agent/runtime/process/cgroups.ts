// Limits for host processes by Linux control groups, version 1 or 2, where this user may make them.
// Groups stand below the agent's own group, so what limits the agent limits its containers.

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ContainerSpec } from "../runtime.ts";
import { sendSignal } from "./process-table.ts";
import { readText } from "./wrapper.ts";

export type Cgroups =
  | { readonly version: 1; readonly memory: string; readonly cpu: string }
  | { readonly version: 2; readonly base: string }
  | { readonly version: "none"; readonly why: string };

const mountPoint = "/sys/fs/cgroup";
const periodUs = 100_000;

/** Finds out what this host allows by trying: makes a group, and removes it again. */
export function detectCgroups(): Cgroups {
  const own = readText("/proc/self/cgroup");
  if (own === undefined) return { version: "none", why: "no control groups on this system" };
  try {
    const cgroups = ownCgroups(own);
    const probe = makeGroups(cgroups, `probe-${process.pid}`);
    removeCgroups(probe);
    return cgroups;
  } catch (error) {
    return { version: "none", why: error instanceof Error ? error.message : String(error) };
  }
}

function ownCgroups(own: string): Cgroups {
  const pathOf = (controller: string): string | undefined =>
    own
      .split("\n")
      .map((line) => line.split(":"))
      .find(([, names]) => names?.split(",").includes(controller))?.[2];
  const memory = pathOf("memory");
  const cpu = pathOf("cpu");
  if (memory !== undefined && cpu !== undefined) {
    return {
      version: 1,
      memory: join(mountPoint, "memory", memory, "berth"),
      cpu: join(mountPoint, "cpu", cpu, "berth"),
    };
  }
  return { version: 2, base: join(mountPoint, pathOf("") ?? "/", "berth") };
}

function makeGroups(cgroups: Cgroups, name: string): readonly string[] {
  if (cgroups.version === "none") return [];
  if (cgroups.version === 1) {
    const groups = [join(cgroups.memory, name), join(cgroups.cpu, name)];
    for (const group of groups) mkdirSync(group, { recursive: true });
    return groups;
  }
  mkdirSync(cgroups.base, { recursive: true });
  // Version 2: a controller must be handed down at every level above the group.
  for (const parent of [dirname(cgroups.base), cgroups.base]) {
    writeFileSync(join(parent, "cgroup.subtree_control"), "+memory +cpu");
  }
  const group = join(cgroups.base, name);
  mkdirSync(group, { recursive: true });
  return [group];
}

/** Makes the groups for a container with limits; none when it has no limits or the host doesn't allow groups. */
export function createCgroups(
  cgroups: Cgroups,
  name: string,
  resources: ContainerSpec["resources"],
): readonly string[] {
  const { memoryLimitBytes, cpuLimitMilli, cpuRequestMilli } = resources;
  if (memoryLimitBytes === undefined && cpuLimitMilli === undefined && cpuRequestMilli === undefined)
    return [];
  const groups = makeGroups(cgroups, name);
  const set = (index: number, file: string, value: number | string): void =>
    writeFileSync(join(groups[index] ?? "", file), String(value));
  if (cgroups.version === 1) {
    if (memoryLimitBytes !== undefined) set(0, "memory.limit_in_bytes", memoryLimitBytes);
    if (cpuLimitMilli !== undefined) set(1, "cpu.cfs_quota_us", quotaUs(cpuLimitMilli));
    if (cpuRequestMilli !== undefined) set(1, "cpu.shares", Math.max(2, cpuShares(cpuRequestMilli)));
  } else if (cgroups.version === 2) {
    if (memoryLimitBytes !== undefined) set(0, "memory.max", memoryLimitBytes);
    if (cpuLimitMilli !== undefined) set(0, "cpu.max", `${quotaUs(cpuLimitMilli)} ${periodUs}`);
    if (cpuRequestMilli !== undefined) set(0, "cpu.weight", cpuWeight(cpuRequestMilli));
  }
  return groups;
}

/** The least quota that the kernel takes is 1 ms a period. */
const quotaUs = (milli: number): number => Math.max(1000, Math.round((milli * periodUs) / 1000));
export const cpuShares = (milli: number): number => Math.round((milli * 1024) / 1000);
/** Shares of version 1 (2 to 262144) on version 2's scale (1 to 10000), as runc converts them. */
const cpuWeight = (milli: number): number =>
  Math.max(1, Math.min(10_000, Math.round(1 + ((cpuShares(milli) - 2) * 9999) / 262_142)));

export const joinFiles = (groups: readonly string[]): readonly string[] =>
  groups.map((group) => join(group, "cgroup.procs"));

/** True when the kernel killed something in these groups for want of memory. */
export function oomKilled(groups: readonly string[]): boolean {
  return groups.some((group) =>
    ["memory.events", "memory.oom_control"].some((file) =>
      /^oom_kill [1-9]/m.test(readText(join(group, file)) ?? ""),
    ),
  );
}

export function killCgroups(groups: readonly string[]): void {
  for (const file of joinFiles(groups)) {
    for (const pid of (readText(file) ?? "").split("\n")) {
      if (/^[1-9]\d*$/.test(pid)) sendSignal(Number(pid), "SIGKILL");
    }
  }
}

/** Removes the groups, and the group above them when these were the last. False while processes are left inside. */
export function removeCgroups(groups: readonly string[]): boolean {
  let removed = true;
  for (const group of groups) {
    try {
      rmdirSync(group);
    } catch {
      removed &&= !exists(group);
    }
    try {
      if (basename(dirname(group)) === "berth") rmdirSync(dirname(group));
    } catch {
      // Others are in use.
    }
  }
  return removed;
}

function exists(group: string): boolean {
  try {
    readFileSync(join(group, "cgroup.procs"));
    return true;
  } catch {
    return false;
  }
}
