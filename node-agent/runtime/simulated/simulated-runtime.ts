// The runtime without any host: containers are entries of a SimulatedMachine that run on its clock.

import type { World } from "../../../actors/mod.ts";
import type { Uid } from "../../../protocol/mod.ts";
import { attachByLog } from "../attach-by-log.ts";
import { EventHub } from "../event-hub.ts";
import { execOutputLimitBytes } from "../limits.ts";
import {
  type AttachOptions,
  type ContainerId,
  type ContainerRuntime,
  type ContainerSpec,
  type ContainerStatusInfo,
  type ContainerUsage,
  type ExecSession,
  type ImageInfo,
  type LogLine,
  type LogOptions,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeInfo,
  type SandboxId,
  type SandboxSpec,
  type SandboxState,
  type StoredImage,
} from "../runtime.ts";
import { SimulatedMachine } from "./machine.ts";
import type { ProgramOf, SimulatedExecResult } from "./program.ts";
import { SimulatedContainer } from "./simulated-container.ts";

export interface SimulatedRuntimeOptions {
  readonly cluster: string;
  readonly node: string;
  readonly world: World;
  /** The host to drive; a new one by default. A second runtime over it is a restarted agent. */
  readonly machine?: SimulatedMachine;
  /** For a new machine. */
  readonly program?: ProgramOf;
}

export interface SimulatedRuntime extends ContainerRuntime {
  readonly machine: SimulatedMachine;
}

export function createSimulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  const { program, world } = options;
  const machine =
    options.machine ?? new SimulatedMachine({ clock: world.clock, ...(program ? { program } : {}) });
  return new Driver(options, machine);
}

const encoder = new TextEncoder();

class Driver implements SimulatedRuntime {
  readonly fence = { type: "simulated" } as const;
  readonly machine: SimulatedMachine;
  readonly #cluster: string;
  readonly #node: string;
  readonly #events: EventHub;
  readonly #stopListening: () => void;

  constructor(options: SimulatedRuntimeOptions, machine: SimulatedMachine) {
    this.machine = machine;
    this.#cluster = options.cluster;
    this.#node = options.node;
    this.#events = new EventHub(options.world.logger);
    this.#stopListening = machine.listen((event) => this.#events.emit(event));
  }

  async info(): Promise<RuntimeInfo> {
    await this.machine.enter("info");
    const { cpuMilli, memoryBytes, addressing } = this.machine;
    return {
      name: "simulated",
      version: "1",
      details: {},
      capacity: { cpuMilli, memoryBytes },
      addressing,
    };
  }

  async runSandbox(spec: SandboxSpec): Promise<SandboxState> {
    await this.machine.enter("runSandbox", spec.pod.name);
    const id = `${spec.pod.uid}.${spec.attempt}` as SandboxId;
    const existing = this.machine.sandboxes.get(id);
    if (existing) return existing;
    this.#takePorts(id, spec);
    const ip =
      this.machine.addressing === "loopback" ? (spec.address ?? "127.0.0.1") : this.machine.takeAddress();
    const createdAt = this.machine.clock.now();
    const state: SandboxState = { id, pod: spec.pod, attempt: spec.attempt, ready: true, ip, createdAt };
    this.machine.sandboxes.set(id, state);
    this.machine.emit({ type: "sandbox-changed", pod: spec.pod.uid });
    return state;
  }

  /** A sandbox that is ready holds its host ports. */
  #takePorts(id: SandboxId, { hostPorts, pod }: SandboxSpec): void {
    for (const { hostPort } of hostPorts) {
      const holder = this.machine.portHolder(hostPort);
      if (holder === undefined || holder === pod.uid) continue;
      throw new RuntimeError("Unavailable", `host port ${hostPort} is already allocated: ${holder}`);
    }
    for (const { hostPort } of hostPorts) this.machine.givePort(hostPort, id);
  }

  async stopSandbox(id: SandboxId): Promise<void> {
    await this.machine.enter("stopSandbox", id);
    const sandbox = this.machine.sandboxes.get(id);
    if (!sandbox) return;
    for (const container of this.#containersOf(id)) container.exit(137);
    if (!sandbox.ready) return;
    this.machine.sandboxes.set(id, { ...sandbox, ready: false, ip: "" });
    this.machine.emit({ type: "sandbox-changed", pod: sandbox.pod.uid });
  }

  async removeSandbox(id: SandboxId): Promise<void> {
    await this.machine.enter("removeSandbox", id);
    const sandbox = this.machine.sandboxes.get(id);
    if (!sandbox) return;
    for (const container of this.#containersOf(id)) {
      container.exit(137);
      this.machine.containers.delete(container.id);
    }
    this.machine.sandboxes.delete(id);
    this.machine.emit({ type: "sandbox-changed", pod: sandbox.pod.uid });
  }

  async listSandboxes(of?: Uid): Promise<readonly SandboxState[]> {
    await this.machine.enter("listSandboxes");
    const ours = [...this.machine.sandboxes.values()].filter(({ pod }) => this.#ours(pod));
    return of === undefined ? ours : ours.filter(({ pod }) => pod.uid === of);
  }

  #ours(pod: { readonly cluster: string; readonly node: string }): boolean {
    return pod.cluster === this.#cluster && pod.node === this.#node;
  }

  #containersOf(sandbox: SandboxId): readonly SimulatedContainer[] {
    return [...this.machine.containers.values()].filter((container) => container.sandbox === sandbox);
  }

  async createContainer(sandbox: SandboxId, spec: ContainerSpec): Promise<ContainerId> {
    await this.machine.enter("createContainer", spec.name);
    const owner = this.machine.sandboxes.get(sandbox);
    if (!owner) throw new RuntimeError("NotFound", `no sandbox ${sandbox}`);
    const id = `${sandbox}.${spec.name}.${spec.attempt}` as ContainerId;
    if (this.machine.containers.has(id)) return id;
    if (this.machine.presentImages?.has(spec.image) === false)
      throw new RuntimeError("NotFound", `no such image: ${spec.image}`);
    const { pod } = owner;
    const changed = (): void => this.machine.emit({ type: "container-changed", pod: pod.uid, container: id });
    const program = this.machine.program(spec, pod);
    const container = new SimulatedContainer(
      { id, sandbox, pod, spec, program },
      this.machine.clock,
      changed,
    );
    this.machine.containers.set(id, container);
    changed();
    return id;
  }

  async startContainer(id: ContainerId): Promise<void> {
    await this.machine.enter("startContainer", id);
    const container = this.#find(id);
    // As an engine does: there is no network to join.
    if (this.machine.sandboxes.get(container.sandbox)?.ready === false) {
      throw new RuntimeError("RunContainerError", `sandbox ${container.sandbox} does not run`);
    }
    if (container.program.missing) {
      throw new RuntimeError("CreateContainerConfigError", `container ${id} has no such program`);
    }
    container.start();
  }

  async stopContainer(id: ContainerId, graceMs: number): Promise<void> {
    await this.machine.enter("stopContainer", id);
    await this.machine.containers.get(id)?.stop(graceMs);
  }

  async removeContainer(id: ContainerId): Promise<void> {
    await this.machine.enter("removeContainer", id);
    const container = this.machine.containers.get(id);
    if (!container) return;
    container.exit(137);
    this.machine.containers.delete(id);
    this.machine.emit({ type: "container-changed", pod: container.pod.uid, container: id });
  }

  async listContainers(of?: Uid): Promise<readonly ContainerStatusInfo[]> {
    await this.machine.enter("listContainers");
    const ours = [...this.machine.containers.values()].filter(
      ({ pod }) => this.#ours(pod) && (of === undefined || pod.uid === of),
    );
    return ours.map((container) => container.status());
  }

  async inspectContainer(id: ContainerId): Promise<ContainerStatusInfo | undefined> {
    await this.machine.enter("inspectContainer", id);
    return this.machine.containers.get(id)?.status();
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  #find(id: ContainerId): SimulatedContainer {
    const container = this.machine.containers.get(id);
    if (!container) throw new RuntimeError("NotFound", `no container ${id}`);
    return container;
  }

  #running(id: ContainerId): SimulatedContainer {
    const container = this.#find(id);
    if (container.state === "running") return container;
    throw new RuntimeError("RunContainerError", `container ${id} is not running (it is ${container.state})`);
  }

  async exec(
    id: ContainerId,
    options: { readonly command: readonly string[]; readonly stdin: boolean; readonly tty: boolean },
  ): Promise<ExecSession> {
    await this.machine.enter("exec", id);
    const { program } = this.#running(id);
    const input: Uint8Array[] = [];
    const inputEnd = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<SimulatedExecResult>();
    if (!options.stdin) inputEnd.resolve();
    const answer = async (): Promise<SimulatedExecResult> => {
      await inputEnd.promise;
      const result = program.exec?.(options.command, Buffer.concat(input).toString()) ?? { exitCode: 0 };
      await this.#take(result.afterMs ?? 0);
      return result;
    };
    const outcome = Promise.race([answer(), closed.promise]);
    async function* text(stream: "stdout" | "stderr"): AsyncGenerator<Uint8Array> {
      const said = (await outcome)[stream];
      if (said) yield encoder.encode(said);
    }
    return {
      stdout: text("stdout"),
      stderr: text("stderr"),
      write: (data) => {
        input.push(data);
        return Promise.resolve();
      },
      endInput: () => inputEnd.resolve(),
      resize: () => Promise.resolve(),
      exitCode: outcome.then((result) => result.exitCode),
      close: () => closed.resolve({ exitCode: 137 }),
    };
  }

  async #take(ms: number): Promise<void> {
    if (ms === Number.POSITIVE_INFINITY) await new Promise<never>(() => undefined);
    if (ms > 0) await this.machine.clock.sleep(ms);
  }

  async execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number; readonly output: string }> {
    await this.machine.enter("execSync", id);
    const result = this.#running(id).program.exec?.(command, "") ?? { exitCode: 0 };
    const tookMs = result.afterMs ?? 0;
    await this.#take(Math.min(tookMs, timeoutMs));
    if (tookMs > timeoutMs) {
      throw new RuntimeError("Timeout", `command "${command[0] ?? ""}" did not end within ${timeoutMs} ms`);
    }
    const output = `${result.stdout ?? ""}${result.stderr ?? ""}`.slice(0, execOutputLimitBytes);
    return { exitCode: result.exitCode, output };
  }

  attach(id: ContainerId, options: AttachOptions): Promise<ExecSession> {
    return attachByLog(this, id, options);
  }

  /** A simulated container has no files. */
  async pathInfo(id: ContainerId): Promise<undefined> {
    await this.machine.enter("pathInfo", id);
    this.#find(id);
  }

  // oxlint-disable-next-line require-yield -- there is nothing to read
  async *readArchive(id: ContainerId, path: string): AsyncGenerator<Uint8Array> {
    await this.machine.enter("readArchive", id);
    throw new RuntimeError("NotFound", `${path}: no such file or directory`);
  }

  async writeArchive(id: ContainerId, directory: string): Promise<void> {
    await this.machine.enter("writeArchive", id);
    throw new RuntimeError("NotFound", `${directory}: no such directory`);
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<LogLine> {
    yield* this.#find(id).logs(options);
  }

  async imagePresent(reference: string): Promise<ImageInfo | undefined> {
    await this.machine.enter("imagePresent", reference);
    const present = this.machine.presentImages?.has(reference) ?? !this.machine.missingImages.has(reference);
    return present ? this.machine.imageInfo(reference) : undefined;
  }

  async pullImage(reference: string): Promise<ImageInfo> {
    await this.machine.enter("pullImage", reference);
    if (this.machine.missingImages.has(reference)) {
      throw new RuntimeError("ErrImagePull", `pull of ${reference} failed: no registry has it`);
    }
    this.machine.presentImages?.add(reference);
    return this.machine.imageInfo(reference);
  }

  async listImages(): Promise<readonly StoredImage[]> {
    await this.machine.enter("listImages");
    return [...(this.machine.presentImages ?? [])].map((reference) => {
      const { id, sizeBytes } = this.machine.imageInfo(reference);
      return { id, sizeBytes, references: [reference] };
    });
  }

  async removeImage(id: string): Promise<boolean> {
    await this.machine.enter("removeImage", id);
    const containers = [...this.machine.containers.values()];
    for (const reference of this.machine.presentImages ?? []) {
      if (this.machine.imageInfo(reference).id !== id) continue;
      if (containers.some((container) => container.status().image === reference)) return false;
      this.machine.presentImages?.delete(reference);
    }
    return true;
  }

  async writtenBytes(id: ContainerId): Promise<number> {
    await this.machine.enter("writtenBytes", id);
    return this.machine.containers.get(id)?.writtenBytes ?? 0;
  }

  async usage(id: ContainerId): Promise<ContainerUsage | undefined> {
    await this.machine.enter("usage", id);
    return this.machine.containers.get(id)?.usage();
  }

  close(): Promise<void> {
    this.#stopListening();
    this.#events.clear();
    return Promise.resolve();
  }
}
