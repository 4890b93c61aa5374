// Takes back speculative events: a stack of inverse operations, kept only while a mark stands.
// Costs nothing during replay, when there is no mark.

import type { UndoMark } from "./contract.ts";

export class UndoLog {
  /** Inverse operations; the first has the absolute depth `base`. */
  #inverses: (() => void)[] = [];
  #base = 0;
  /** Absolute depths of the standing marks, oldest first. */
  readonly #marks: number[] = [];

  get recording(): boolean {
    return this.#marks.length > 0;
  }

  /** Remembers how to take back what was just done. */
  push(inverse: () => void): void {
    if (this.recording) this.#inverses.push(inverse);
  }

  mark(): UndoMark {
    const depth = this.#base + this.#inverses.length;
    this.#marks.push(depth);
    return { depth };
  }

  /** Runs the inverses back to the mark; later marks fall with it. */
  undo(mark: UndoMark): void {
    const index = this.#marks.indexOf(mark.depth);
    if (index < 0) throw new Error(`undo to depth ${mark.depth}: no such mark stands`);
    this.#marks.length = index;
    const keep = mark.depth - this.#base;
    while (this.#inverses.length > keep) this.#inverses.pop()?.();
  }

  /**
   * Drops one mark. What stands before the oldest mark left can never be undone, so it is let go of:
   * with pipelined commits the oldest is forgotten first, while later turns stay speculative.
   */
  forget(mark: UndoMark): void {
    const index = this.#marks.indexOf(mark.depth);
    if (index < 0) throw new Error(`forget of depth ${mark.depth}: no such mark stands`);
    this.#marks.splice(index, 1);
    const oldest = this.#marks[0] ?? this.#base + this.#inverses.length;
    if (oldest === this.#base) return;
    this.#inverses = this.#inverses.slice(oldest - this.#base);
    this.#base = oldest;
  }
}
