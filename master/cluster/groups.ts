// Ids in groups by a key, for indexes: an id may stand in several groups.

import type { Uid } from "../../protocol/mod.ts";

export class Groups<Key> {
  readonly #groups = new Map<Key, Set<Uid>>();

  of(key: Key): Iterable<Uid> {
    return this.#groups.get(key) ?? [];
  }
  *all(): Iterable<Uid> {
    for (const group of this.#groups.values()) yield* group;
  }

  /** Out of one group and into another; undefined is none. */
  move(uid: Uid, from: Key | undefined, to: Key | undefined): void {
    if (from === to) return;
    if (from !== undefined) this.#drop(uid, from);
    if (to === undefined) return;
    const group = this.#groups.get(to);
    if (group) group.add(uid);
    else this.#groups.set(to, new Set([uid]));
  }

  #drop(uid: Uid, key: Key): void {
    const group = this.#groups.get(key);
    group?.delete(uid);
    if (group?.size === 0) this.#groups.delete(key);
  }
}
