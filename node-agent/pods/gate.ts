// Lets at most so many things happen at once, first come first served; what goes on with something already begun
// goes before what begins anew.

export class Gate {
  readonly limit: number;
  #running = 0;
  readonly #goingOn: (() => void)[] = [];
  readonly #anew: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  async run<Value>(work: () => Promise<Value>, as: "new" | "going-on" = "new"): Promise<Value> {
    const waiting = as === "new" ? this.#anew : this.#goingOn;
    if (this.#running >= this.limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#goingOn.shift() ?? this.#anew.shift();
      // The place is handed on, so the count stays.
      if (next) next();
      else this.#running -= 1;
    }
  }
}
