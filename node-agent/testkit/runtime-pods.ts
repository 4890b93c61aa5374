// Pods of tests on a container runtime: made, waited for, read, and removed after each test.

import { expect, vi } from "vitest";
import type {
  ContainerId,
  ContainerRuntime,
  ContainerSpec,
  ContainerStatusInfo,
  LogOptions,
  SandboxSpec,
  SandboxState,
} from "../runtime/runtime.ts";

/** How long a test waits for what a real program or engine does. */
export const waitOptions = { timeout: 20_000, interval: 10 };

export class RuntimePods {
  readonly #runtime: () => ContainerRuntime;
  readonly #sandboxes: SandboxState[] = [];

  constructor(runtime: () => ContainerRuntime) {
    this.#runtime = runtime;
  }

  /** A sandbox that `clear` removes. */
  async sandbox(spec: SandboxSpec): Promise<SandboxState> {
    const sandbox = await this.#runtime().runSandbox(spec);
    this.#sandboxes.push(sandbox);
    return sandbox;
  }

  async start({ id: sandbox }: SandboxState, spec: ContainerSpec): Promise<ContainerId> {
    const id = await this.#runtime().createContainer(sandbox, spec);
    await this.#runtime().startContainer(id);
    return id;
  }

  ended(id: ContainerId): Promise<ContainerStatusInfo> {
    return vi.waitFor(async () => {
      const status = await this.#runtime().inspectContainer(id);
      if (status?.state === "exited") return status;
      return expect.fail(`container ${id} is ${status?.state ?? "gone"}`);
    }, waitOptions);
  }

  /** What it has said so far, line by line. */
  async lines(id: ContainerId, options: Partial<LogOptions> = {}): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const line of this.#runtime().logs(id, { follow: false, ...options })) {
      found.push(Buffer.from(line.text).toString());
    }
    return found;
  }

  /** All that it says until it ends. */
  async text(id: ContainerId): Promise<string> {
    let all = "";
    for await (const line of this.#runtime().logs(id, { follow: true })) {
      all += Buffer.from(line.text).toString() + (line.partial ? "" : "\n");
    }
    return all;
  }

  async clear(): Promise<void> {
    for (const { id } of this.#sandboxes.splice(0)) await this.#runtime().removeSandbox(id);
  }
}
