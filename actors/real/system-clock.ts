// The machine's own clock and timers. With pino-logger.ts and crypto-random.ts the only ambient time and chance.

import { sleepOn } from "../sleep.ts";
import type { Cancel, Clock } from "../world.ts";

/** Node fires longer timers at once; they are waited for in pieces. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after,
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
};

function after(delayMs: number, action: () => void): Cancel {
  if (!(delayMs > 0)) {
    // Behind pending I/O, without the millisecond that a timer costs at least.
    const immediate = setImmediate(action);
    return () => clearImmediate(immediate);
  }
  let timer: NodeJS.Timeout;
  const arm = (remainingMs: number): void => {
    const piece = Math.min(remainingMs, longestTimerMs);
    timer = setTimeout(() => (remainingMs > piece ? arm(remainingMs - piece) : action()), piece);
  };
  arm(delayMs);
  return () => clearTimeout(timer);
}
