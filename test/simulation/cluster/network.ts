// The network between the processes and the NATS server in memory: who is connected, and what happens to messages.
// Faults set rates and cut links here; `heal` makes it a good network again.

import type { AppendFault, MemoryClient, MemoryHub } from "../../../actors/mod.ts";
import type { Coverage } from "../coverage.ts";
import type { Draw } from "../engine/draw.ts";
import type { SimProcess } from "../engine/process.ts";

export type Direction = "to-server" | "to-client";

/** Probabilities per message, and extra times. */
export interface Noise {
  lose: number;
  double: number;
  late: number;
  /** Longest lateness. */
  lateMs: number;
  /** Added to each message's latency, up to this. */
  slowMs: number;
  appendLost: number;
  acknowledgementLost: number;
  appendDelayed: number;
  noLeader: number;
  /** Readers of the log hear of new entries up to this much later. */
  readLagMs: number;
}

export const quiet = (): Noise => ({
  lose: 0,
  double: 0,
  late: 0,
  lateMs: 0,
  slowMs: 0,
  appendLost: 0,
  acknowledgementLost: 0,
  appendDelayed: 0,
  noLeader: 0,
  readLagMs: 0,
});

/** Late appends come up to this much later: longer than a writer waits for its acknowledgement. */
const longestAppendDelayMs = 6_000;

interface End {
  readonly client: MemoryClient;
  readonly process: SimProcess;
}

export interface NetworkOptions {
  readonly hub: MemoryHub;
  readonly draw: Draw;
  readonly coverage: Coverage;
  readonly latencyMs: number;
  readonly jitterMs: number;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #ends = new Map<string, End>();
  readonly #clogged = new Map<string, Set<Direction>>();
  readonly noise = new Map<string, Noise>();
  /** The server is gone: nobody can connect. */
  down = false;
  /** Called with the name of a writer whose append was just stored, before it can know. */
  onStored: (name: string) => void = () => undefined;

  constructor(options: NetworkOptions) {
    const { hub, draw, coverage, latencyMs, jitterMs } = options;
    this.#options = options;
    const { faults } = hub;
    faults.latencyMs = (name, direction) => {
      const base = latencyMs + (jitterMs > 0 ? jitterMs * draw.next() : 0);
      const slowMs = this.#noiseOf(name)?.slowMs ?? 0;
      if (slowMs === 0 || direction === "to-server") return base;
      coverage.fired("slow");
      return base + slowMs * draw.next();
    };
    faults.copies = (name) => this.#copies(name);
    faults.readLagMs = (name) => {
      const lagMs = this.#noiseOf(name)?.readLagMs ?? 0;
      if (lagMs > 0) coverage.fired("log-lag");
      return lagMs * draw.next();
    };
    faults.append = (name) => this.#append(name);
  }

  get names(): readonly string[] {
    return [...this.#ends.keys()];
  }

  /** A new connection under this name; cuts that are in force hold for it too. */
  connect(name: string, process: SimProcess): MemoryClient {
    const client = this.#options.hub.connect(name, {
      clock: process.clock,
      arrive: (action) => process.enter(action),
    });
    this.#ends.set(name, { client, process });
    for (const direction of this.#clogged.get(name) ?? []) client.clog(direction);
    if (this.down) client.drop();
    return client;
  }

  /** Nothing is lost, late or held up at this end. */
  isSound(name: string): boolean {
    const noise = this.#noiseOf(name);
    const isConnected = this.#ends.get(name)?.client.state === "connected";
    return isConnected && !this.down && !noise && (this.#clogged.get(name)?.size ?? 0) === 0;
  }

  end(name: string): End | undefined {
    return this.#ends.get(name);
  }

  cut(name: string, directions: readonly Direction[]): void {
    const clogged = this.#clogged.get(name) ?? new Set();
    this.#clogged.set(name, clogged);
    for (const direction of directions) {
      clogged.add(direction);
      this.#ends.get(name)?.client.clog(direction);
    }
  }

  /** `reset`: the connection did not survive the cut, and what was held is lost. */
  mend(name: string, reset: boolean): void {
    this.#clogged.delete(name);
    const end = this.#ends.get(name);
    if (!end) return;
    if (reset) this.reset(name);
    end.client.unclog("to-server");
    end.client.unclog("to-client");
  }

  /** The connection breaks; the client connects again by itself, unless the server is gone. */
  reset(name: string): void {
    const end = this.#ends.get(name);
    if (!end || end.client.state !== "connected") return;
    end.client.drop();
    if (!this.down) end.client.restore();
  }
  drop(name: string): void {
    this.#ends.get(name)?.client.drop();
  }
  restore(name: string): void {
    if (!this.down) this.#ends.get(name)?.client.restore();
  }

  serverGone(): void {
    this.down = true;
    this.#options.hub.dropAll();
  }
  serverBack(): void {
    this.down = false;
    this.#options.hub.restoreAll();
  }

  /** Noise for one name, or for all by "*". */
  noiseFor(name: string): Noise {
    let noise = this.noise.get(name);
    if (!noise) this.noise.set(name, (noise = quiet()));
    return noise;
  }

  heal(): void {
    this.noise.clear();
    if (this.down) this.serverBack();
    for (const name of this.names) {
      this.mend(name, false);
      this.restore(name);
    }
  }

  #noiseOf(name: string): Noise | undefined {
    if (this.noise.size === 0) return undefined;
    return this.noise.get(name) ?? this.noise.get("*");
  }

  #copies(name: string): readonly number[] | undefined {
    const noise = this.#noiseOf(name);
    if (!noise) return undefined;
    const { draw, coverage } = this.#options;
    if (noise.lose > 0 && draw.chance(noise.lose)) {
      coverage.fired("lose");
      return [];
    }
    const late = noise.late > 0 && draw.chance(noise.late);
    const double = noise.double > 0 && draw.chance(noise.double);
    if (!late && !double) return undefined;
    if (late) coverage.fired("late");
    if (double) coverage.fired("double");
    const first = late ? draw.next() * noise.lateMs : 0;
    return double ? [first, draw.next() * Math.max(1, noise.lateMs)] : [first];
  }

  #append(name: string): AppendFault {
    const noise = this.#noiseOf(name);
    const { draw, coverage } = this.#options;
    if (!noise) return { type: "none" };
    const roll = draw.next();
    const faults: readonly (readonly [string, number, () => AppendFault])[] = [
      ["append-lost", noise.appendLost, () => ({ type: "lose-request" })],
      ["acknowledgement-lost", noise.acknowledgementLost, () => ({ type: "lose-acknowledgement" })],
      [
        "append-delayed",
        noise.appendDelayed,
        () => ({ type: "delay", delayMs: draw.next() * longestAppendDelayMs }),
      ],
      ["no-leader", noise.noLeader, () => ({ type: "no-leader" })],
    ];
    let above = 0;
    for (const [fault, rate, make] of faults) {
      above += rate;
      if (roll >= above) continue;
      coverage.fired(fault);
      return make();
    }
    return { type: "none" };
  }
}
