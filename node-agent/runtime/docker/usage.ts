// What a running container uses, from the engine's figures.

import type Dockerode from "dockerode";
import type { Clock } from "../../../actors/mod.ts";
import type { ContainerId } from "../runtime.ts";
import { statusOf, toRuntimeError } from "./engine.ts";

export interface UsageSample {
  readonly at: number;
  /** CPU time since the container's start. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Undefined when it does not run. `one-shot` spares the engine's wait for a second sample. */
export async function readUsage(
  docker: Dockerode,
  id: ContainerId,
  clock: Clock,
): Promise<UsageSample | undefined> {
  try {
    const stats = await docker.getContainer(id).stats({ stream: false, "one-shot": true });
    const usage: number | undefined = stats.memory_stats.usage;
    if (usage === undefined) return undefined;
    // Pages of files that can be dropped at any time count for nothing, as in Kubernetes' working set.
    const details: Readonly<Record<string, number | undefined>> = { ...stats.memory_stats.stats };
    const droppable = details["total_inactive_file"] ?? details["inactive_file"] ?? 0;
    return {
      at: clock.monotonic(),
      cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1_000_000,
      memoryBytes: Math.max(0, usage - droppable),
    };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw toRuntimeError(error, `reading the usage of container ${id}`, "Unavailable");
  }
}
