// Leases of identities (`berth.io/fencing: Lease`): which pods have one, and the times that leader, agent and guard
// keep. Nothing here needs clocks that agree: each side counts on its own, from a moment that the other's is behind.

import { fencingAnnotation } from "./objects/validate-stateful-set.ts";

/**
 * Of an agent and its guard, counted from the sending of the newest heartbeat that the leader has confirmed, on a
 * clock that runs while the host is suspended. Each leaves the next room for what is under way.
 */
export const leaseTimes = {
  /** Later than this nothing of the pod is started. */
  startWithinMs: 4_000,
  /** The guard sends the stop signal. */
  stopAfterMs: 6_000,
  /** The guard sends SIGKILL, so that nothing runs at 8 s. */
  killAfterMs: 7_500,
} as const;

/**
 * Of the leader: a pod of a lost node is made elsewhere no sooner than this after the last confirmation, or after
 * the claim of the present leader. Two seconds more than any container lives without one.
 */
export const leaseReplaceMs = 10_000;
/** A leader writes at most one confirmation in this time, for all nodes together. */
export const leaseConfirmEveryMs = 1_000;

/** It runs only while the leader says so. Told by the pod itself: its stateful set may have changed or gone. */
export const hasLease = ({
  metadata,
}: {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}): boolean => metadata?.annotations?.[fencingAnnotation] === "Lease";
