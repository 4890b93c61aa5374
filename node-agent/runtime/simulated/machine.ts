// The host of a simulated runtime: what runs there outlives the agents that drive it. Tests and the simulation
// set its latencies and faults here. Deterministic: all time comes from its clock, nothing from chance.

import type { Clock } from "../../../actors/mod.ts";
import {
  type ContainerId,
  type ContainerRuntime,
  type ImageInfo,
  RuntimeError,
  type RuntimeErrorCode,
  type RuntimeEvent,
  type SandboxId,
  type SandboxState,
} from "../runtime.ts";
import { MachineResources } from "./machine-resources.ts";
import { type ProgramOf, steadyProgram } from "./program.ts";
import type { SimulatedContainer } from "./simulated-container.ts";

/** The calls of a runtime that can be slow or fail. */
export type RuntimeVerb = Exclude<keyof ContainerRuntime, "onEvent" | "close" | "logs" | "attach">;

/** Calls that need space on the disk. */
const writing: ReadonlySet<RuntimeVerb> = new Set(["runSandbox", "createContainer", "pullImage"]);

const defaultDiskBytes = 20 * 2 ** 30;

interface Fault {
  readonly outcome: { readonly type: "fail"; readonly error: RuntimeError } | { readonly type: "hang" };
  readonly matches: (subject: string) => boolean;
  timesLeft: number;
}

export interface SimulatedMachineOptions {
  readonly clock: Clock;
  readonly program?: ProgramOf;
  readonly cpuMilli?: number;
  readonly memoryBytes?: number;
  /** Of the one disk that images, volumes and what containers write are on. */
  readonly diskBytes?: number;
  /** Where pods get addresses: "loopback" takes the spec's, "bridge" counts up from 10.88.0.2. Default "bridge". */
  readonly addressing?: "loopback" | "bridge";
}

export class SimulatedMachine {
  readonly clock: Clock;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly addressing: "loopback" | "bridge";
  readonly sandboxes = new Map<SandboxId, SandboxState>();
  readonly containers = new Map<ContainerId, SimulatedContainer>();
  /** What is left of its memory and disk. */
  readonly resources: MachineResources;
  /** Images that need no pull; undefined means that all are here. */
  presentImages: Set<string> | undefined;
  /** Images that no registry has: pulling answers ErrImagePull. */
  readonly missingImages = new Set<string>();
  program: ProgramOf;
  readonly #latencies = new Map<RuntimeVerb, number>();
  readonly #faults = new Map<RuntimeVerb, Fault[]>();
  readonly #hanging = new Set<() => void>();
  #boots = 1;
  #down = false;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  /** Host ports that something else on the host listens on. */
  readonly takenPorts = new Set<number>();
  /** The sandbox that was last given a host port. */
  readonly #ports = new Map<number, SandboxId>();
  /** Nothing can be written: images, sandboxes, containers. */
  diskFull = false;
  #nextAddress = 2;

  constructor(options: SimulatedMachineOptions) {
    this.clock = options.clock;
    this.program = options.program ?? steadyProgram;
    this.cpuMilli = options.cpuMilli ?? 4000;
    this.memoryBytes = options.memoryBytes ?? 8 * 2 ** 30;
    this.addressing = options.addressing ?? "bridge";
    this.resources = new MachineResources({
      memoryBytes: this.memoryBytes,
      diskBytes: options.diskBytes ?? defaultDiskBytes,
      containers: this.containers,
    });
  }

  /** Calls of this verb take so long from now on. */
  setLatency(verb: RuntimeVerb, ms: number): void {
    this.#latencies.set(verb, ms);
  }

  /** The next `times` calls of this verb fail; `subject` limits that to ids, names or images that contain it. */
  fail(verb: RuntimeVerb, code: RuntimeErrorCode, options: { times?: number; subject?: string } = {}): void {
    const error = new RuntimeError(code, `simulated fault: ${verb} fails`);
    this.#addFault(verb, { type: "fail", error }, options);
  }

  /** The next `times` calls of this verb get no answer until `release`. */
  hang(verb: RuntimeVerb, options: { times?: number; subject?: string } = {}): void {
    this.#addFault(verb, { type: "hang" }, options);
  }

  #addFault(
    verb: RuntimeVerb,
    outcome: Fault["outcome"],
    options: { times?: number; subject?: string },
  ): void {
    const faults = this.#faults.get(verb) ?? [];
    const { times = 1, subject } = options;
    faults.push({
      outcome,
      matches: (found) => subject === undefined || found.includes(subject),
      timesLeft: times,
    });
    this.#faults.set(verb, faults);
  }

  /** No fault is set that a call may meet. */
  get isSound(): boolean {
    const isSlow = [...this.#latencies.values()].some((ms) => ms > 0);
    const isFaulty = [...this.#faults.values()].flat().some(({ timesLeft }) => timesLeft > 0);
    return !this.#down && !this.#isFull && !isSlow && !isFaulty && this.#hanging.size === 0;
  }

  get #isFull(): boolean {
    return this.diskFull || this.resources.disk.available <= 0;
  }

  /** Ends all faults; calls that hang go on. */
  release(): void {
    this.#faults.clear();
    for (const resume of this.#hanging) resume();
    this.#hanging.clear();
  }

  /**
   * What every call goes through first: latency, then a fault if one is set. A call that is under way when the host
   * loses power is not carried out after the next boot.
   */
  async enter(verb: RuntimeVerb, subject = ""): Promise<void> {
    const boot = this.#boots;
    if (this.#down) throw new RuntimeError("Unavailable", `${verb}: the engine is down`);
    await this.#delay(verb, subject);
    if (boot !== this.#boots) throw new RuntimeError("Unavailable", `${verb}: the engine ended meanwhile`);
    if (writing.has(verb) && this.#isFull) {
      throw new RuntimeError("Unavailable", `${verb}: no space left on device`);
    }
  }

  async #delay(verb: RuntimeVerb, subject: string): Promise<void> {
    const latencyMs = this.#latencies.get(verb) ?? 0;
    if (latencyMs > 0) await this.clock.sleep(latencyMs);
    const fault = this.#faults.get(verb)?.find((each) => each.timesLeft > 0 && each.matches(subject));
    if (!fault) return;
    fault.timesLeft -= 1;
    if (fault.outcome.type === "fail") throw fault.outcome.error;
    await new Promise<void>((resolve) => this.#hanging.add(resolve));
  }

  /** Ends a container as its own crash would. */
  crash(id: ContainerId, exitCode = 1, reason?: string): void {
    this.containers.get(id)?.exit(exitCode, reason);
  }

  /** The host loses power: everything that ran has ended, images and records stay. */
  powerOff(): void {
    this.#boots++;
    for (const container of this.containers.values()) container.exit(137, "ContainerStatusUnknown");
    for (const [id, sandbox] of this.sandboxes) this.sandboxes.set(id, { ...sandbox, ready: false, ip: "" });
    this.emit({ type: "resync" });
  }

  /** The engine ends; its containers run on where it is set up so (Docker's live-restore), and end with it elsewhere. */
  stopEngine(options: { readonly containersRunOn: boolean }): void {
    this.#down = true;
    this.#boots++;
    if (!options.containersRunOn) this.powerOff();
  }
  startEngine(): void {
    if (!this.#down) return;
    this.#down = false;
    this.emit({ type: "resync" });
  }

  /** What listens on a host port: a pod's uid while its sandbox is ready. */
  portHolder(port: number): string | undefined {
    if (this.takenPorts.has(port)) return "another program";
    const sandbox = this.sandboxes.get(this.#ports.get(port) ?? ("" as SandboxId));
    return sandbox?.ready ? sandbox.pod.uid : undefined;
  }
  givePort(port: number, sandbox: SandboxId): void {
    this.#ports.set(port, sandbox);
  }

  takeAddress(): string {
    const number = this.#nextAddress++;
    return `10.88.${(number >> 8) & 255}.${number & 255}`;
  }

  imageInfo(reference: string): ImageInfo {
    return { reference, id: `simulated://${reference}`, sizeBytes: 1024 };
  }

  listen(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: RuntimeEvent): void {
    // Behind the call that caused it, as from a real engine.
    this.clock.after(0, () => {
      for (const listener of this.#listeners) listener(event);
    });
  }
}
