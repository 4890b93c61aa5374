// One container of the simulated machine: a state machine on the machine's clock.

import type { Cancel, Clock } from "../../../actors/mod.ts";
import type {
  ContainerId,
  ContainerSpec,
  ContainerStatusInfo,
  ContainerUsage,
  LogLine,
  LogOptions,
  PodIdentity,
  SandboxId,
} from "../runtime.ts";
import type { SimulatedProgram } from "./program.ts";

const encoder = new TextEncoder();
const defaultMemoryBytes = 2 ** 20;

export class SimulatedContainer {
  readonly id: ContainerId;
  readonly sandbox: SandboxId;
  readonly pod: PodIdentity;
  readonly spec: ContainerSpec;
  readonly program: SimulatedProgram;
  readonly createdAt: number;
  readonly lines: LogLine[] = [];
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #timers: Cancel[] = [];
  readonly #waiting = new Set<() => void>();
  #startedAt: number | undefined;
  #stopping = false;
  #exit: { readonly at: number; readonly code: number; readonly reason: string } | undefined;

  constructor(
    identity: Pick<SimulatedContainer, "id" | "sandbox" | "pod" | "spec" | "program">,
    clock: Clock,
    changed: () => void,
  ) {
    this.id = identity.id;
    this.sandbox = identity.sandbox;
    this.pod = identity.pod;
    this.spec = identity.spec;
    this.program = identity.program;
    this.createdAt = clock.now();
    this.#clock = clock;
    this.#changed = changed;
  }

  get state(): "created" | "running" | "exited" {
    if (this.#exit) return "exited";
    return this.#startedAt === undefined ? "created" : "running";
  }

  /** Told to stop, and still there. */
  get isStopping(): boolean {
    return this.#stopping && this.state === "running";
  }

  /** What it takes of the machine's memory now. */
  get memoryBytes(): number {
    return this.state === "running" ? (this.program.memoryBytes ?? defaultMemoryBytes) : 0;
  }
  /** What it takes of the machine's disk until it is removed. */
  get writtenBytes(): number {
    return this.#startedAt === undefined ? 0 : (this.program.diskBytes ?? 0);
  }

  start(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = this.#clock.now();
    for (const { atMs, stream, text } of this.program.output ?? []) {
      this.#later(atMs, () => this.write(stream, text));
    }
    this.#changed();
    if (this.program.exitAfterMs !== undefined) {
      this.#later(this.program.exitAfterMs, () =>
        this.exit(this.program.exitCode ?? 0, this.program.exitReason),
      );
    }
  }

  write(stream: "stdout" | "stderr", text: string): void {
    if (this.state !== "running") return;
    this.lines.push({ at: this.#clock.now(), stream, text: encoder.encode(text) });
    this.#wake();
  }

  /** Ends it, whoever wanted that. */
  exit(code: number, reason?: string): void {
    if (this.state !== "running") return;
    this.#exit = { at: this.#clock.now(), code, reason: reason ?? (code === 0 ? "Completed" : "Error") };
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#wake();
    this.#changed();
  }

  async stop(graceMs: number): Promise<void> {
    if (this.state !== "running") return;
    this.#stopping = true;
    const { stopAfterMs = 0, stopExitCode = 143 } = this.program;
    if (stopAfterMs < graceMs) this.#later(stopAfterMs, () => this.exit(stopExitCode));
    else this.#later(graceMs, () => this.exit(137));
    while (this.state === "running") await this.#somethingHappens();
  }

  async *logs(options: LogOptions): AsyncGenerator<LogLine> {
    const wanted = (line: LogLine): boolean => options.sinceMs === undefined || line.at >= options.sinceMs;
    const tail = options.tailLines ?? this.lines.length;
    let index = Math.max(0, this.lines.length - tail);
    let bytesLeft = options.limitBytes ?? Number.POSITIVE_INFINITY;
    options.signal?.addEventListener("abort", this.#wake);
    try {
      for (;;) {
        for (let line = this.lines[index]; line; line = this.lines[index]) {
          index += 1;
          if (options.signal?.aborted || bytesLeft <= 0) return;
          if (!wanted(line)) continue;
          yield bytesLeft < line.text.length ? { ...line, text: line.text.subarray(0, bytesLeft) } : line;
          bytesLeft -= line.text.length + 1;
        }
        if (!options.follow || this.state === "exited" || options.signal?.aborted) return;
        await this.#somethingHappens();
      }
    } finally {
      options.signal?.removeEventListener("abort", this.#wake);
    }
  }

  status(): ContainerStatusInfo {
    const exit = this.#exit;
    return {
      id: this.id,
      sandbox: this.sandbox,
      pod: this.pod.uid,
      name: this.spec.name,
      attempt: this.spec.attempt,
      image: this.spec.image,
      imageId: `simulated://${this.spec.image}`,
      state: this.state,
      createdAt: this.createdAt,
      ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
      ...(exit ? { finishedAt: exit.at, exitCode: exit.code, reason: exit.reason } : {}),
    };
  }

  usage(): ContainerUsage | undefined {
    if (this.state !== "running") return undefined;
    const { cpuMilli = 1 } = this.program;
    const ranMs = this.#clock.now() - (this.#startedAt ?? this.createdAt);
    return { cpuMs: (cpuMilli * Math.max(0, ranMs)) / 1000, memoryBytes: this.memoryBytes };
  }

  #later(delayMs: number, action: () => void): void {
    if (delayMs === Number.POSITIVE_INFINITY) return;
    this.#timers.push(this.#clock.after(delayMs, action));
  }

  readonly #wake = (): void => {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  };

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }
}
