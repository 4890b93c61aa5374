// What the contract's tests stand on: a driver, its pods, and waiting for what it says.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Uid } from "../../../protocol/mod.ts";
import type {
  ContainerId,
  ContainerRuntime,
  ContainerSpec,
  ContainerStatusInfo,
  LogOptions,
  RuntimeInfo,
  SandboxSpec,
  SandboxState,
} from "../runtime.ts";
import { testContainer, testSandbox } from "../../testkit/runtime-fixture.ts";
import { RuntimePods } from "../../testkit/runtime-pods.ts";
import type { ContractProgram } from "./programs.ts";

export interface ContractHarness {
  readonly name: RuntimeInfo["name"];
  readonly cluster: string;
  /** A driver over the same host; the second one is a restarted agent. `node` tells nodes of one host apart. */
  open(node: string): Promise<ContainerRuntime>;
  readonly image: string;
  command(program: ContractProgram): {
    readonly command: readonly string[];
    readonly args: readonly string[];
  };
  /** Programs run for real: shells, files, environments, pipes. */
  readonly real: boolean;
  /** Runs after everything; the host is as before. */
  close(): Promise<void>;
}

export class ContractBench {
  readonly directory = mkdtempSync(join(tmpdir(), "berth-contract-"));
  readonly harness: ContractHarness;
  readonly #pods = new RuntimePods(() => this.runtime);
  readonly #others: ContainerRuntime[] = [];
  #runtime: ContainerRuntime | undefined;
  #count = 0;

  constructor(harness: ContractHarness) {
    this.harness = harness;
  }

  /** The driver under test. */
  get runtime(): ContainerRuntime {
    return this.#runtime ?? expect.fail("no driver was opened");
  }

  async open(): Promise<void> {
    this.#runtime = await this.harness.open("one");
  }

  /** Removes what a test has made. */
  async clear(): Promise<void> {
    for (const other of this.#others.splice(0)) await other.close();
    await this.#pods.clear();
  }

  async close(): Promise<void> {
    await this.#runtime?.close();
    await this.harness.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A restarted agent in the place of the present one. */
  async restart(): Promise<void> {
    await this.runtime.close();
    await this.open();
  }

  /** One more driver, closed after the test. */
  async another(node: string): Promise<ContainerRuntime> {
    const other = await this.harness.open(node);
    this.#others.push(other);
    return other;
  }

  sandboxSpec(change: Partial<SandboxSpec> = {}, node = "one"): SandboxSpec {
    this.#count += 1;
    const name = `pod-${this.#count}`;
    const uid = `${process.pid.toString(36)}-${this.#count}` as Uid;
    return testSandbox({
      pod: { cluster: this.harness.cluster, node, namespace: "default", name, uid },
      address: `127.0.77.${this.#count}`,
      logDirectory: join(this.directory, uid),
      networkDirectory: join(this.directory, `${uid}-network`),
      dns: { servers: ["192.0.2.53"], searches: [], options: [] },
      ...change,
    });
  }

  containerSpec(program: ContractProgram, change: Partial<ContainerSpec> = {}): ContainerSpec {
    return testContainer({ image: this.harness.image, ...this.harness.command(program), ...change });
  }

  /** A sandbox that is removed after the test. */
  pod(spec = this.sandboxSpec()): Promise<SandboxState> {
    return this.#pods.sandbox(spec);
  }

  run(
    sandbox: SandboxState,
    program: ContractProgram,
    change: Partial<ContainerSpec> = {},
  ): Promise<ContainerId> {
    return this.#pods.start(sandbox, this.containerSpec(program, change));
  }

  ended(id: ContainerId): Promise<ContainerStatusInfo> {
    return this.#pods.ended(id);
  }

  lines(id: ContainerId, options: Partial<LogOptions> = {}): Promise<readonly string[]> {
    return this.#pods.lines(id, options);
  }

  /** Follows until a line is there: a real program has come so far. */
  async said(id: ContainerId, text: string): Promise<void> {
    if (!this.harness.real) return;
    for await (const line of this.runtime.logs(id, { follow: true })) {
      if (Buffer.from(line.text).toString() === text) return;
    }
    expect.fail(`container ${id} ended without saying ${text}`);
  }
}
