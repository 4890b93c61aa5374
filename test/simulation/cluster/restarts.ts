// What systemd does for a program that is wanted: starts it again a while after its end.

import type { Timeline } from "../engine/timeline.ts";

export class Restarts {
  readonly #timeline: Timeline;
  readonly #start: () => void;
  wanted = false;
  #due = false;

  constructor(timeline: Timeline, start: () => void) {
    this.#timeline = timeline;
    this.#start = start;
  }

  /** Once, however often it is asked for meanwhile. */
  after(delayMs: number): void {
    if (this.#due) return;
    this.#due = true;
    this.#timeline.after(delayMs, () => {
      this.#due = false;
      if (this.wanted) this.#start();
    });
  }
}
