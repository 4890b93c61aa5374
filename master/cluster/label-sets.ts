// Pods by their labels: pods with equal labels share one LabelSet, so a selector is matched once per
// distinct set of labels, and a pod's change finds the services and controllers that select it by a cache.

import type { Uid } from "../../protocol/mod.ts";
import type { PodRow } from "./contract.ts";

export type Labels = Readonly<Record<string, string>>;
export const noLabels: Labels = Object.freeze({});
export type LabelPredicate = (labels: Labels) => boolean;

/** A pod's place in all indexes; `row` is replaced, the entry stays. */
export interface PodEntry {
  row: PodRow;
  labels: LabelSet;
}

export type SelectingKind = "Service" | "Replicator" | "Budget";
interface Selecting {
  readonly uid: Uid;
  readonly kind: SelectingKind;
  readonly matches: LabelPredicate;
}

const nobody: Readonly<Record<SelectingKind, readonly Uid[]>> = { Service: [], Replicator: [], Budget: [] };

/** Pods of one namespace with equal labels. */
export class LabelSet {
  readonly space: LabelSpace;
  readonly key: string;
  readonly labels: Labels;
  readonly pods = new Set<PodEntry>();
  #version = -1;
  #selectedBy: Readonly<Record<SelectingKind, readonly Uid[]>> = nobody;

  constructor(space: LabelSpace, key: string, labels: Labels) {
    this.space = space;
    this.key = key;
    this.labels = labels;
  }

  /** Uids of the services (or controllers, or disruption budgets) that select these labels. */
  selectedBy(kind: SelectingKind): readonly Uid[] {
    if (this.#version !== this.space.version) {
      const selecting = [...this.space.selecting.values()].filter(({ matches }) => matches(this.labels));
      const uidsOf = (wanted: SelectingKind): readonly Uid[] =>
        selecting.filter((one) => one.kind === wanted).map(({ uid }) => uid);
      this.#selectedBy = {
        Service: uidsOf("Service"),
        Replicator: uidsOf("Replicator"),
        Budget: uidsOf("Budget"),
      };
      this.#version = this.space.version;
    }
    return this.#selectedBy[kind];
  }
}

/** One namespace's label sets and selectors. */
export class LabelSpace {
  readonly sets = new Map<string, LabelSet>();
  readonly selecting = new Map<Uid, Selecting>();
  /** Grows with every change of a selector. */
  version = 0;
  readonly #byPair = new Map<string, Map<string, Set<LabelSet>>>();

  add(key: string, labels: Labels): LabelSet {
    const known = this.sets.get(key);
    if (known) return known;
    const set = new LabelSet(this, key, labels);
    this.sets.set(key, set);
    for (const [name, value] of Object.entries(labels)) {
      let values = this.#byPair.get(name);
      if (!values) this.#byPair.set(name, (values = new Map()));
      let sets = values.get(value);
      if (!sets) values.set(value, (sets = new Set()));
      sets.add(set);
    }
    return set;
  }

  drop(set: LabelSet): void {
    this.sets.delete(set.key);
    for (const [name, value] of Object.entries(set.labels)) {
      const values = this.#byPair.get(name);
      const sets = values?.get(value);
      if (!values || !sets) continue;
      sets.delete(set);
      if (sets.size === 0) values.delete(value);
      if (values.size === 0) this.#byPair.delete(name);
    }
  }

  /** Label sets that have every pair; starts from the rarest one. */
  *matching(selector: Labels): Iterable<LabelSet> {
    let rarest: ReadonlySet<LabelSet> | undefined;
    const pairs = Object.entries(selector);
    for (const [name, value] of pairs) {
      const sets = this.#byPair.get(name)?.get(value);
      if (!sets) return;
      if (!rarest || sets.size < rarest.size) rarest = sets;
    }
    for (const set of rarest ?? this.sets.values()) {
      if (pairs.every(([name, value]) => set.labels[name] === value)) yield set;
    }
  }
}

export class LabelSets {
  readonly #spaces = new Map<string, LabelSpace>();
  /** Keys of label objects: pods of one template share theirs. */
  readonly #keys = new WeakMap<Labels, string>();

  space(namespace: string): LabelSpace | undefined {
    return this.#spaces.get(namespace);
  }

  attach(entry: PodEntry): void {
    entry.labels = this.setFor(entry.row.ref.namespace, entry.row.metadata.labels ?? noLabels);
    entry.labels.pods.add(entry);
  }

  detach(entry: PodEntry): void {
    const set = entry.labels;
    set.pods.delete(entry);
    if (set.pods.size > 0) return;
    set.space.drop(set);
    if (set.space.sets.size === 0 && set.space.selecting.size === 0) {
      this.#spaces.delete(entry.row.ref.namespace);
    }
  }

  setFor(namespace: string, labels: Labels): LabelSet {
    return this.#spaceFor(namespace).add(this.#keyOf(labels), labels);
  }

  /** Declares, replaces or (undefined) withdraws what an object selects. */
  select(namespace: string, uid: Uid, kind: SelectingKind, matches: LabelPredicate | undefined): void {
    const space = this.#spaceFor(namespace);
    if (matches) space.selecting.set(uid, { uid, kind, matches });
    else space.selecting.delete(uid);
    space.version += 1;
    if (space.sets.size === 0 && space.selecting.size === 0) this.#spaces.delete(namespace);
  }

  #spaceFor(namespace: string): LabelSpace {
    let space = this.#spaces.get(namespace);
    if (!space) this.#spaces.set(namespace, (space = new LabelSpace()));
    return space;
  }

  #keyOf(labels: Labels): string {
    let key = this.#keys.get(labels);
    if (key === undefined) {
      key = JSON.stringify(Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)));
      this.#keys.set(labels, key);
    }
    return key;
  }
}
