// Who names whom as an owner, whatever the kinds: garbage collection's index.

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
    for (const { uid } of before?.ownerReferences ?? []) this.#drop(uid as Uid, ref.uid);
    for (const { uid } of after?.ownerReferences ?? []) this.#add(uid as Uid, ref);
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
