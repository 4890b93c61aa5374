// What is due, in order of time and then of making. A binary heap with holes instead of swaps: every simulated
// event goes through here.

import type { SimProcess } from "./process.ts";

export interface Due {
  readonly at: number;
  readonly order: number;
  /** Whose timer it is; undefined for the world itself: the network and the faults. */
  readonly owner: SimProcess | undefined;
  action: (() => void) | undefined;
}

/** Below this many a heap full of cancelled entries costs nothing. */
const compactFrom = 4_096;

export class EventHeap {
  #heap: Due[] = [];
  #order = 0;
  #cancelled = 0;

  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  add(at: number, owner: SimProcess | undefined, action: () => void): Due {
    const due: Due = { at, order: this.#order++, owner, action };
    const heap = this.#heap;
    let index = heap.length;
    heap.push(due);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Due;
      if (above.at <= at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
    return due;
  }

  cancel(due: Due): void {
    if (due.action === undefined) return;
    due.action = undefined;
    this.#cancelled++;
    if (this.#cancelled > compactFrom && this.#cancelled * 2 > this.#heap.length) this.#compact();
  }

  /** The next that was not cancelled. */
  peek(): Due | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.action !== undefined) return first;
      this.#cancelled--;
      this.#removeFirst();
    }
  }

  takeFirst(): void {
    this.#removeFirst();
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    const size = heap.length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      const below = heap[child] as Due;
      if (isBefore(last, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }

  #compact(): void {
    const kept = this.#heap.filter(({ action }) => action !== undefined);
    // A sorted array is a heap.
    this.#heap = kept.sort((one, other) => one.at - other.at || one.order - other.order);
    this.#cancelled = 0;
  }
}

const isBefore = (one: Due, other: Due): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
