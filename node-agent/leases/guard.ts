// The guard's loop: looks at the record, and fences what has no lease any more, again and again until there is a
// new one. It trusts nobody to be there: neither the agent nor the control plane.

import type { Fence } from "../runtime/runtime.ts";
import { type GuardStep, guardPlan, type Signalled } from "./guard-plan.ts";
import { type LeaseRecord, leasesIn } from "./lease-record.ts";

/** The record is looked at this often. */
const lookEveryMs = 200;
/** A fencing that the runtime does not answer is begun again after this. */
const patienceMs = 2_000;
/** What was fenced is fenced again this often: nothing of it may come back. */
const againMs = 500;

export interface GuardOptions {
  readonly fence: Fence;
  /** Milliseconds since the boot, suspension included. */
  uptimeMs(): number;
  sleep(delayMs: number): Promise<void>;
  readonly bootId: string;
  /** Undefined when there is none (any more). */
  record(): LeaseRecord | undefined;
  failed(step: GuardStep, error: unknown): void;
}

/** Resolves when there is nothing left to guard. */
export async function runGuard(options: GuardOptions): Promise<void> {
  const fence = fencing(options);
  let signalled: Signalled = new Map();
  for (;;) {
    const record = options.record();
    // Nothing outlives a boot: what counted from another one is over.
    if (!record || record.bootId !== options.bootId || leasesIn(record).length === 0) return;
    const plan = guardPlan(record, signalled, options.uptimeMs());
    signalled = plan.signalled;
    for (const step of plan.steps) fence(step);
    await options.sleep(lookEveryMs);
  }
}

/** Each step in its own time: a pod that does not end keeps no other waiting. */
function fencing({ fence, uptimeMs, failed }: GuardOptions): (step: GuardStep) => void {
  const dueAt = new Map<string, number>();
  return (step) => {
    const key = `${step.type}/${step.pod}`;
    const now = uptimeMs();
    if (step.type === "kill" && now < (dueAt.get(key) ?? 0)) return;
    dueAt.set(key, now + patienceMs);
    const work = step.type === "stop" ? fence.stop(step.pod) : fence.kill(step.pod);
    work.then(
      () => dueAt.set(key, uptimeMs() + againMs),
      (error: unknown) => {
        dueAt.set(key, 0);
        failed(step, error);
      },
    );
  };
}
