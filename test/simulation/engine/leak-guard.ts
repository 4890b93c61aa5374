// Notices whatever a step begins that is not simulated: a timer, a file, a socket, a thread of the machine. Its end
// would come in the middle of some later step, and in another one the next time. Looking at everything asynchronous
// costs half of the speed, so it is done for a sample.

import { createHook } from "node:async_hooks";

/** Promises, ticks of the step's own loop, and what is over in the call that begins it (hkdfSync). */
const simulated: ReadonlySet<string> = new Set(["PROMISE", "TickObject", "Microtask", "DERIVEBITSREQUEST"]);

/** Returns what ends the watch. */
export function forbidRealWork(isStepping: () => boolean, report: (error: Error) => void): () => void {
  const hook = createHook({
    init(_id, type) {
      if (simulated.has(type) || !isStepping()) return;
      report(new Error(`a ${type} was begun in a step: the simulation cannot wait for it`));
    },
  });
  hook.enable();
  return () => hook.disable();
}
