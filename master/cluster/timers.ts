// Due times of keys, one per id: a heap with lazy removal. Derived from state: whoever changes a row re-arms it.

import type { DirtyKey } from "./contract.ts";

interface Timer {
  readonly id: string;
  readonly due: number;
  readonly key: DirtyKey;
}

export class Timers {
  readonly #armed = new Map<string, Timer>();
  /** Binary heap by `due`; a timer that is no longer the armed one of its id is dead and skipped. */
  #heap: Timer[] = [];

  /** Replaces the timer of this id. */
  arm(id: string, due: number, key: DirtyKey): void {
    const before = this.#armed.get(id);
    if (before?.due === due && before.key.controller === key.controller && before.key.uid === key.uid) return;
    const timer = { id, due, key };
    this.#armed.set(id, timer);
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#armed.size) this.#rebuild();
    else this.#push(timer);
  }

  disarm(id: string): void {
    this.#armed.delete(id);
  }

  get nextDueAt(): number | undefined {
    this.#dropDead();
    return this.#heap[0]?.due;
  }

  /** Takes off what is due, earliest first. */
  takeBefore(now: number): readonly Timer[] {
    const due: Timer[] = [];
    for (;;) {
      this.#dropDead();
      const first = this.#heap[0];
      if (!first || first.due > now) return due;
      this.#pop();
      this.#armed.delete(first.id);
      due.push(first);
    }
  }

  #dropDead(): void {
    for (let first = this.#heap[0]; first && this.#armed.get(first.id) !== first; first = this.#heap[0]) {
      this.#pop();
    }
  }

  #rebuild(): void {
    this.#heap = [...this.#armed.values()].sort((left, right) => left.due - right.due);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || above.due <= timer.due) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let smaller = heap[child];
      if (!smaller) break;
      const right = heap[child + 1];
      if (right && right.due < smaller.due) {
        child += 1;
        smaller = right;
      }
      if (smaller.due >= last.due) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
  }
}
