// What a child process holds: resident memory, and the heaps of its threads after a garbage collection.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "../../../actors/mod.ts";
import { until } from "./bench-cluster.ts";
import { residentBytes } from "./process-usage.ts";

export interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

export interface MemoryProbe {
  /** Of a process started after the probe, with this many threads that run JavaScript. */
  measure(pid: number, threads: number): Promise<Memory>;
  close(): Promise<void>;
}

/** Child processes that are started from here on can be measured, until it is closed. */
export async function createMemoryProbe(world: World): Promise<MemoryProbe> {
  const folder = await mkdtemp(join(tmpdir(), "berth-bench-memory-"));
  const before = process.env["NODE_OPTIONS"];
  process.env["BERTH_BENCH_MEMORY"] = folder;
  process.env["NODE_OPTIONS"] =
    `${before ?? ""} --import=${new URL("memory-probe.ts", import.meta.url).href}`;
  return {
    async measure(pid, threads) {
      const files = async (): Promise<string[]> =>
        (await readdir(folder)).filter((name) => name.startsWith(`${pid}.`));
      for (const name of await files()) await rm(join(folder, name));
      process.kill(pid, "SIGUSR2");
      await until(world, `the heaps of process ${pid}`, async () => (await files()).length === threads);
      let heapBytes = 0;
      for (const name of await files()) heapBytes += Number(await readFile(join(folder, name), "utf8"));
      return { residentBytes: await residentBytes(pid), heapBytes };
    },
    async close() {
      delete process.env["BERTH_BENCH_MEMORY"];
      if (before === undefined) delete process.env["NODE_OPTIONS"];
      else process.env["NODE_OPTIONS"] = before;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
