// One direction of a connection in memory: first in, first out, each after its latency; what is on it when it
// is cut is lost.

import type { Clock } from "../world.ts";

export class Link {
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  #queue: (() => void)[] = [];
  #lastDue = 0;

  constructor(clock: Clock, latencyMs: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  send(arrival: () => void): void {
    const now = this.#clock.monotonic();
    this.#lastDue = Math.max(this.#lastDue, now + this.#latencyMs());
    const queue = this.#queue;
    queue.push(arrival);
    // Whichever timer fires takes the head, so order holds whatever the clock's own order is.
    this.#clock.after(this.#lastDue - now, () => queue.shift()?.());
  }

  cut(): void {
    this.#queue.length = 0;
    this.#queue = [];
  }
}
