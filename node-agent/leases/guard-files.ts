// What agent and guard share of the machine: where their files are, and the clock that runs in suspension.

import { uptime } from "node:os";
import { join } from "node:path";
import { readText } from "../runtime/process/wrapper.ts";

export const guardFiles = (directory: string) => ({
  folder: join(directory, "leases"),
  leases: join(directory, "leases", "leases.json"),
  /** The guard that runs, by pid and start time. */
  guard: join(directory, "leases", "guard"),
  /** What it could not do. */
  log: join(directory, "leases", "guard.log"),
});

/** On Linux /proc/uptime, which counts as CLOCK_BOOTTIME does. */
export const uptimeMs = (): number => uptime() * 1000;

/** `-` where the kernel gives none: records then count as written in this very boot. */
export const bootId = (): string => readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "-";
