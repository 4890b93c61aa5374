// The folded state: tables, work queues and the undo log behind one reading interface.
// `evolve` changes it through the setters below, each of which knows its own inverse.

import type {
  CommandId,
  CommandResult,
  EndpointSubsetValue,
  NodeName,
  Position,
  Uid,
} from "../../protocol/mod.ts";
import { ClusterTables, type Manifests } from "./cluster-tables.ts";
import { everyKey, nodeConcerns, objectConcerns, podConcerns } from "./concerns.ts";
import type {
  ClusterState,
  ControllerName,
  DirtyKey,
  NodeRow,
  ObjectRow,
  PodRow,
  UndoMark,
} from "./contract.ts";
import { DirtyKeys } from "./dirty-keys.ts";
import type { Head } from "./head.ts";
import type { PodEntry } from "./label-sets.ts";
import { changeSelection } from "./pod-selection.ts";
import { RowTimers } from "./row-timers.ts";
import { minReadySecondsOf } from "./specs.ts";
import type { Template } from "./templates.ts";
import { Timers } from "./timers.ts";

export class Cluster extends ClusterTables implements ClusterState {
  readonly #timers = new Timers();
  readonly #rowTimers = new RowTimers(this, this.#timers);
  readonly dirty = new DirtyKeys(
    () => everyKey(this),
    () => this.objectTable.size + this.nodeTable.size,
  );

  // ---- work for controllers ----

  takeDirty(limit: number): readonly DirtyKey[] {
    const keys = this.dirty.take(limit, this.position);
    this.undoLog.push(() => {
      for (const { controller, uid } of keys) this.dirty.mark(controller, uid, this.position, "weak");
    });
    return keys;
  }
  get dirtyCount(): number {
    return this.dirty.count;
  }
  causeOf(controller: ControllerName, uid: Uid): Position | undefined {
    return this.dirty.causeOf(controller, uid);
  }
  markAllDirty(): void {
    this.dirty.markAll();
  }
  dueBefore(now: number): readonly DirtyKey[] {
    const timers = this.#timers.takeBefore(now);
    for (const { key } of timers) this.dirty.mark(key.controller, key.uid, this.position, "weak");
    this.undoLog.push(() => {
      for (const { id, due, key } of timers) this.#timers.arm(id, due, key);
    });
    return timers.map(({ key }) => key);
  }
  get nextDueAt(): number | undefined {
    return this.#timers.nextDueAt;
  }

  mark(): UndoMark {
    return this.undoLog.mark();
  }
  undo(mark: UndoMark): void {
    this.undoLog.undo(mark);
  }
  forget(mark: UndoMark): void {
    this.undoLog.forget(mark);
    if (!this.undoLog.recording) this.results.compact();
  }

  // ---- changing: for evolve alone ----

  /** The next event's place and time. */
  advance(position: Position, at: number): void {
    this.headKeeper.advance(position, at);
    for (let back = this.results.dropOldest(this.at); back; back = this.results.dropOldest(this.at)) {
      this.undoLog.push(back);
    }
    if (!this.undoLog.recording) this.results.compact();
  }
  setHead(change: Partial<Head>): void {
    this.headKeeper.set(change);
  }

  /** Says that what data planes need has changed with the event that is being applied. */
  touchServices(): void {
    this.headKeeper.set({ servicesPosition: this.position });
  }

  setPod(uid: Uid, next: PodRow | undefined): void {
    // Looked up once: this is most of what happens in a cluster, and each look hashes an id.
    const entry = this.podTable.entry(uid);
    const before = entry?.row;
    const from = entry?.labels;
    const to = this.#placePod(uid, before, next, entry)?.labels;
    if (this.undoLog.recording) {
      this.undoLog.push(() => void this.#placePod(uid, next, before, this.podTable.entry(uid)));
    }
    podConcerns(this, { before, after: next, from, to }, this.position);
  }

  #placePod(
    uid: Uid,
    before: PodRow | undefined,
    next: PodRow | undefined,
    entry: PodEntry | undefined,
  ): PodEntry | undefined {
    const placed = this.podTable.set(uid, next, entry);
    this.volumeTable.podChanged(before, next);
    const ref = (next ?? before)?.ref;
    if (ref) this.owned.change(ref, before?.metadata, next?.metadata);
    this.#rowTimers.podChanged(uid, before, next);
    return placed;
  }

  setNode(name: NodeName, next: NodeRow | undefined): void {
    const before = this.nodeTable.get(name);
    this.#placeNode(name, next);
    if (this.undoLog.recording) this.undoLog.push(() => this.#placeNode(name, before));
    if (next && before?.taints !== next.taints) this.#rowTimers.taintsChanged(name);
    nodeConcerns(this, before, next, this.position);
  }

  #placeNode(name: NodeName, next: NodeRow | undefined): void {
    const before = this.nodeTable.get(name);
    this.nodeTable.set(name, next);
    this.#rowTimers.nodeChanged(before, next);
  }

  timeLostNodes(): void {
    this.#rowTimers.leaderChanged();
  }

  setObject(uid: Uid, next: ObjectRow | undefined): void {
    const before = this.objectTable.get(uid);
    this.#placeObject(uid, before, next);
    if (this.undoLog.recording) this.undoLog.push(() => this.#placeObject(uid, next, before));
    objectConcerns(this, before, next, this.position);
  }

  #placeObject(uid: Uid, before: ObjectRow | undefined, next: ObjectRow | undefined): void {
    this.objectTable.set(uid, next);
    this.volumeTable.objectChanged(before, next);
    this.#rowTimers.objectChanged(uid, next);
    const ref = (next ?? before)?.ref;
    if (!ref || before?.value === next?.value) return;
    this.owned.change(ref, before?.value.metadata, next?.value.metadata);
    changeSelection(this.labelSets, ref, before, next);
    if (ref.kind === "Service") this.serviceTable.changed(before, next);
    else if (ref.kind === "Endpoints") {
      const service = this.objectTable.named("Service", ref.namespace ?? "", ref.name);
      if (service) this.serviceTable.forgetEntry(service.ref.uid);
    }
    if (next && minReadySecondsOf(next.value) !== minReadySecondsOf(before?.value))
      this.#rowTimers.minReadyChanged(uid);
  }

  setSubsets(service: Uid, next: readonly EndpointSubsetValue[] | undefined): void {
    const before = this.serviceTable.subsets(service);
    this.serviceTable.setSubsets(service, next);
    if (this.undoLog.recording) this.undoLog.push(() => this.serviceTable.setSubsets(service, before));
  }

  setTemplate(owner: Uid, next: Template | undefined): void {
    this.#setEntry(this.templates, owner, next);
  }
  setManifests(uid: Uid, next: Manifests | undefined): void {
    this.#setEntry(this.manifests, uid, next);
  }
  #setEntry<V>(map: Map<Uid, V>, uid: Uid, next: V | undefined): void {
    const before = map.get(uid);
    const put = (value: V | undefined): void => {
      if (value === undefined) map.delete(uid);
      else map.set(uid, value);
    };
    put(next);
    if (this.undoLog.recording) this.undoLog.push(() => put(before));
  }

  addResult(id: CommandId, result: CommandResult): void {
    const back = this.results.add(id, this.at, result);
    this.undoLog.push(back);
  }
}

export const createClusterState = (): ClusterState => new Cluster();
