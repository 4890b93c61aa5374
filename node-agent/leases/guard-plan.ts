// What the guard has to do now for each pod with a lease. Pure: the record and the time since the boot decide.

import type { Uid } from "../../protocol/mod.ts";
import { type LeaseRecord, leasesIn } from "./lease-record.ts";

export interface GuardStep {
  readonly pod: Uid;
  /** `stop`: the stop signal, once for each lease that ends. `kill`: SIGKILL, and nothing may start in it any more. */
  readonly type: "stop" | "kill";
}

/** Leases whose stop signal has been sent: pod and the time that the lease counted from. */
export type Signalled = ReadonlyMap<Uid, number>;

export interface GuardPlan {
  readonly steps: readonly GuardStep[];
  readonly signalled: Signalled;
}

export function guardPlan(record: LeaseRecord, before: Signalled, uptimeMs: number): GuardPlan {
  const steps: GuardStep[] = [];
  const signalled = new Map<Uid, number>();
  const { stopAfterMs, killAfterMs } = record.times;
  for (const [pod, since] of leasesIn(record)) {
    const age = uptimeMs - since;
    if (age < stopAfterMs) continue;
    signalled.set(pod, since);
    if (age >= killAfterMs) steps.push({ pod, type: "kill" });
    else if (before.get(pod) !== since) steps.push({ pod, type: "stop" });
  }
  return { steps, signalled };
}
