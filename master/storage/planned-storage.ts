// What one plan has given away already: volumes, the nodes of claims, and who uses them. Mutable, private to a plan.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import type { NodeRow, ObjectRow } from "../cluster/contract.ts";
import { FreeVolumes } from "./free-volumes.ts";
import { bestVolume } from "./match-volume.ts";
import { provisionObstacle, provisionsOn } from "./provision.ts";
import { claimSpecOf, classNameOf, storageClassNamed } from "./specs.ts";
import type { StorageSnapshot, VolumeNeeds } from "./volume-needs.ts";

/** What a claim gets on a node: a volume that is there, or a new one. */
export interface VolumeChoice {
  readonly claim: ObjectRow;
  readonly volume?: ObjectRow;
}

export class PlannedStorage {
  readonly #snapshot: StorageSnapshot;
  readonly #taken = new Set<Uid>();
  readonly #nodes = new Map<Uid, NodeName>();
  readonly #users = new Map<Uid, NodeName>();
  readonly #free = new Map<string, FreeVolumes>();

  constructor(snapshot: StorageSnapshot) {
    this.#snapshot = snapshot;
  }

  nodeOf(claim: Uid): NodeName | undefined {
    return this.#nodes.get(claim);
  }
  userOf(claim: Uid): NodeName | undefined {
    return this.#users.get(claim);
  }

  /** What each claim gets on this node; undefined when one of them gets nothing. */
  choose(claims: readonly ObjectRow[], node: NodeRow): readonly VolumeChoice[] | undefined {
    const choices: VolumeChoice[] = [];
    const isTaken = (uid: Uid): boolean =>
      this.#taken.has(uid) || choices.some(({ volume }) => volume?.ref.uid === uid);
    for (const claim of claims) {
      const spec = claimSpecOf(claim.value);
      const name = classNameOf(spec);
      const free = this.#freeOf(name);
      const volume = free.isEmpty ? undefined : bestVolume(spec, free.on(node), isTaken);
      const storageClass = storageClassNamed(this.#snapshot, name);
      if (volume) choices.push({ claim, volume });
      else if (!provisionObstacle(storageClass, claim) && storageClass && provisionsOn(storageClass, node)) {
        choices.push({ claim });
      } else return undefined;
    }
    return choices;
  }

  /** A pod with these needs goes to this node. */
  place({ undecided, claims }: VolumeNeeds, node: NodeRow): void {
    for (const { volume } of this.choose(undecided, node) ?? []) if (volume) this.#taken.add(volume.ref.uid);
    for (const { ref } of undecided) this.#nodes.set(ref.uid, node.name);
    for (const claim of claims) this.#users.set(claim, node.name);
  }

  #freeOf(storageClass: string): FreeVolumes {
    let free = this.#free.get(storageClass);
    if (!free) {
      free = new FreeVolumes(this.#snapshot.freeVolumes(storageClass));
      this.#free.set(storageClass, free);
    }
    return free;
  }
}
