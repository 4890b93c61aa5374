// A bounded queue between a subscription's handler, which may not wait, and an async reader, which may.

import type { Clock } from "../actors/mod.ts";

export type Taken<T> = { readonly type: "item"; readonly item: T } | { readonly type: "silence" };

export class Inbox<T> {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;
  #overflowed = false;

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get size(): number {
    return this.#items.length;
  }
  /** True once an item was refused; what came after it is not here. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Takes nothing more after the first item that does not fit: the reader must see a gap as a gap. */
  put(item: T): void {
    if (this.#overflowed) return;
    if (this.#items.length >= this.#limit) this.#overflowed = true;
    else this.#items.push(item);
    this.#wake?.();
  }

  /** Wakes a waiting reader with "silence". */
  nudge(): void {
    this.#wake?.();
  }

  /** The next item, or "silence" after `timeoutMs`, on a nudge, and when the signal aborts. */
  async take(timeoutMs: number, signal?: AbortSignal): Promise<Taken<T>> {
    if (this.#items.length === 0 && !this.#overflowed && !signal?.aborted)
      await this.#wait(timeoutMs, signal);
    const item = this.#items.shift();
    return item === undefined ? { type: "silence" } : { type: "item", item };
  }

  async #wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#clock.after(timeoutMs, done);
      signal?.addEventListener("abort", done, { once: true });
      this.#wake = done;
    });
  }
}
