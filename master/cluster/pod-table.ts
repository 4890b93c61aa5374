// Pods and their indexes: by name, owner, labels, node, and those that wait or leave.
// One operation changes it (`set`), which moves a pod between indexes by comparing rows; its inverse is itself.

import type { Uid } from "../../protocol/mod.ts";
import type { PodRow } from "./contract.ts";
import { type LabelSets, noLabels, type PodEntry } from "./label-sets.ts";
import { isFinished, type NodeTable } from "./node-table.ts";
import { isGated } from "./pod-gates.ts";
import { WaitingPods } from "./waiting-pods.ts";

const isWaiting = (row: PodRow): boolean =>
  row.node === undefined && !row.deletion && !isFinished(row) && !isGated(row);
const isNominated = (row: PodRow): boolean => row.nominated !== undefined && isWaiting(row);
const isLeaving = (row: PodRow): boolean => row.deletion !== undefined && !row.deletion.released;

export class PodTable {
  readonly #byUid = new Map<Uid, PodEntry>();
  readonly #byName = new Map<string, Map<string, PodEntry>>();
  readonly #owned = new Map<Uid, Set<PodEntry>>();
  readonly #waiting = new WaitingPods();
  readonly #nominated = new Set<PodEntry>();
  readonly #leaving = new Set<PodEntry>();
  readonly #labels: LabelSets;
  readonly #nodes: NodeTable;

  constructor(labels: LabelSets, nodes: NodeTable) {
    this.#labels = labels;
    this.#nodes = nodes;
  }

  get size(): number {
    return this.#byUid.size;
  }
  get(uid: Uid): PodRow | undefined {
    return this.#byUid.get(uid)?.row;
  }
  entry(uid: Uid): PodEntry | undefined {
    return this.#byUid.get(uid);
  }
  named(namespace: string, name: string): PodRow | undefined {
    return this.#byName.get(namespace)?.get(name)?.row;
  }
  *rows(namespace?: string): Iterable<PodRow> {
    const entries = namespace === undefined ? this.#byUid : this.#byName.get(namespace);
    for (const { row } of entries?.values() ?? []) yield row;
  }
  *ownedBy(owner: Uid): Iterable<PodRow> {
    for (const { row } of this.#owned.get(owner) ?? []) yield row;
  }
  owners(): Iterable<Uid> {
    return this.#owned.keys();
  }
  *leaving(): Iterable<PodRow> {
    for (const { row } of this.#leaving) yield row;
  }

  waiting(): Iterable<PodRow> {
    return this.#waiting.rows();
  }
  *nominated(): Iterable<PodRow> {
    for (const { row } of this.#nominated) yield row;
  }

  /** Puts, replaces or (undefined) removes one pod, whose entry is `entry`. Answers the entry that it has then. */
  set(uid: Uid, next: PodRow | undefined, entry: PodEntry | undefined): PodEntry | undefined {
    if (!entry) return next && this.#insert(uid, next);
    if (next) {
      this.#replace(uid, entry, next);
      return entry;
    }
    this.#remove(uid, entry);
    return undefined;
  }

  #insert(uid: Uid, row: PodRow): PodEntry {
    const labels = this.#labels.setFor(row.ref.namespace, row.metadata.labels ?? noLabels);
    const entry: PodEntry = { row, labels };
    labels.pods.add(entry);
    this.#byUid.set(uid, entry);
    let names = this.#byName.get(row.ref.namespace);
    if (!names) this.#byName.set(row.ref.namespace, (names = new Map()));
    names.set(row.ref.name, entry);
    if (row.owner !== undefined) this.#own(row.owner, entry);
    if (row.node !== undefined) this.#nodes.link(row.node, entry);
    if (isWaiting(row)) this.#waiting.add(entry);
    if (isNominated(row)) this.#nominated.add(entry);
    if (isLeaving(row)) this.#leaving.add(entry);
    return entry;
  }

  #remove(uid: Uid, entry: PodEntry): void {
    const { row } = entry;
    this.#labels.detach(entry);
    this.#byUid.delete(uid);
    const names = this.#byName.get(row.ref.namespace);
    if (names?.get(row.ref.name) === entry) names.delete(row.ref.name);
    if (names?.size === 0) this.#byName.delete(row.ref.namespace);
    if (row.owner !== undefined) this.#disown(row.owner, entry);
    if (row.node !== undefined) this.#nodes.unlink(row.node, entry);
    this.#waiting.delete(entry);
    this.#nominated.delete(entry);
    this.#leaving.delete(entry);
  }

  #replace(uid: Uid, entry: PodEntry, next: PodRow): void {
    const before = entry.row;
    if (before.ref.name !== next.ref.name || before.ref.namespace !== next.ref.namespace) {
      throw new Error(`pod ${uid} can't change its name`);
    }
    if (before.owner !== next.owner) {
      if (before.owner !== undefined) this.#disown(before.owner, entry);
      if (next.owner !== undefined) this.#own(next.owner, entry);
    }
    if (before.node !== next.node) {
      if (before.node !== undefined) this.#nodes.unlink(before.node, entry);
      entry.row = next;
      if (next.node !== undefined) this.#nodes.link(next.node, entry);
    } else {
      entry.row = next;
      if (next.node !== undefined && holdsOther(before, next)) this.#nodes.recount(next.node, before, next);
    }
    if (before.metadata.labels !== next.metadata.labels) {
      this.#labels.detach(entry);
      this.#labels.attach(entry);
    }
    if (isWaiting(before) !== isWaiting(next)) {
      if (isWaiting(next)) this.#waiting.add(entry);
      else this.#waiting.delete(entry);
    }
    if (isNominated(next)) this.#nominated.add(entry);
    else if (isNominated(before)) this.#nominated.delete(entry);
    if (isLeaving(before) !== isLeaving(next)) {
      if (isLeaving(next)) this.#leaving.add(entry);
      else this.#leaving.delete(entry);
    }
  }

  #own(owner: Uid, entry: PodEntry): void {
    let owned = this.#owned.get(owner);
    if (!owned) this.#owned.set(owner, (owned = new Set()));
    owned.add(entry);
  }

  #disown(owner: Uid, entry: PodEntry): void {
    const owned = this.#owned.get(owner);
    owned?.delete(entry);
    if (owned?.size === 0) this.#owned.delete(owner);
  }
}

const holdsOther = (before: PodRow, next: PodRow): boolean =>
  isFinished(before) !== isFinished(next) ||
  (before.deletion === undefined) !== (next.deletion === undefined) ||
  before.requests !== next.requests ||
  before.hostPorts !== next.hostPorts ||
  before.group !== next.group;
