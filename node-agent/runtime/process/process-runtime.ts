// The runtime that needs no Docker: containers are host processes with files of their own.
// They outlive the agent; a new driver over the same directory finds and adopts them.

import { existsSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Cancel, World } from "../../../actors/mod.ts";
import type { Uid } from "../../../protocol/mod.ts";
import { attachByLog } from "../attach-by-log.ts";
import { EventHub } from "../event-hub.ts";
import { checkNonRoot } from "../non-root.ts";
import { hostPathInfo, readHostArchive, writeHostArchive } from "../host-archive.ts";
import {
  type AttachOptions,
  type ContainerId,
  type ContainerRuntime,
  type ContainerSpec,
  type ContainerStatusInfo,
  type ContainerUsage,
  type ExecSession,
  type FenceAddress,
  type LogLine,
  type LogOptions,
  type PathInfo,
  type RuntimeEvent,
  RuntimeError,
  type RuntimeInfo,
  type SandboxId,
  type SandboxSpec,
  type SandboxState,
} from "../runtime.ts";
import { type Cgroups, createCgroups, detectCgroups, killCgroups, removeCgroups } from "./cgroups.ts";
import { execToEnd, startExec } from "./exec.ts";
import {
  containerDirectory,
  containerId,
  type ContainerRecord,
  fencedFile,
  loadContainers,
  loadSandboxes,
  makePrivate,
  removeRemains,
  sandboxDirectory,
  sandboxId,
  type SandboxRecord,
  saveContainer,
  saveSandbox,
} from "./layout.ts";
import { readLog } from "./log-reader.ts";
import { defaultLogLimits, type LogLimits } from "./log-record.ts";
import { type ContainerHost, ProcessContainer } from "./process-container.ts";
import { hostImage, noImages, processRuntimeInfo } from "./process-runtime-info.ts";
import { ProcessUsage } from "./process-usage.ts";
import { StraySweeper } from "./stray-sweeper.ts";
import { installWrapper, readIdentity } from "./wrapper.ts";

/** Containers are looked at this often, for what no watcher told. */
const tickMs = 1000;

export interface ProcessRuntimeOptions {
  readonly cluster: string;
  readonly node: string;
  /** Owned by this driver alone: one per node. */
  readonly directory: string;
  readonly world: World;
  readonly logLimits?: LogLimits;
  /** Program that `node` in a command means; this process's own by default. */
  readonly nodePath?: string;
}

export function createProcessRuntime(options: ProcessRuntimeOptions): ContainerRuntime {
  return new ProcessRuntime(options);
}

class ProcessRuntime implements ContainerRuntime {
  readonly fence: FenceAddress;
  readonly imagePresent = hostImage;
  readonly pullImage = hostImage;
  readonly listImages = noImages.list;
  readonly removeImage = noImages.remove;
  readonly #options: ProcessRuntimeOptions;
  readonly #events: EventHub;
  readonly #cgroups: Cgroups;
  readonly #host: ContainerHost;
  readonly #sandboxes = new Map<SandboxId, SandboxRecord>();
  readonly #containers = new Map<ContainerId, ProcessContainer>();
  readonly #usage: ProcessUsage;
  readonly #strays: StraySweeper;
  #tick: Cancel | undefined;

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options;
    const { cluster, node, directory, world } = options;
    this.fence = { type: "process", cluster, node, directory: resolve(directory) };
    makePrivate(directory);
    this.#events = new EventHub(world.logger);
    this.#usage = new ProcessUsage(world.clock);
    this.#strays = new StraySweeper(world.logger);
    this.#cgroups = detectCgroups();
    this.#host = {
      clock: world.clock,
      wrapper: installWrapper(directory),
      nodePath: options.nodePath ?? process.execPath,
      logLimits: options.logLimits ?? defaultLogLimits,
      changed: (container) => this.#changed(container),
      sweep: (marker) => this.#strays.sweep(marker),
    };
    this.#adopt();
    this.#scheduleTick();
  }

  #adopt(): void {
    removeRemains(this.#options.directory);
    for (const sandbox of loadSandboxes(this.#options.directory)) {
      if (sandbox.pod.cluster !== this.#options.cluster || sandbox.pod.node !== this.#options.node) continue;
      this.#sandboxes.set(sandbox.id, sandbox);
      for (const record of loadContainers(this.#options.directory, sandbox.id)) this.#open(record);
    }
  }

  #open(record: ContainerRecord): ProcessContainer {
    const container = new ProcessContainer(
      record,
      containerDirectory(this.#options.directory, record),
      this.#host,
    );
    this.#containers.set(record.id, container);
    return container;
  }

  #scheduleTick(): void {
    this.#tick = this.#options.world.clock.after(tickMs, () => {
      for (const container of this.#containers.values()) container.tick();
      this.#scheduleTick();
    });
  }

  #changed(container: ProcessContainer): void {
    const { id, pod } = container.record;
    this.#emit({ type: "container-changed", pod: pod.uid, container: id });
  }

  #emit(event: RuntimeEvent): void {
    this.#events.emit(event);
  }

  info(): Promise<RuntimeInfo> {
    return Promise.resolve(processRuntimeInfo(this.#cgroups));
  }

  runSandbox(spec: SandboxSpec): Promise<SandboxState> {
    const id = sandboxId(spec);
    const existing = this.#sandboxes.get(id);
    if (existing) return Promise.resolve(this.#stateOf(existing));
    const record: SandboxRecord = {
      id,
      pod: spec.pod,
      attempt: spec.attempt,
      hostname: spec.hostname,
      address: spec.address ?? "127.0.0.1",
      logDirectory: spec.logDirectory,
      createdAt: this.#options.world.clock.now(),
      stopped: false,
    };
    saveSandbox(this.#options.directory, record);
    this.#sandboxes.set(id, record);
    this.#emit({ type: "sandbox-changed", pod: spec.pod.uid });
    return Promise.resolve(this.#stateOf(record));
  }

  async stopSandbox(id: SandboxId): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    await Promise.all(this.#containersOf(id).map((container) => container.stop(0)));
    if (sandbox.stopped) return;
    const stopped = { ...sandbox, stopped: true };
    saveSandbox(this.#options.directory, stopped);
    this.#sandboxes.set(id, stopped);
    this.#emit({ type: "sandbox-changed", pod: sandbox.pod.uid });
  }

  async removeSandbox(id: SandboxId): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    await this.stopSandbox(id);
    await Promise.all(this.#containersOf(id).map((container) => this.removeContainer(container.record.id)));
    // The record goes first: what a killed agent leaves half removed is no sandbox any more.
    const directory = sandboxDirectory(this.#options.directory, id);
    rmSync(join(directory, "sandbox.json"), { force: true });
    await rm(directory, { recursive: true, force: true });
    this.#sandboxes.delete(id);
    this.#emit({ type: "sandbox-changed", pod: sandbox.pod.uid });
  }

  listSandboxes(of?: Uid): Promise<readonly SandboxState[]> {
    const records = [...this.#sandboxes.values()].filter(({ pod }) => of === undefined || pod.uid === of);
    return Promise.resolve(records.map((record) => this.#stateOf(record)));
  }

  #stateOf(record: SandboxRecord): SandboxState {
    const { id, pod, attempt, address, createdAt } = record;
    const ready = this.#isOpen(record);
    return { id, pod, attempt, ready, ip: ready ? address : "", createdAt };
  }

  /** Neither stopped nor fenced by the guard of leases. */
  #isOpen({ id, stopped }: SandboxRecord): boolean {
    return !stopped && !existsSync(fencedFile(this.#options.directory, id));
  }

  #containersOf(sandbox: SandboxId): readonly ProcessContainer[] {
    return [...this.#containers.values()].filter((container) => container.record.sandbox === sandbox);
  }

  async createContainer(sandbox: SandboxId, spec: ContainerSpec): Promise<ContainerId> {
    const owner = this.#sandboxes.get(sandbox);
    if (!owner) throw new RuntimeError("NotFound", `no sandbox ${sandbox}`);
    if (!this.#isOpen(owner)) throw new RuntimeError("RunContainerError", `sandbox ${sandbox} is stopped`);
    const id = containerId(sandbox, spec);
    if (this.#containers.has(id)) return id;
    checkNonRoot(spec, String(process.getuid?.() ?? ""));
    const { directory, world } = this.#options;
    const draft: ContainerRecord = {
      id,
      sandbox,
      pod: owner.pod,
      hostname: owner.hostname,
      spec,
      recordDirectory: join(
        owner.logDirectory || join(containerDirectory(directory, { id, sandbox }), "log"),
        spec.name,
        String(spec.attempt),
      ),
      cgroups: [],
      createdAt: world.clock.now(),
    };
    const container = this.#open({ ...draft, cgroups: this.#limit(draft) });
    try {
      container.plan();
      saveContainer(directory, container.record);
    } catch (error) {
      await this.#discard(container);
      throw error;
    }
    this.#changed(container);
    return id;
  }

  #limit(record: ContainerRecord): readonly string[] {
    try {
      return createCgroups(this.#cgroups, record.id, record.spec.resources);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new RuntimeError("CreateContainerConfigError", `limits can't be set: ${message}`, {
        cause: error,
      });
    }
  }

  async startContainer(id: ContainerId): Promise<void> {
    await this.#find(id).start();
  }

  async stopContainer(id: ContainerId, graceMs: number): Promise<void> {
    await this.#containers.get(id)?.stop(graceMs);
  }

  async removeContainer(id: ContainerId): Promise<void> {
    const container = this.#containers.get(id);
    if (!container) return;
    await container.stop(0);
    await this.#strays.ended();
    await this.#discard(container);
    this.#changed(container);
  }

  async #discard(container: ProcessContainer): Promise<void> {
    const { record } = container;
    container.close();
    rmSync(join(container.paths.base, "container.json"), { force: true });
    await rm(container.paths.base, { recursive: true, force: true });
    await rm(record.recordDirectory, { recursive: true, force: true });
    killCgroups(record.cgroups);
    for (let tries = 0; tries < 50 && !removeCgroups(record.cgroups); tries += 1) {
      await this.#options.world.clock.sleep(10);
    }
    this.#containers.delete(record.id);
  }

  listContainers(of?: Uid): Promise<readonly ContainerStatusInfo[]> {
    const all = [...this.#containers.values()].map((container) => container.status());
    return Promise.resolve(of === undefined ? all : all.filter(({ pod }) => pod === of));
  }

  inspectContainer(id: ContainerId): Promise<ContainerStatusInfo | undefined> {
    return Promise.resolve(this.#containers.get(id)?.status());
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  #find(id: ContainerId): ProcessContainer {
    const container = this.#containers.get(id);
    if (!container) throw new RuntimeError("NotFound", `no container ${id}`);
    return container;
  }

  #running(id: ContainerId): ProcessContainer {
    const container = this.#find(id);
    if (container.phase === "running") return container;
    throw new RuntimeError("RunContainerError", `container ${id} is not running (it is ${container.phase})`);
  }

  async exec(
    id: ContainerId,
    options: { readonly command: readonly string[]; readonly stdin: boolean; readonly tty: boolean },
  ): Promise<ExecSession> {
    const container = this.#running(id);
    const plan = container.planFor(options.command);
    return await startExec(plan.argv, plan, options);
  }

  async execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number; readonly output: string }> {
    const plan = this.#running(id).planFor(command);
    return await execToEnd(plan.argv, plan, timeoutMs, this.#options.world.clock);
  }

  attach(id: ContainerId, options: AttachOptions): Promise<ExecSession> {
    this.#running(id);
    return attachByLog(this, id, options);
  }

  async pathInfo(id: ContainerId, path: string): Promise<PathInfo | undefined> {
    return await hostPathInfo(this.#pathOf(id, path));
  }

  async *readArchive(id: ContainerId, path: string): AsyncGenerator<Uint8Array> {
    yield* readHostArchive(this.#pathOf(id, path));
  }

  async writeArchive(id: ContainerId, directory: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    await writeHostArchive(this.#pathOf(id, directory), archive);
  }

  /** As a command of the container would find it. */
  #pathOf(id: ContainerId, path: string): string {
    return resolve(this.#find(id).planFor([]).cwd, path);
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<LogLine> {
    const { pump, record } = this.#find(id);
    pump.pump();
    yield* readLog(
      {
        directory: record.recordDirectory,
        ended: () => pump.finished,
        onGrowth: (listener) => pump.onGrowth(listener),
      },
      options,
    );
  }

  /** Its processes write to the host's own file system. */
  writtenBytes(): Promise<number> {
    return Promise.resolve(0);
  }

  async usage(id: ContainerId): Promise<ContainerUsage | undefined> {
    const container = this.#containers.get(id);
    if (container?.phase !== "running" || process.platform !== "linux") return undefined;
    const main = readIdentity(container.paths.run, "main");
    return main && (await this.#usage.of(main.pid));
  }

  async close(): Promise<void> {
    this.#tick?.();
    this.#events.clear();
    await this.#strays.ended();
    for (const container of this.#containers.values()) container.close();
  }
}
