// What processes and their descendants use, from one walk over the system's table of processes: its cost is one
// small file for each process of the host, however many containers are asked about.

import { readdir } from "node:fs/promises";
import type { Clock } from "../../../actors/mod.ts";
import type { ContainerUsage } from "../runtime.ts";
import { readStat, type Stat } from "./process-table.ts";

/** Whoever asks within this is answered from the same walk. */
const walkValidMs = 500;
/** Processes that are read at a time; then others get their turn. */
const processesAtATime = 200;
/** Ticks of /proc/<pid>/stat: USER_HZ is 100 on every architecture that Node runs on. */
const msPerTick = 10;
const pageBytes = 4096;

interface Walk {
  readonly stats: ReadonlyMap<number, Stat>;
  readonly children: ReadonlyMap<number, readonly number[]>;
}

export class ProcessUsage {
  readonly #clock: Clock;
  #walk: { readonly at: number; readonly found: Promise<Walk> } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of a process and its descendants; undefined when it is gone. */
  async of(pid: number): Promise<ContainerUsage | undefined> {
    const now = this.#clock.monotonic();
    if (!this.#walk || now - this.#walk.at >= walkValidMs) this.#walk = { at: now, found: this.#look() };
    return usageIn(await this.#walk.found, pid);
  }

  async #look(): Promise<Walk> {
    const stats = new Map<number, Stat>();
    const children = new Map<number, number[]>();
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    for (const [index, name] of pids.entries()) {
      if (index % processesAtATime === processesAtATime - 1) await this.#clock.sleep(0);
      const pid = Number(name);
      const stat = readStat(pid);
      if (!stat) continue;
      stats.set(pid, stat);
      const siblings = children.get(stat.parent);
      if (siblings) siblings.push(pid);
      else children.set(stat.parent, [pid]);
    }
    return { stats, children };
  }
}

function usageIn({ stats, children }: Walk, pid: number): ContainerUsage | undefined {
  if (!stats.has(pid)) return undefined;
  let cpuMs = 0;
  let memoryBytes = 0;
  let processes = 0;
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const stat = stats.get(next);
    if (!stat) continue;
    processes += 1;
    cpuMs += stat.cpuTicks * msPerTick;
    memoryBytes += stat.residentPages * pageBytes;
    queue.push(...(children.get(next) ?? []));
  }
  return { cpuMs, memoryBytes, processes };
}
