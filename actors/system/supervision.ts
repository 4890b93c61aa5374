// The default supervisor, and the count of restarts that supervisors judge by.

import type { Directive, Supervisor } from "../actor.ts";

export const defaultRestartWindowMs = 60_000;
const mostRestarts = 5;
const firstBackOffMs = 100;
const longestBackOffMs = 5_000;

export const restartWithBackOff: Supervisor = ({ restarts }): Directive => {
  if (restarts >= mostRestarts) return { type: "escalate" };
  return { type: "restart", delayMs: Math.min(firstBackOffMs * 2 ** restarts, longestBackOffMs) };
};

export class RestartCount {
  readonly #windowMs: number;
  #times: number[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  within(now: number): number {
    this.#times = this.#times.filter((time) => now - time < this.#windowMs);
    return this.#times.length;
  }

  add(now: number): void {
    this.#times.push(now);
  }
}
