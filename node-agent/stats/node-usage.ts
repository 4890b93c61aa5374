// CPU and memory in use on the whole machine, from the kernel's counters.

import { readFileSync } from "node:fs";
import { cpus, freemem, totalmem } from "node:os";
import type { Usage } from "../../protocol/mod.ts";

interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
  readonly count: number;
}

/** Each call answers for the time since the one before. */
export function nodeUsage(): () => Usage {
  let last = cpuTimes();
  return () => {
    const now = cpuTimes();
    const totalMs = now.totalMs - last.totalMs;
    const share = totalMs > 0 ? (now.busyMs - last.busyMs) / totalMs : 0;
    last = now;
    return { cpuMilli: Math.round(share * now.count * 1000), memoryBytes: totalmem() - availableMemory() };
  };
}

function cpuTimes(): CpuTimes {
  let busyMs = 0;
  let totalMs = 0;
  const all = cpus();
  for (const { times } of all) {
    const { user, nice, sys, irq, idle } = times;
    busyMs += user + nice + sys + irq;
    totalMs += user + nice + sys + irq + idle;
  }
  return { busyMs, totalMs, count: all.length };
}

/** Page cache counts as free; Linux alone tells how much of it is. */
function availableMemory(): number {
  try {
    const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
  } catch {
    return freemem();
  }
}
