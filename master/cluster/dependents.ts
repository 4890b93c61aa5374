// Who names whom as an owner, whatever the kinds: garbage collection's index.
// A pod's controlling owner is left out: the table of pods has an index of those, and there are many.

import type { ObjectMeta, ObjectRef, Uid } from "../../protocol/mod.ts";

export class Dependents {
  readonly #byOwner = new Map<Uid, Map<Uid, ObjectRef>>();

  of(owner: Uid): Iterable<ObjectRef> {
    return this.#byOwner.get(owner)?.values() ?? [];
  }

  owners(): Iterable<Uid> {
    return this.#byOwner.keys();
  }

  /** Moves one object from the owners it named to those it names now. */
  change(ref: ObjectRef, before: ObjectMeta | undefined, after: ObjectMeta | undefined): void {
    if (before?.ownerReferences === after?.ownerReferences) return;
    const isPod = ref.kind === "Pod";
    for (const { uid, controller } of before?.ownerReferences ?? []) {
      if (!isPod || !controller) this.#drop(uid as Uid, ref.uid);
    }
    for (const { uid, controller } of after?.ownerReferences ?? []) {
      if (!isPod || !controller) this.#add(uid as Uid, ref);
    }
  }

  #add(owner: Uid, ref: ObjectRef): void {
    let dependents = this.#byOwner.get(owner);
    if (!dependents) this.#byOwner.set(owner, (dependents = new Map()));
    dependents.set(ref.uid, ref);
  }

  #drop(owner: Uid, dependent: Uid): void {
    const dependents = this.#byOwner.get(owner);
    dependents?.delete(dependent);
    if (dependents?.size === 0) this.#byOwner.delete(owner);
  }
}
