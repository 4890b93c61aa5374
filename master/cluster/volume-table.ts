// Indexes of storage: volumes that nobody has by class, volumes by the claim that they are for, claims without a volume
// by class, and the pods that use a claim. Each change is told with the row before and after, so undo is the same.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import { claimUsesOf } from "../storage/pod-claims.ts";
import { claimSpecOf, classNameOf, isProvisioned, volumeSpecOf, volumeStatusOf } from "../storage/specs.ts";
import { homeOf } from "../storage/volume-nodes.ts";
import type { ObjectRow, PodRow } from "./contract.ts";
import { Groups } from "./groups.ts";

const claimKey = (namespace: string, claim: string): string => `${namespace}/${claim}`;
/** The key of claims that name no class, which may get the default one. */
const noClass = "\0";

export class VolumeTable {
  readonly #free = new Groups<string>();
  readonly #kept = new Groups<string>();
  readonly #unbound = new Groups<string>();
  /** Claims by the volume that they name. */
  readonly #naming = new Groups<string>();
  readonly #users = new Groups<string>();
  readonly #toDelete = new Groups<NodeName>();

  freeVolumes = (storageClass: string): Iterable<Uid> => this.#free.of(storageClass);
  volumesFor = (namespace: string, claim: string): Iterable<Uid> => this.#kept.of(claimKey(namespace, claim));
  podsUsing = (namespace: string, claim: string): Iterable<Uid> => this.#users.of(claimKey(namespace, claim));
  volumesToDelete = (node: NodeName): Iterable<Uid> => this.#toDelete.of(node);
  claimsNaming = (volume: string): Iterable<Uid> => this.#naming.of(volume);
  /** Of one class; of every class without one. */
  unboundClaims(storageClass?: string): Iterable<Uid> {
    return storageClass === undefined ? this.#unbound.all() : this.#unbound.of(storageClass);
  }

  objectChanged(before: ObjectRow | undefined, after: ObjectRow | undefined): void {
    const ref = (after ?? before)?.ref;
    if (ref?.kind === "PersistentVolume") {
      this.#free.move(ref.uid, freeKey(before), freeKey(after));
      this.#kept.move(ref.uid, keptKey(before), keptKey(after));
      this.#toDelete.move(ref.uid, deleteKey(before), deleteKey(after));
    } else if (ref?.kind === "PersistentVolumeClaim") {
      this.#unbound.move(ref.uid, unboundKey(before), unboundKey(after));
      this.#naming.move(ref.uid, namedVolume(before), namedVolume(after));
    }
  }

  podChanged(before: PodRow | undefined, after: PodRow | undefined): void {
    if (before && after && before.spec === after.spec) return;
    for (const { claim } of before ? claimUsesOf(before) : []) {
      if (before) this.#users.move(before.ref.uid, claimKey(before.ref.namespace, claim), undefined);
    }
    for (const { claim } of after ? claimUsesOf(after) : []) {
      if (after) this.#users.move(after.ref.uid, undefined, claimKey(after.ref.namespace, claim));
    }
  }
}

function freeKey(row: ObjectRow | undefined): string | undefined {
  if (!row || row.deletion) return undefined;
  const spec = volumeSpecOf(row.value);
  return spec.claimRef ? undefined : classNameOf(spec);
}

function keptKey(row: ObjectRow | undefined): string | undefined {
  const claim = row && volumeSpecOf(row.value).claimRef;
  return claim && claimKey(claim.namespace ?? "", claim.name ?? "");
}

/** Released, and its node is to delete its data; also when a try failed. */
function deleteKey(row: ObjectRow | undefined): NodeName | undefined {
  if (!row) return undefined;
  const spec = volumeSpecOf(row.value);
  const { phase } = volumeStatusOf(row);
  const released = phase === "Released" || phase === "Failed";
  if (!released || spec.persistentVolumeReclaimPolicy !== "Delete" || !isProvisioned(spec)) return undefined;
  return homeOf(spec);
}

function unboundKey(row: ObjectRow | undefined): string | undefined {
  if (!row) return undefined;
  const spec = claimSpecOf(row.value);
  if (spec.volumeName) return undefined;
  return spec.storageClassName ?? noClass;
}

const namedVolume = (row: ObjectRow | undefined): string | undefined =>
  (row && claimSpecOf(row.value).volumeName) || undefined;
