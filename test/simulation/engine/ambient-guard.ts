// While a simulation runs, asking the machine for time, chance or a turn of its event loop fails the run: whatever
// did so would make the next run of the same seed another one.

interface Patch {
  readonly target: object;
  readonly key: string;
}

const forbidden: readonly Patch[] = [
  { target: Date, key: "now" },
  { target: Math, key: "random" },
  { target: performance, key: "now" },
  { target: globalThis, key: "setTimeout" },
  { target: globalThis, key: "setInterval" },
  { target: globalThis, key: "setImmediate" },
  { target: globalThis.crypto, key: "randomUUID" },
  { target: globalThis.crypto, key: "getRandomValues" },
  { target: AbortSignal, key: "timeout" },
];

/** Returns what ends the guard. `report` is called besides the throw: product code may catch what it throws. */
export function forbidAmbient(report: (error: Error) => void): () => void {
  const restore: (() => void)[] = [];
  for (const { target, key } of forbidden) {
    const own = Object.getOwnPropertyDescriptor(target, key);
    Object.defineProperty(target, key, {
      configurable: true,
      writable: true,
      value: () => {
        const error = new Error(`${key} was called in a simulation: time and chance come from the world`);
        report(error);
        throw error;
      },
    });
    restore.push(() => {
      if (own) Object.defineProperty(target, key, own);
      else Reflect.deleteProperty(target, key);
    });
  }
  restore.push(guardDate());
  return () => {
    for (const undo of restore.toReversed()) undo();
  };

  /** `new Date()` and `Date()` without a time ask the machine too. */
  function guardDate(): () => void {
    const real = globalThis.Date;
    globalThis.Date = new Proxy(real, {
      construct(made, args: unknown[], newTarget) {
        // croner makes a date of now that it uses only when it is given no other: it gets no time from here.
        if (args.length === 0 && isCroner()) return new real(Number.NaN);
        if (args.length === 0) fail("new Date()");
        return Reflect.construct(made, args, newTarget) as object;
      },
      apply: () => fail("Date()"),
    });
    return () => {
      globalThis.Date = real;
    };
  }

  function isCroner(): boolean {
    const [, , , caller = ""] = (new Error("who").stack ?? "").split("\n");
    return caller.includes("/node_modules/croner/");
  }

  function fail(what: string): never {
    const error = new Error(`${what} was called in a simulation: time comes from the world`);
    report(error);
    throw error;
  }
}
