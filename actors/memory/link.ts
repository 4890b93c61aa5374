// One direction of a connection in memory: first in, first out, each after its latency; what is on it when it
// is cut is lost. A clogged one holds what arrives until it is free again, as TCP does across a partition.

import type { Clock } from "../world.ts";

export class Link {
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  readonly #arrive: (arrival: () => void) => void;
  #queue: (() => void)[] = [];
  /** What each timer of the present queue does: one for all of them. */
  #takeFirst = this.#taking(this.#queue);
  #lastDue = 0;
  #clogged = false;
  #held = 0;

  /** `arrive`: does it at the end to which this leads. */
  constructor(
    clock: Clock,
    latencyMs: () => number,
    arrive: (arrival: () => void) => void = (arrival) => arrival(),
  ) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
    this.#arrive = arrive;
  }

  get clogged(): boolean {
    return this.#clogged;
  }

  send(arrival: () => void): void {
    const now = this.#clock.monotonic();
    this.#lastDue = Math.max(this.#lastDue, now + this.#latencyMs());
    this.#queue.push(arrival);
    // Whichever timer fires takes the head, so order holds whatever the clock's own order is.
    this.#clock.after(this.#lastDue - now, this.#takeFirst);
  }

  /** This much later, past the order of what else is on the link. */
  sendLate(arrival: () => void, delayMs: number): void {
    const queue = this.#queue;
    this.#clock.after(this.#latencyMs() + delayMs, () => {
      if (queue !== this.#queue) return;
      if (!this.#clogged) return this.#arrive(arrival);
      queue.push(arrival);
      this.#held++;
    });
  }

  clog(): void {
    this.#clogged = true;
  }
  /** What was held arrives at once, in order. */
  unclog(): void {
    if (!this.#clogged) return;
    this.#clogged = false;
    const queue = this.#queue;
    for (; this.#held > 0; this.#held--) {
      this.#clock.after(0, () => {
        if (queue !== this.#queue) return;
        const arrival = queue.shift();
        if (arrival) this.#arrive(arrival);
      });
    }
  }

  cut(): void {
    this.#queue = [];
    this.#takeFirst = this.#taking(this.#queue);
    this.#held = 0;
  }

  #taking(queue: (() => void)[]): () => void {
    return () => {
      if (queue !== this.#queue) return;
      if (this.#clogged) {
        this.#held++;
        return;
      }
      const arrival = queue.shift();
      if (arrival) this.#arrive(arrival);
    };
  }
}
