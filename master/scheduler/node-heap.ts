// A binary heap of nodes, best first: higher score, then the smaller name, so that the order is total and every
// master would choose alike. Only the best one ever changes, so a placement costs the logarithm of the nodes.
// Typed arrays and nodes by number: this is the scheduler's inner loop, and with objects it was half as fast on
// 10,000 nodes (test/bench/scheduler.ts).

export class NodeHeap {
  /** By the node's number, which is its place in the order of names. */
  readonly #scores: Float64Array;
  readonly #heap: Int32Array;
  #size = 0;

  /** `nodeCount`: numbers are below it. */
  constructor(nodeCount: number) {
    this.#scores = new Float64Array(nodeCount);
    this.#heap = new Int32Array(nodeCount);
  }

  get size(): number {
    return this.#size;
  }
  /** Number of the best node; undefined when none is left. */
  get best(): number | undefined {
    return this.#size > 0 ? this.#heap[0] : undefined;
  }

  scoreOf(node: number): number {
    return this.#scores[node] ?? 0;
  }

  /** Adds a node out of order; call `heapify` after the last one. */
  add(node: number, score: number): void {
    this.#heap[this.#size++] = node;
    this.#scores[node] = score;
  }

  heapify(): void {
    for (let index = (this.#size >> 1) - 1; index >= 0; index--) this.#siftDown(index);
  }

  rescoreBest(score: number): void {
    const [best] = this.#heap;
    if (best === undefined || this.#size === 0) return;
    this.#scores[best] = score;
    this.#siftDown(0);
  }

  removeBest(): void {
    if (this.#size === 0) return;
    this.#size--;
    this.#heap[0] = this.#heap[this.#size] ?? 0;
    if (this.#size > 0) this.#siftDown(0);
  }

  /** The `count` best in order, without changing the heap: only children of what is taken can come next. */
  bestOf(count: number): readonly number[] {
    const taken: number[] = [];
    const open: number[] = this.#size > 0 ? [0] : [];
    while (taken.length < count && open.length > 0) {
      let pick = 0;
      for (let index = 1; index < open.length; index++) {
        if (this.#isBetter(this.#nodeAt(open[index] ?? 0), this.#nodeAt(open[pick] ?? 0))) pick = index;
      }
      const [at = 0] = open.splice(pick, 1);
      taken.push(this.#nodeAt(at));
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < this.#size) open.push(child);
    }
    return taken;
  }

  #nodeAt(index: number): number {
    return this.#heap[index] ?? 0;
  }

  #isBetter(one: number, other: number): boolean {
    const a = this.#scores[one] ?? 0;
    const b = this.#scores[other] ?? 0;
    return a > b || (a === b && one < other);
  }

  #siftDown(from: number): void {
    const heap = this.#heap;
    const moving = heap[from] ?? 0;
    let hole = from;
    for (let child = 2 * hole + 1; child < this.#size; child = 2 * hole + 1) {
      if (child + 1 < this.#size && this.#isBetter(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
      const node = heap[child] ?? 0;
      if (!this.#isBetter(node, moving)) break;
      heap[hole] = node;
      hole = child;
    }
    heap[hole] = moving;
  }
}
