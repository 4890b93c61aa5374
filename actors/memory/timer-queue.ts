// Timers in order of their due time, then of their making: a binary heap.

export interface QueuedTimer {
  readonly due: number;
  readonly order: number;
  readonly action: () => void;
  cancelled: boolean;
}

export class TimerQueue {
  readonly #heap: QueuedTimer[] = [];
  #order = 0;

  add(due: number, action: () => void): QueuedTimer {
    const timer = { due, order: this.#order++, action, cancelled: false };
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return timer;
  }

  /** The next that was not cancelled. */
  peek(): QueuedTimer | undefined {
    while (this.#heap[0]?.cancelled) this.#removeFirst();
    return this.#heap[0];
  }

  take(): QueuedTimer | undefined {
    const first = this.peek();
    if (first) this.#removeFirst();
    return first;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const smaller = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(smaller, index)) return;
      index = smaller;
    }
  }

  #swapIfBefore(low: number, high: number): boolean {
    if (!this.#isBefore(low, high)) return false;
    const heap = this.#heap;
    const [one, other] = [heap[low], heap[high]];
    if (one === undefined || other === undefined) return false;
    heap[low] = other;
    heap[high] = one;
    return true;
  }

  #isBefore(index: number, other: number): boolean {
    const one = this.#heap[index];
    const two = this.#heap[other];
    if (one === undefined || two === undefined) return false;
    return one.due < two.due || (one.due === two.due && one.order < two.order);
  }
}
