// Numbers in one growing typed array: what an index of millions of events is made of.

type Backing = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const firstCapacity = 1024;

export class GrowableNumbers {
  #backing: Backing;
  #length = 0;

  constructor(backing: new (length: number) => Backing) {
    this.#backing = new backing(firstCapacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#backing.length) this.#grow();
    this.#backing[this.#length++] = value;
  }

  /** 0 outside of the array. */
  at(index: number): number {
    return index < this.#length ? (this.#backing[index] ?? 0) : 0;
  }

  /** Index of the last value that is at most `value`, of ascending values; -1 when there is none. */
  lastAtMost(value: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#backing[middle] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #grow(): void {
    const length = this.#backing.length * 2;
    const grown =
      this.#backing instanceof Float64Array
        ? new Float64Array(length)
        : this.#backing instanceof Uint32Array
          ? new Uint32Array(length)
          : new Uint8Array(length);
    grown.set(this.#backing);
    this.#backing = grown;
  }
}
