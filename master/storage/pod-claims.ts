// Which claims a pod uses, by the names that its spec gives them.

import type { PodSpec, Volume } from "../../protocol/mod.ts";
import type { PodRow } from "../cluster/contract.ts";

export interface ClaimUse {
  /** Name of the pod's volume. */
  readonly volume: string;
  readonly claim: string;
  readonly readOnly: boolean;
  /** The claim is made for the pod, and goes with it. */
  readonly ephemeral: boolean;
}

const noUses: readonly ClaimUse[] = Object.freeze([]);

const isClaimed = ({ persistentVolumeClaim, ephemeral }: Volume): boolean =>
  (persistentVolumeClaim ?? ephemeral) !== undefined;

/** Hot: most pods use none. */
export function usesClaims({ volumes }: PodSpec): boolean {
  if (volumes) for (const volume of volumes) if (isClaimed(volume)) return true;
  return false;
}

export function claimUsesOf({ ref, spec }: Pick<PodRow, "ref" | "spec">): readonly ClaimUse[] {
  if (!usesClaims(spec)) return noUses;
  return (spec.volumes ?? []).flatMap((volume): readonly ClaimUse[] => {
    const { name, persistentVolumeClaim: named, ephemeral } = volume;
    if (named) {
      return [{ volume: name, claim: named.claimName, readOnly: named.readOnly === true, ephemeral: false }];
    }
    if (!ephemeral) return [];
    return [{ volume: name, claim: ephemeralClaimName(ref.name, name), readOnly: false, ephemeral: true }];
  });
}

export const ephemeralClaimName = (pod: string, volume: string): string => `${pod}-${volume}`;
