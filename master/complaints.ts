// What is wrong with messages of others is said at a bounded rate: whoever sends many must not fill the log.

import type { Clock, Logger } from "../actors/mod.ts";

const complainEveryMs = 5_000;

/** One line for many: the first at once, then how many more there were. */
export function createComplaints({
  clock,
  logger,
}: {
  readonly clock: Clock;
  readonly logger: Logger;
}): (subject: string, reason: string) => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  let since = 0;
  return (subject, reason) => {
    since++;
    const now = clock.monotonic();
    if (now - lastAt < complainEveryMs) return;
    logger.warn(
      { subject: subject.slice(0, 200), reason: reason.slice(0, 500), dropped: since },
      "a message was dropped",
    );
    lastAt = now;
    since = 0;
  };
}
