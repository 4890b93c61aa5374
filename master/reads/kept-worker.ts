// The read thread, started again when it ends unasked: reads stop for a moment, and the master goes on. One that ends again
// and again is given up, and its master with it.

import type { Clock, Logger } from "../../actors/mod.ts";
import type { ReadWorker } from "./read-worker.ts";

/** The pause before a new start doubles up to the longest; so many ends within the window are too many. */
export const keptWorkerTimes = {
  firstPauseMs: 200,
  longestPauseMs: 5_000,
  windowMs: 60_000,
  mostEnds: 5,
} as const;

export interface KeptWorkerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly start: () => ReadWorker;
}

/** `ready` is the first start's: a thread that never began is not started again. */
export function keepReadWorker({ clock, logger, start }: KeptWorkerOptions): ReadWorker {
  const { firstPauseMs, longestPauseMs, windowMs, mostEnds } = keptWorkerTimes;
  const failed = Promise.withResolvers<Error>();
  let worker = start();
  let stopping = false;
  let cancel = (): void => undefined;
  let ends: readonly number[] = [];

  const ended = (error: Error): void => {
    if (stopping) return;
    const now = clock.monotonic();
    ends = [...ends.filter((at) => now - at < windowMs), now];
    if (ends.length >= mostEnds) return failed.resolve(error);
    const pauseMs = Math.min(firstPauseMs * 2 ** (ends.length - 1), longestPauseMs);
    logger.error({ error: error.message, pauseMs }, "the read thread ended and is started again");
    const former = worker;
    cancel = clock.after(pauseMs, () => {
      // What had failed may still hold its connection.
      void former.stop();
      worker = start();
      watch();
    });
  };
  const watch = (): void => void worker.failed.then(ended);
  const { ready } = worker;
  ready.then(watch, () => undefined);

  return {
    ready,
    failed: failed.promise,
    async stop() {
      stopping = true;
      cancel();
      await worker.stop();
    },
  };
}
