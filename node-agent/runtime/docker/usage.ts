// What a running container uses: from the kernel's files where they can be read, else from the engine's figures, which
// it does not tell of containers in networks that the agent makes: for those the files can be read (ADR 23).

import type Dockerode from "dockerode";
import type { ContainerId, ContainerUsage } from "../runtime.ts";
import { findUsageFiles, readUsageFiles, type UsageFiles } from "./cgroup-usage.ts";
import { type CallQueue, statusOf, toRuntimeError } from "./engine.ts";

export class DockerUsage {
  readonly #docker: Dockerode;
  readonly #calls: CallQueue;
  /** "none" where the engine has to be asked. */
  readonly #files = new Map<ContainerId, UsageFiles | "none">();

  constructor(docker: Dockerode, calls: CallQueue) {
    this.#docker = docker;
    this.#calls = calls;
  }

  /** An inspection showed the container's first process; 0 when it does not run. */
  note(id: ContainerId, pid: number): void {
    if (pid === 0) this.#files.delete(id);
    else if (!this.#files.has(id)) this.#files.set(id, findUsageFiles(id, pid) ?? "none");
  }

  forget(id: ContainerId): void {
    this.#files.delete(id);
  }

  async of(id: ContainerId): Promise<ContainerUsage | undefined> {
    if (!this.#files.has(id)) await this.#calls.run(() => this.#find(id));
    const files = this.#files.get(id);
    if (files !== undefined && files !== "none") return readUsageFiles(files);
    return await this.#calls.run(() => this.#ask(id));
  }

  /** Asks the engine for the first process of a container that was not inspected since its start. */
  async #find(id: ContainerId): Promise<void> {
    try {
      const { State } = await this.#docker.getContainer(id).inspect();
      this.note(id, State.Pid);
    } catch (error) {
      if (statusOf(error) !== 404) throw toRuntimeError(error, `looking at container ${id}`, "Unavailable");
    }
  }

  /** `one-shot` spares the engine's wait for a second sample. */
  async #ask(id: ContainerId): Promise<ContainerUsage | undefined> {
    try {
      const stats = await this.#docker.getContainer(id).stats({ stream: false, "one-shot": true });
      const usage: number | undefined = stats.memory_stats.usage;
      if (usage === undefined) return undefined;
      const details: Readonly<Record<string, number | undefined>> = { ...stats.memory_stats.stats };
      const droppable = details["total_inactive_file"] ?? details["inactive_file"] ?? 0;
      return {
        cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6,
        memoryBytes: Math.max(0, usage - droppable),
      };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw toRuntimeError(error, `reading the usage of container ${id}`, "Unavailable");
    }
  }
}

/** What a container wrote into its own layer, by the engine's count; 0 when it is gone. */
export async function writtenBytes(docker: Dockerode, id: ContainerId): Promise<number> {
  try {
    const [info] = await docker.listContainers({ all: true, size: true, filters: { id: [id] } });
    // Only where it is asked for, and the client's types do not know it.
    const size: unknown = info && "SizeRw" in info ? info.SizeRw : 0;
    return typeof size === "number" ? size : 0;
  } catch (error) {
    if (statusOf(error) === 404) return 0;
    throw toRuntimeError(error, `measuring container ${id}`, "Unavailable");
  }
}
