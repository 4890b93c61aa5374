// While a simulation runs, asking the machine for time, chance or a turn of its event loop fails the run: whatever
// did so would make the next run of the same seed another one.

/** From the error to whoever made the date. */
const framesToCaller = 3;

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
    const own = { configurable: true, enumerable: false, writable: true };
    // A class of its own and no Proxy: every time that is written as text goes through here.
    function guarded(this: unknown, ...args: readonly unknown[]): unknown {
      if (new.target === undefined) fail("Date()");
      if (args.length === 0) {
        // croner makes a date of now that it uses only when it is given no other: it gets no time from here.
        if (!isCroner()) fail("new Date()");
        return new real(Number.NaN);
      }
      return Reflect.construct(real, args, new.target === guarded ? real : new.target) as unknown;
    }
    Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(real));
    const put = (value: unknown): void => void Object.defineProperty(globalThis, "Date", { ...own, value });
    put(guarded);
    return () => put(real);
  }

  function isCroner(): boolean {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = framesToCaller;
    const [, , , caller = ""] = (new Error("who").stack ?? "").split("\n");
    Error.stackTraceLimit = stackTraceLimit;
    return caller.includes("/node_modules/croner/");
  }

  function fail(what: string): never {
    const error = new Error(`${what} was called in a simulation: time comes from the world`);
    report(error);
    throw error;
  }
}
