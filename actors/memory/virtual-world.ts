// A world on virtual time from one seed. Nothing happens in it but what its own timers and promises do, so
// whatever runs in it runs the same way each time. It must hold no real I/O: nobody could wait for that.

import { sleepOn } from "../sleep.ts";
import type { Clock, Ids, Logger, Random, World } from "../world.ts";
import { seededIds, seededRandom } from "./seeded-random.ts";
import { silentLogger } from "./silent-logger.ts";
import { TimerQueue } from "./timer-queue.ts";

export interface VirtualWorldOptions {
  readonly seed: number;
  /** Wall clock at the start, ms since 1970. */
  readonly startAt?: number;
  /** Default: silent. */
  readonly logger?: Logger;
}

const defaultStart = Date.UTC(2026, 0, 1);
/** What `run` and `runUntil` wait for at most. */
const defaultRunLimitMs = 60 * 60 * 1000;

export function createVirtualWorld(options: VirtualWorldOptions): VirtualWorld {
  return new VirtualWorld(options);
}

export class VirtualWorld implements World {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly #timers = new TimerQueue();
  #elapsed = 0;
  #wallAtStart: number;

  constructor({ seed, startAt, logger }: VirtualWorldOptions) {
    this.#wallAtStart = startAt ?? defaultStart;
    this.random = seededRandom(seed);
    this.ids = seededIds(seededRandom(seed + 2 ** 32));
    this.logger = logger ?? silentLogger;
    const after = (delayMs: number, action: () => void): (() => void) => {
      const timer = this.#timers.add(this.#elapsed + Math.max(0, delayMs || 0), action);
      return () => {
        timer.cancelled = true;
      };
    };
    this.clock = {
      now: () => Math.floor(this.#wallAtStart + this.#elapsed),
      monotonic: () => this.#elapsed,
      after,
      sleep: (delayMs, signal) => sleepOn({ after }, delayMs, signal),
    };
  }

  /** Moves the wall clock and not the monotonic one, as an administrator or NTP may. */
  jumpWallClock(byMs: number): void {
    this.#wallAtStart += byMs;
  }

  /** Runs the promises and timers that are due already; time stands still. */
  async settle(): Promise<void> {
    await this.#runUpTo(this.#elapsed);
  }

  /** Moves time on, timer by timer, with all promises settled in between. */
  async advance(byMs: number): Promise<void> {
    await this.#runUpTo(this.#elapsed + byMs);
  }

  /** Moves time on until no timer is left; rejects when that takes longer than the limit. */
  async run(limitMs: number = defaultRunLimitMs): Promise<void> {
    if (!(await this.#until(() => false, limitMs))) return;
    throw new Error(`timers were still left after ${limitMs} ms of virtual time`);
  }

  /** Moves time on until the condition holds; rejects when it doesn't within the limit. */
  async runUntil(condition: () => boolean, limitMs: number = defaultRunLimitMs): Promise<void> {
    await this.#until(condition, limitMs);
    if (!condition())
      throw new Error(`the condition did not come to hold within ${limitMs} ms of virtual time`);
  }

  /** Whether timers were left that are due after the limit. */
  async #until(condition: () => boolean, limitMs: number): Promise<boolean> {
    const end = this.#elapsed + limitMs;
    await settlePromises();
    while (!condition()) {
      if (this.#timers.peek() === undefined) await settlePromises();
      const next = this.#timers.peek();
      // Someone else who moves this world may have fired the last one, whose consequences are seen by now.
      if (next === undefined) return false;
      if (next.due > end) return true;
      await this.#fire();
    }
    return false;
  }

  async #runUpTo(end: number): Promise<void> {
    await settlePromises();
    for (let next = this.#timers.peek(); next && next.due <= end; next = this.#timers.peek())
      await this.#fire();
    this.#elapsed = Math.max(this.#elapsed, end);
  }

  async #fire(): Promise<void> {
    const timer = this.#timers.take();
    if (!timer) return;
    this.#elapsed = Math.max(this.#elapsed, timer.due);
    timer.action();
    await settlePromises();
  }
}

/** Node takes a tick that was asked for within a microtask only when no promise has anything left to do. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
