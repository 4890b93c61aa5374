// Every kind but Pod and Node: rows by uid and by kind, namespace and name.
// Like the other tables it has one operation, `set`, whose inverse is itself.

import type { Uid } from "../../protocol/mod.ts";
import type { ObjectRow } from "./contract.ts";
import { controllerOf } from "./controlling.ts";

export class ObjectTable {
  readonly #byUid = new Map<Uid, ObjectRow>();
  /** kind -> namespace ("" for cluster-scoped) -> name -> row */
  readonly #byKind = new Map<string, Map<string, Map<string, ObjectRow>>>();

  /** namespace -> replica sets without a controlling owner: few, and looked for often. */
  readonly #unowned = new Map<string, Map<Uid, ObjectRow>>();

  get size(): number {
    return this.#byUid.size;
  }
  get(uid: Uid): ObjectRow | undefined {
    return this.#byUid.get(uid);
  }
  named(kind: string, namespace: string | undefined, name: string): ObjectRow | undefined {
    return this.#byKind
      .get(kind)
      ?.get(namespace ?? "")
      ?.get(name);
  }
  rows(): Iterable<ObjectRow> {
    return this.#byUid.values();
  }
  *ofKind(kind: string, namespace?: string): Iterable<ObjectRow> {
    const spaces = this.#byKind.get(kind);
    if (namespace !== undefined) yield* spaces?.get(namespace)?.values() ?? [];
    else for (const names of spaces?.values() ?? []) yield* names.values();
  }

  unownedReplicaSets(namespace: string): Iterable<ObjectRow> {
    return this.#unowned.get(namespace)?.values() ?? [];
  }

  set(uid: Uid, next: ObjectRow | undefined): void {
    const before = this.#byUid.get(uid);
    if ((next ?? before)?.ref.kind === "ReplicaSet") this.#setUnowned(uid, before, next);
    if (next) {
      this.#byUid.set(uid, next);
      this.#name(next);
    } else {
      this.#byUid.delete(uid);
      if (before) this.#unname(before);
    }
  }

  #setUnowned(uid: Uid, before: ObjectRow | undefined, next: ObjectRow | undefined): void {
    const namespace = (next ?? before)?.ref.namespace ?? "";
    let rows = this.#unowned.get(namespace);
    if (next && controllerOf(next.value.metadata.ownerReferences) === undefined) {
      if (!rows) this.#unowned.set(namespace, (rows = new Map()));
      rows.set(uid, next);
    } else if (rows?.delete(uid) && rows.size === 0) this.#unowned.delete(namespace);
  }

  #name(row: ObjectRow): void {
    const { kind, namespace = "", name } = row.ref;
    let spaces = this.#byKind.get(kind);
    if (!spaces) this.#byKind.set(kind, (spaces = new Map()));
    let names = spaces.get(namespace);
    if (!names) spaces.set(namespace, (names = new Map()));
    names.set(name, row);
  }

  #unname(row: ObjectRow): void {
    const { kind, namespace = "", name } = row.ref;
    const spaces = this.#byKind.get(kind);
    const names = spaces?.get(namespace);
    if (names?.get(name)?.ref.uid !== row.ref.uid) return;
    names.delete(name);
    if (names.size === 0) spaces?.delete(namespace);
  }
}
