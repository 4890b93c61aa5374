// What the agent and its guard share: which pods of this node have a lease, since when, and what to do how long after.
// One small text. The guard is a small program and loads no schema library for it.

import type { Uid } from "../../protocol/mod.ts";

export interface GuardTimes {
  readonly stopAfterMs: number;
  readonly killAfterMs: number;
}

export interface LeaseRecord {
  readonly version: 1;
  /** Times below count from this boot of the host. */
  readonly bootId: string;
  readonly times: GuardTimes;
  /** When the newest heartbeat was sent that the leader has confirmed for the pod, ms since the boot. */
  readonly pods: Readonly<Record<Uid, number>>;
}

/** Undefined for what is no such record. */
export function parseLeaseRecord(text: string | undefined): LeaseRecord | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isLeaseRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLeaseRecord(value: unknown): value is LeaseRecord {
  if (!isObject(value) || value["version"] !== 1 || typeof value["bootId"] !== "string") return false;
  const { times, pods } = value;
  if (!isObject(times) || !isObject(pods)) return false;
  const amounts = [times["stopAfterMs"], times["killAfterMs"], ...Object.values(pods)];
  return amounts.every((amount) => typeof amount === "number");
}
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

export const leasesIn = ({ pods }: LeaseRecord): readonly (readonly [Uid, number])[] =>
  Object.entries(pods).map(([uid, since]) => [uid as Uid, since] as const);
