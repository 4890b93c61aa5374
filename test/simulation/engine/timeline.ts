// Virtual time and the one loop that moves it: takes what is due next, lets every promise have its say, and goes on.
// Nothing else in a simulation may wait for anything.

import { type Due, EventHeap } from "./event-heap.ts";
import type { SimProcess } from "./process.ts";

/** Events after which the real event loop gets a turn: signals, and rejections that nobody handled. */
const eventsPerBreath = 8_192;
const eventsAtOneTime = 200_000;
const resolved = Promise.resolve();
const realImmediate = setImmediate;
const nextTick = process.nextTick.bind(process);

export class Timeline {
  /** True time, ms since the simulation began. Processes see it through clocks of their own. */
  now = 0;
  /** Delivered messages and fired timers. */
  events = 0;
  /** Called for each event before it happens. */
  onEvent: (due: Due) => void = () => undefined;
  #failure: Error | undefined;
  #stepping = true;
  #sinceMove = 0;
  readonly #heap = new EventHeap();

  get failure(): Error | undefined {
    return this.#failure;
  }
  /** False while the machine's own event loop has its turn. */
  get isStepping(): boolean {
    return this.#stepping;
  }
  get pending(): number {
    return this.#heap.size;
  }

  at(time: number, owner: SimProcess | undefined, action: () => void): Due {
    if (!this.#stepping) {
      this.fail(new Error("something acts outside of a step: it waits for what is not simulated"));
    }
    return this.#heap.add(time < this.now ? this.now : time, owner, action);
  }

  after(delayMs: number, action: () => void): Due {
    return this.at(this.now + Math.max(0, delayMs), undefined, action);
  }

  cancel(due: Due): void {
    this.#heap.cancel(due);
  }

  /** The first failure ends the run before the next event. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** Resolves when nothing is due up to `end`, or `isDone` says so; rejects with the failure. */
  run(end: number, isDone: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      let sinceBreath = 0;
      const settle = (): void => nextTick(step);
      const breathe = (): void => {
        this.#stepping = false;
        realImmediate(() => {
          this.#stepping = true;
          step();
        });
      };
      // Runs when no promise has anything left to do: Node takes a tick asked for in a microtask only then.
      const step = (): void => {
        try {
          if (this.#failure) return reject(this.#failure);
          if (isDone()) return resolve();
          const due = this.#heap.peek();
          if (due === undefined || due.at > end) {
            this.now = Math.max(this.now, end);
            return resolve();
          }
          this.#heap.takeFirst();
          this.#fire(due);
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        if (++sinceBreath < eventsPerBreath) void resolved.then(settle);
        else {
          sinceBreath = 0;
          void resolved.then(() => nextTick(breathe));
        }
      };
      void resolved.then(settle);
    });
  }

  #fire(due: Due): void {
    const { action, owner } = due;
    if (action === undefined) return;
    // Fired: cancelling it later must not be counted as one that waits in the heap.
    due.action = undefined;
    if (due.at > this.now) this.#sinceMove = 0;
    else if (++this.#sinceMove > eventsAtOneTime) {
      this.fail(
        new Error(`${eventsAtOneTime} events, and time stands still: something goes round in circles`),
      );
    }
    this.now = due.at;
    this.events++;
    this.onEvent(due);
    if (owner) owner.enter(action);
    else action();
  }
}
