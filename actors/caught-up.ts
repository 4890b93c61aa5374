// Who waits until a reader has delivered up to some sequence: shared by the readers of both adapters.

export class CaughtUpWaiters {
  #waiting: {
    readonly sequence: number;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  #delivered: number;
  #ended: Error | undefined;

  /** `delivered`: what counts as delivered before the first entry. */
  constructor(delivered: number) {
    this.#delivered = delivered;
  }

  get delivered(): number {
    return this.#delivered;
  }

  wait(sequence: number): Promise<void> {
    if (sequence <= this.#delivered) return Promise.resolve();
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ sequence, resolve, reject }));
  }

  advance(sequence: number): void {
    this.#delivered = sequence;
    if (this.#waiting.length === 0) return;
    const reached = this.#waiting.filter((one) => one.sequence <= sequence);
    this.#waiting = this.#waiting.filter((one) => one.sequence > sequence);
    for (const { resolve } of reached) resolve();
  }

  end(error: Error): void {
    this.#ended = error;
    const left = this.#waiting;
    this.#waiting = [];
    for (const { reject } of left) reject(error);
  }
}
