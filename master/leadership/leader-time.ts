// The leader's time: the wall clock at the claim, then monotonic, and never before what the log has seen.

import type { Clock } from "../../actors/mod.ts";

/** A master whose clock is further than this from the server's may not claim. */
export const maxClockSkewMs = 5_000;

export function createLeaderTime(clock: Clock, notBefore: number): () => number {
  const wall = Math.max(clock.now(), notBefore);
  const started = clock.monotonic();
  return () => Math.floor(wall + (clock.monotonic() - started));
}

/** Why this clock may not lead, by the server's time of answering; undefined when it may. */
export function whyClockIsOff(now: number, serverTime: number): string | undefined {
  const skewMs = now - serverTime;
  if (Math.abs(skewMs) <= maxClockSkewMs) return undefined;
  return `the clock is ${Math.abs(skewMs)} ms ${skewMs > 0 ? "ahead of" : "behind"} the server's; set it (NTP) to let this master lead`;
}
