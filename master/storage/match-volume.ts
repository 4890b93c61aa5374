// Which volume suits a claim: the smallest that has all it asks for, as Kubernetes matches them.

import { matches, selectorFromObject, type Uid } from "../../protocol/mod.ts";
import type { ObjectRow } from "../cluster/contract.ts";
import {
  capacityOf,
  type ClaimSpec,
  classNameOf,
  requestOf,
  type VolumeSpec,
  volumeSpecOf,
} from "./specs.ts";

/** Why the volume will not do, in Kubernetes' words; nothing when it will. */
export function mismatch(claim: ClaimSpec, volume: VolumeSpec): string | undefined {
  if (capacityOf(volume) < requestOf(claim)) return "requested PV is too small";
  if (classNameOf(volume) !== classNameOf(claim)) return "storageClassName does not match";
  if ((volume.volumeMode ?? "Filesystem") !== (claim.volumeMode ?? "Filesystem")) {
    return "incompatible volumeMode";
  }
  const offered = volume.accessModes ?? [];
  return (claim.accessModes ?? []).every((mode) => offered.includes(mode))
    ? undefined
    : "incompatible accessMode";
}

/** Of volumes that nobody has, but for those that are as good as given away. */
export function bestVolume(
  claim: ClaimSpec,
  volumes: Iterable<ObjectRow>,
  isTaken?: (volume: Uid) => boolean,
): ObjectRow | undefined {
  const selector = claim.selector && selectorFromObject(claim.selector);
  let best: ObjectRow | undefined;
  for (const row of volumes) {
    if (isTaken?.(row.ref.uid)) continue;
    const spec = volumeSpecOf(row.value);
    if (mismatch(claim, spec)) continue;
    if (selector && !(selector.ok && matches(selector.value, row.value.metadata.labels))) continue;
    if (!best || isBetter(row, best)) best = row;
  }
  return best;
}

function isBetter(one: ObjectRow, other: ObjectRow): boolean {
  const [a, b] = [capacityOf(volumeSpecOf(one.value)), capacityOf(volumeSpecOf(other.value))];
  return a < b || (a === b && one.ref.name < other.ref.name);
}
