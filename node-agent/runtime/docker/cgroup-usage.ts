// What a container uses, read from the kernel's files: some microseconds, where a call to the engine takes
// milliseconds. Only where the engine's containers are processes of this very host.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerUsage } from "../runtime.ts";

/** Control groups of one container; version 2 has one folder for both. */
export interface UsageFiles {
  readonly version: 1 | 2;
  readonly cpu: string;
  readonly memory: string;
}

const mountPoint = "/sys/fs/cgroup";

/** Undefined where this process is not of this host, or the files can't be read. */
export function findUsageFiles(id: string, pid: number): UsageFiles | undefined {
  try {
    const files = usageFilesOf(readFileSync(`/proc/${pid}/cgroup`, "utf8"), id);
    return files && readUsageFiles(files) ? files : undefined;
  } catch {
    return undefined;
  }
}

/** From the text of /proc/<pid>/cgroup (cgroups(7)). A pid of another host names other groups: the id must be in them. */
export function usageFilesOf(text: string, id: string): UsageFiles | undefined {
  const lines = text.split("\n").map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const pathOf = (controller: string): string | undefined =>
    lines.find((line) => line?.[1]?.split(",").includes(controller))?.[2];
  const [cpu, memory, unified] = [pathOf("cpuacct"), pathOf("memory"), pathOf("")];
  if (cpu?.includes(id) && memory?.includes(id)) {
    return { version: 1, cpu: join(mountPoint, "cpuacct", cpu), memory: join(mountPoint, "memory", memory) };
  }
  if (!unified?.includes(id)) return undefined;
  const folder = join(mountPoint, unified);
  return { version: 2, cpu: folder, memory: folder };
}

/** Undefined when the container has ended: its groups are gone. */
export function readUsageFiles({ version, cpu, memory }: UsageFiles): ContainerUsage | undefined {
  try {
    const number = (folder: string, file: string): number => Number(readFileSync(join(folder, file), "utf8"));
    const stat = readFileSync(join(memory, "memory.stat"), "utf8");
    const used = number(memory, version === 1 ? "memory.usage_in_bytes" : "memory.current");
    // Pages of files that can be dropped at any time count for nothing, as in Kubernetes' working set.
    const droppable = valueIn(stat, version === 1 ? "total_inactive_file" : "inactive_file");
    const cpuMs =
      version === 1
        ? number(cpu, "cpuacct.usage") / 1e6
        : valueIn(readFileSync(join(cpu, "cpu.stat"), "utf8"), "usage_usec") / 1e3;
    return { cpuMs, memoryBytes: Math.max(0, used - droppable) };
  } catch {
    return undefined;
  }
}

const valueIn = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
