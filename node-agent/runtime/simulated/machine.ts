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
import { type ProgramOf, steadyProgram } from "./program.ts";
import type { SimulatedContainer } from "./simulated-container.ts";

/** The calls of a runtime that can be slow or fail. */
export type RuntimeVerb = Exclude<keyof ContainerRuntime, "onEvent" | "close" | "logs">;

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
  /** Images that need no pull; undefined means that all are here. */
  presentImages: Set<string> | undefined;
  /** Images that no registry has: pulling answers ErrImagePull. */
  readonly missingImages = new Set<string>();
  program: ProgramOf;
  readonly #latencies = new Map<RuntimeVerb, number>();
  readonly #faults = new Map<RuntimeVerb, Fault[]>();
  readonly #hanging = new Set<() => void>();
  #boots = 1;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #nextAddress = 2;

  constructor(options: SimulatedMachineOptions) {
    this.clock = options.clock;
    this.program = options.program ?? steadyProgram;
    this.cpuMilli = options.cpuMilli ?? 4000;
    this.memoryBytes = options.memoryBytes ?? 8 * 2 ** 30;
    this.addressing = options.addressing ?? "bridge";
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
    await this.#delay(verb, subject);
    if (boot !== this.#boots) throw new RuntimeError("Unavailable", `${verb}: the engine ended meanwhile`);
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
