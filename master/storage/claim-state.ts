// How a claim stands with the volume that it names: what controllers, the scheduler and bindings all go by.

import type { ClusterState, ObjectRow } from "../cluster/contract.ts";
import { claimSpecOf, volumeSpecOf } from "./specs.ts";

export type ClaimState =
  /** It names no volume. */
  | { readonly type: "unbound" }
  /** Both name each other. */
  | { readonly type: "bound"; readonly volume: ObjectRow }
  /** The volume that it names is nobody's, or is kept for it. */
  | { readonly type: "chosen"; readonly volume: ObjectRow }
  /** The volume that it names is another claim's. */
  | { readonly type: "taken"; readonly volume: ObjectRow }
  /** There is no volume of the name. */
  | { readonly type: "missing"; readonly name: string };

export function claimState(state: Pick<ClusterState, "object">, claim: ObjectRow): ClaimState {
  const { volumeName } = claimSpecOf(claim.value);
  if (!volumeName) return { type: "unbound" };
  const volume = state.object("PersistentVolume", undefined, volumeName);
  if (!volume) return { type: "missing", name: volumeName };
  const holder = volumeSpecOf(volume.value).claimRef;
  if (holder?.uid === claim.ref.uid) return { type: "bound", volume };
  if (!holder || isKeptFor(volume, claim)) return { type: "chosen", volume };
  return { type: "taken", volume };
}

/** Reserved by name, by whoever made the volume; or bound half-way. */
export function isKeptFor(volume: ObjectRow, { ref }: ObjectRow): boolean {
  const { claimRef } = volumeSpecOf(volume.value);
  if (!claimRef || claimRef.name !== ref.name || claimRef.namespace !== ref.namespace) return false;
  return !claimRef.uid || claimRef.uid === ref.uid;
}
