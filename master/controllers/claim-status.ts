// What a claim tells of itself: its phase, what it has, and what it waits for.

import { type ObjectRow, timestamp } from "../cluster/mod.ts";
import { claimSpecOf, type ClaimStatus, claimStatusOf, volumeSpecOf } from "../storage/mod.ts";

/** Says why a claim has no volume; gone when it has one. */
export const boundCondition = "Bound";

export function boundStatus(claim: ObjectRow, volume: ObjectRow): ClaimStatus {
  const { accessModes, capacity } = volumeSpecOf(volume.value);
  return {
    ...others(claim),
    phase: "Bound",
    ...(accessModes && { accessModes }),
    ...(capacity && { capacity }),
  };
}

interface Waiting {
  readonly reason: string;
  readonly message: string;
  readonly now: number;
}
export const waitingStatus = (claim: ObjectRow, waiting: Waiting): ClaimStatus => ({
  ...withCondition(claim, waiting),
  phase: "Pending",
});

export function lostStatus(
  claim: ObjectRow,
  { volume, now }: { readonly volume: string; readonly now: number },
): ClaimStatus {
  const message = `Bound claim has lost its PersistentVolume "${volume}". Data on the volume is lost!`;
  const { accessModes = [] } = claimSpecOf(claim.value);
  return { ...withCondition(claim, { reason: "ClaimLost", message, now }), phase: "Lost", accessModes };
}

/** Conditions of others stay. */
function others(claim: ObjectRow): ClaimStatus {
  const kept = (claimStatusOf(claim).conditions ?? []).filter(({ type }) => type !== boundCondition);
  return kept.length > 0 ? { conditions: kept } : {};
}

function withCondition(claim: ObjectRow, { reason, message, now }: Waiting): ClaimStatus {
  const before = claimStatusOf(claim).conditions?.find(({ type }) => type === boundCondition);
  const same = before?.reason === reason && before.message === message;
  const condition = same
    ? before
    : { type: boundCondition, status: "False", reason, message, lastTransitionTime: timestamp(now) };
  return { conditions: [...(others(claim).conditions ?? []), condition] };
}
