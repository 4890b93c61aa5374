// One process of the simulated cluster: a world with a clock of its own, that may be paused and killed. Whatever a
// dead process still has under way is cut off at its doors: timers, messages, the runtime, the disk.

import {
  type Cancel,
  type Clock,
  type Ids,
  type Logger,
  type Random,
  type World,
} from "../../../actors/mod.ts";
import { seededIds, seededRandom } from "../../../actors/memory/seeded-random.ts";
import type { Timeline } from "./timeline.ts";

/** A host's clock; every process on the host reads the same one. */
export class HostClock {
  readonly #timeline: Timeline;
  /** Local ms per true ms. */
  rate = 1;
  /** How often its wall time was set. */
  jumps = 0;
  #base = { truth: 0, local: 0 };
  #wall: number;

  constructor(timeline: Timeline, wall: number) {
    this.#timeline = timeline;
    this.#wall = wall;
  }
  monotonic(): number {
    return this.#base.local + (this.#timeline.now - this.#base.truth) * this.rate;
  }
  wall(): number {
    return Math.floor(this.#wall + this.monotonic());
  }
  jump(byMs: number): void {
    this.jumps++;
    this.#wall += byMs;
  }
  drift(rate: number): void {
    this.#base = { truth: this.#timeline.now, local: this.monotonic() };
    this.rate = rate;
  }
}

export interface ProcessOptions {
  readonly name: string;
  readonly timeline: Timeline;
  readonly host: HostClock;
  readonly seed: number;
  readonly logger: (process: SimProcess) => Logger;
}

/** One for each who waits: a common one would keep everything that ever waited for it. */
const never = (): Promise<never> => new Promise(() => undefined);

export class SimProcess implements World {
  readonly name: string;
  readonly timeline: Timeline;
  readonly host: HostClock;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  alive = true;
  /** Timers under way: they must stay bounded. */
  timers = 0;
  /** Effects on the outside so far. */
  effects = 0;
  #paused: (() => void)[] | undefined;
  #crashIn = Number.POSITIVE_INFINITY;
  #onCrashDue: (() => void) | undefined;

  constructor({ name, timeline, host, seed, logger }: ProcessOptions) {
    this.name = name;
    this.timeline = timeline;
    this.host = host;
    this.random = seededRandom(seed);
    this.ids = seededIds(seededRandom(seed + 2 ** 40));
    this.logger = logger(this);
    this.clock = {
      now: () => host.wall(),
      monotonic: () => host.monotonic(),
      after: (delayMs, action) => this.#after(delayMs, action),
      sleep: (delayMs, signal) => this.#sleep(delayMs, signal),
    };
  }

  get paused(): boolean {
    return this.#paused !== undefined;
  }

  /** Does it in this process: now, when it goes on, or never. */
  enter(action: () => void): void {
    if (!this.alive) return;
    if (this.#paused) this.#paused.push(action);
    else action();
  }

  pause(): void {
    if (this.alive) this.#paused ??= [];
  }
  /** Everything that came meanwhile happens now, in order, each in a step of its own. */
  resume(): void {
    const waiting = this.#paused;
    this.#paused = undefined;
    for (const action of waiting ?? []) this.timeline.at(this.timeline.now, this, action);
  }

  kill(): void {
    this.alive = false;
    this.#paused = undefined;
  }

  /** The process dies at its nth effect from now, before or after it is done: `crash` does what else belongs to it. */
  armCrash(effects: number, crash: () => void): void {
    this.#crashIn = effects;
    this.#onCrashDue = crash;
  }

  disarmCrash(): void {
    this.#crashIn = Number.POSITIVE_INFINITY;
    this.#onCrashDue = undefined;
  }

  /** A door to the outside. False: the process is dead, and nothing leaves it. */
  effect(action: () => void): boolean {
    if (!this.alive) return false;
    this.effects++;
    const due = --this.#crashIn <= 0;
    if (due && this.#onCrashDue && this.random.below(2) === 0) {
      this.#crash();
      return false;
    }
    action();
    if (due) this.#crash();
    return this.alive;
  }

  /** An effect that answers; a dead process never hears the answer. */
  call<Value>(action: () => Promise<Value>): Promise<Value> {
    let answer: Promise<Value> | undefined;
    const done = this.effect(() => {
      answer = action();
    });
    if (!answer) return never();
    const promise = answer;
    if (!done) {
      promise.catch(() => undefined);
      return never();
    }
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.enter(() => resolve(value)),
        (error: unknown) =>
          this.enter(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }

  #crash(): void {
    const crash = this.#onCrashDue;
    this.#onCrashDue = undefined;
    this.#crashIn = Number.POSITIVE_INFINITY;
    crash?.();
  }

  #after(delayMs: number, action: () => void): Cancel {
    if (!this.alive) return () => undefined;
    const { timeline } = this;
    this.timers++;
    let open = true;
    const end = (): void => {
      if (open) this.timers--;
      open = false;
    };
    const due = timeline.at(timeline.now + Math.max(0, delayMs || 0) / this.host.rate, this, () => {
      // Cancelled while the process was paused and the timer had come due.
      if (!open) return;
      end();
      action();
    });
    return () => {
      end();
      timeline.cancel(due);
    };
  }

  #sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const reason = (): Error =>
        signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason));
      if (signal?.aborted) return reject(reason());
      const onAbort = (): void => {
        cancel();
        reject(reason());
      };
      const cancel = this.#after(delayMs, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}
