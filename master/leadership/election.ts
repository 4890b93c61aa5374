// When to try for the leadership. Clocks decide only this; whether a claim counts is the log's matter alone.

import type { Random } from "../../actors/mod.ts";

export interface ElectionTimes {
  /** A standby claims after a silence drawn between these. */
  readonly silenceMinMs: number;
  readonly silenceMaxMs: number;
}
export const defaultElectionTimes: ElectionTimes = { silenceMinMs: 1_500, silenceMaxMs: 3_000 };

/** After the leader stood down, standbys try within this. */
const handoverMs = 100;
/** Failed claims double the wait up to this many times. */
const maxDoublings = 3;

/** Times are monotonic milliseconds. */
export interface Election {
  /** When to claim, if nothing is heard until then. */
  readonly claimAt: number;
  /** A commit or a beat of the current leader. */
  heard(now: number): void;
  /** Nobody leads, or the leader said that it stands down. */
  vacant(now: number): void;
  claimFailed(now: number): void;
}

export function createElection(now: number, random: Random, times: ElectionTimes): Election {
  let failures = 0;
  const silence = (): number =>
    times.silenceMinMs + random.next() * (times.silenceMaxMs - times.silenceMinMs);
  let claimAt = now + silence();
  return {
    get claimAt() {
      return claimAt;
    },
    heard(at) {
      failures = 0;
      claimAt = at + silence();
    },
    vacant(at) {
      claimAt = at + random.next() * handoverMs;
    },
    claimFailed(at) {
      failures = Math.min(failures + 1, maxDoublings);
      claimAt = at + silence() * 2 ** (failures - 1);
    },
  };
}
