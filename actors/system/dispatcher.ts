// Gives the actors of one system their turns. Messages are handled in microtasks, so an answer takes no time;
// after a while of that the event loop gets a turn, or busy actors would keep all I/O waiting.

import type { Clock } from "../world.ts";

/** One actor's messages in a row, before the next actor. */
export const messagesPerTurn = 32;
/** Messages before the event loop gets a turn. */
const messagesPerSlice = 1_024;
const resolved = Promise.resolve();

export interface Runnable {
  /** Handles messages until `limit`, none is left, or one takes a promise; how many were handled. */
  runTurn(limit: number): number;
  readonly wantsTurn: boolean;
}

export class Dispatcher {
  readonly #clock: Clock;
  #ready: Runnable[] = [];
  readonly #listed = new Set<Runnable>();
  readonly #go = (): void => this.#run();
  #scheduled = false;
  #handled = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  schedule(runnable: Runnable): void {
    if (this.#listed.has(runnable)) return;
    this.#listed.add(runnable);
    this.#ready.push(runnable);
    this.#wake();
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (this.#handled < messagesPerSlice) {
      // Cheaper than queueMicrotask, which makes an asynchronous resource of each.
      void resolved.then(this.#go);
      return;
    }
    this.#handled = 0;
    this.#clock.after(0, this.#go);
  }

  #run(): void {
    this.#scheduled = false;
    while (this.#ready.length > 0 && this.#handled < messagesPerSlice) {
      const round = this.#ready;
      this.#ready = [];
      for (const runnable of round) {
        this.#listed.delete(runnable);
        this.#handled += runnable.runTurn(messagesPerTurn);
        if (runnable.wantsTurn) this.schedule(runnable);
      }
    }
    if (this.#ready.length > 0) this.#wake();
  }
}
