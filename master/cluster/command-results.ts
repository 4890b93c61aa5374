// Results of clients' commands for the last 15 minutes of `at`, so that a retry takes effect once.
// A queue by age: `at` never goes back along the log.

import type { CommandId, CommandResult } from "../../protocol/mod.ts";

export const commandResultKeptMs = 15 * 60_000;

export class CommandResults {
  readonly #results = new Map<CommandId, CommandResult>();
  #ages: { readonly id: CommandId; readonly at: number; readonly result: CommandResult }[] = [];
  #head = 0;

  get(id: CommandId): CommandResult | undefined {
    return this.#results.get(id);
  }
  entries(): Iterable<[CommandId, CommandResult]> {
    return this.#results.entries();
  }

  /** Returns its inverse. */
  add(id: CommandId, at: number, result: CommandResult): () => void {
    const before = this.#results.get(id);
    this.#results.set(id, result);
    this.#ages.push({ id, at, result });
    return () => {
      this.#ages.pop();
      if (before) this.#results.set(id, before);
      else this.#results.delete(id);
    };
  }

  /** Drops the oldest if it is too old at `now`; returns the inverse, or undefined when nothing was dropped. */
  dropOldest(now: number): (() => void) | undefined {
    const oldest = this.#ages[this.#head];
    if (!oldest || oldest.at + commandResultKeptMs >= now) return undefined;
    this.#head += 1;
    const current = this.#results.get(oldest.id) === oldest.result;
    if (current) this.#results.delete(oldest.id);
    return () => {
      this.#head -= 1;
      if (current) this.#results.set(oldest.id, oldest.result);
    };
  }

  /** Gives memory back; only while nothing can be undone. */
  compact(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#ages.length) return;
    this.#ages = this.#ages.slice(this.#head);
    this.#head = 0;
  }
}
