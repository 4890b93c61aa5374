// The folded state: tables, indexes, work queues and the undo log behind one reading interface.
// `evolve` changes it through the setters below, each of which knows its own inverse.

import type {
  ApiObject,
  CommandId,
  CommandResult,
  EndpointSubsetValue,
  Epoch,
  LabelSelector,
  LogId,
  MasterId,
  NodeName,
  ObjectRef,
  PodTemplateSpec,
  Position,
  ServiceEntry,
  Uid,
} from "../../protocol/mod.ts";
import { sameValue } from "../../protocol/mod.ts";
import { CommandResults } from "./command-results.ts";
import { everyKey, nodeConcerns, objectConcerns, podConcerns } from "./concerns.ts";
import type {
  ClusterState,
  ControllerName,
  DirtyKey,
  NodeRow,
  ObjectRow,
  PodRow,
  Resources,
  UndoMark,
} from "./contract.ts";
import { Dependents } from "./dependents.ts";
import { budgetPredicate, budgetSpecOf } from "./disruption-budgets.ts";
import { digestOf } from "./digest.ts";
import { DirtyKeys } from "./dirty-keys.ts";
import { type Head, HeadKeeper } from "./head.ts";
import { LabelSets, type PodEntry, type SelectingKind } from "./label-sets.ts";
import { isFinished, NodeTable } from "./node-table.ts";
import { ObjectTable } from "./object-table.ts";
import { PodTable } from "./pod-table.ts";
import { leaseOverAt } from "./identity.ts";
import { objectTimer } from "./object-timers.ts";
import { podTimer } from "./pod-timers.ts";
import { listObjects, renderObject } from "./render.ts";
import { selectorPredicate } from "./selectors.ts";
import { ServiceTable } from "./service-table.ts";
import { keepsPods, minReadySecondsOf, podSelectorOf, serviceSelectorOf } from "./specs.ts";
import { toleratedUntil, toleratesForAWhile } from "./taint-tolerance.ts";
import type { Template } from "./templates.ts";
import { Timers } from "./timers.ts";
import { UndoLog } from "./undo-log.ts";
import { VolumeTable } from "./volume-table.ts";

type Manifests = Readonly<Record<string, ApiObject>>;
const noManifests: Manifests = Object.freeze({});

export class Cluster implements ClusterState {
  readonly #undo = new UndoLog();
  readonly #head = new HeadKeeper(this.#undo);
  readonly #labels = new LabelSets();
  readonly #nodes = new NodeTable();
  readonly #pods = new PodTable(this.#labels, this.#nodes);
  readonly #objects = new ObjectTable();
  readonly #dependents = new Dependents();
  readonly #services = new ServiceTable();
  readonly #volumes = new VolumeTable();
  readonly #templates = new Map<Uid, Template>();
  readonly #manifests = new Map<Uid, Manifests>();
  readonly #results = new CommandResults();
  readonly #timers = new Timers();
  readonly dirty = new DirtyKeys(
    () => everyKey(this),
    () => this.#objects.size + this.#nodes.size,
  );

  // ---- reading: the head ----

  get head(): Head {
    return this.#head.current;
  }
  get position(): Position {
    return this.#head.current.position;
  }
  get logId(): LogId | undefined {
    return this.#head.current.logId;
  }
  get epoch(): Epoch {
    return this.#head.current.epoch;
  }
  get leader(): MasterId | undefined {
    return this.#head.current.leader;
  }
  get electedAt(): number {
    return this.#head.current.electedAt;
  }
  get level(): number {
    return this.#head.current.level;
  }
  get at(): number {
    return this.#head.current.at;
  }
  get podCidr(): string {
    return this.#head.current.podCidr;
  }
  get serviceCidr(): string {
    return this.#head.current.serviceCidr;
  }
  get servicesPosition(): Position {
    return this.#head.current.servicesPosition;
  }

  // ---- reading: pods ----

  pod(uid: Uid): PodRow | undefined {
    return this.#pods.get(uid);
  }
  podNamed(namespace: string, name: string): PodRow | undefined {
    return this.#pods.named(namespace, name);
  }
  pods(namespace?: string): Iterable<PodRow> {
    return this.#pods.rows(namespace);
  }
  podsOnNode(node: NodeName): Iterable<PodRow> {
    return this.#nodes.podsOn(node);
  }
  podsOwnedBy(owner: Uid): Iterable<PodRow> {
    return this.#pods.ownedBy(owner);
  }
  *podsMatching(namespace: string, selector: Readonly<Record<string, string>>): Iterable<PodRow> {
    for (const set of this.#labels.space(namespace)?.matching(selector) ?? []) {
      for (const { row } of set.pods) yield row;
    }
  }
  *podsSelected(namespace: string, selector: LabelSelector): Iterable<PodRow> {
    const matches = selectorPredicate(selector);
    if (!matches) return;
    for (const set of this.#labels.space(namespace)?.matching(selector.matchLabels ?? {}) ?? []) {
      if (matches(set.labels)) for (const { row } of set.pods) yield row;
    }
  }
  podsWaiting(): Iterable<PodRow> {
    return this.#pods.waiting();
  }
  podsNominated(): Iterable<PodRow> {
    return this.#pods.nominated();
  }
  podsLeaving(): Iterable<PodRow> {
    return this.#pods.leaving();
  }
  *budgetsOf(pod: Uid): Iterable<ObjectRow> {
    for (const uid of this.#pods.entry(pod)?.labels.selectedBy("Budget") ?? []) {
      const row = this.#objects.get(uid);
      if (row) yield row;
    }
  }
  get podCount(): number {
    return this.#pods.size;
  }

  // ---- reading: nodes, objects, services ----

  node(name: NodeName): NodeRow | undefined {
    return this.#nodes.get(name);
  }
  nodeByUid(uid: Uid): NodeRow | undefined {
    return this.#nodes.byUid(uid);
  }
  nodes(): Iterable<NodeRow> {
    return this.#nodes.rows();
  }
  groupCount(group: string, node: NodeName): number {
    return this.#nodes.groupCount(group, node);
  }
  hostPortTaken(node: NodeName, hostPort: string): boolean {
    return this.#nodes.hostPortTaken(node, hostPort);
  }
  roomBelow(node: NodeName, priority: number): Resources {
    return this.#nodes.roomBelow(node, priority);
  }

  podsUsingClaim(namespace: string, claim: string): Iterable<PodRow> {
    return present(this.#volumes.podsUsing(namespace, claim), (uid) => this.#pods.get(uid));
  }
  freeVolumes(storageClass: string): Iterable<ObjectRow> {
    return present(this.#volumes.freeVolumes(storageClass), (uid) => this.#objects.get(uid));
  }
  volumesFor(namespace: string, claim: string): Iterable<ObjectRow> {
    return present(this.#volumes.volumesFor(namespace, claim), (uid) => this.#objects.get(uid));
  }
  volumesToDelete(node: NodeName): Iterable<ObjectRow> {
    return present(this.#volumes.volumesToDelete(node), (uid) => this.#objects.get(uid));
  }
  claimsNaming(volume: string): Iterable<Uid> {
    return this.#volumes.claimsNaming(volume);
  }
  /** Claims without a volume: of one class, or all. */
  unboundClaims(storageClass?: string): Iterable<Uid> {
    return this.#volumes.unboundClaims(storageClass);
  }

  object(kind: string, namespace: string | undefined, name: string): ObjectRow | undefined {
    return this.#objects.named(kind, namespace, name);
  }
  objectByUid(uid: Uid): ObjectRow | undefined {
    return this.#objects.get(uid);
  }
  objects(kind: string, namespace?: string): Iterable<ObjectRow> {
    return this.#objects.ofKind(kind, namespace);
  }
  unownedReplicaSets(namespace: string): Iterable<ObjectRow> {
    return this.#objects.unownedReplicaSets(namespace);
  }
  everyObject(): Iterable<ObjectRow> {
    return this.#objects.rows();
  }
  *dependents(owner: Uid): Iterable<ObjectRef> {
    for (const { ref } of this.#pods.ownedBy(owner)) yield ref;
    yield* this.#dependents.of(owner);
  }
  *everyOwner(): Iterable<Uid> {
    yield* this.#pods.owners();
    yield* this.#dependents.owners();
  }
  refOf(uid: Uid): ObjectRef | undefined {
    return (this.#pods.get(uid) ?? this.#objects.get(uid) ?? this.#nodes.byUid(uid))?.ref;
  }
  appliedTo(uid: Uid): Manifests {
    return this.#objects.get(uid)?.applied ?? this.#manifests.get(uid) ?? noManifests;
  }
  templateOf(owner: Uid): { readonly id: string; readonly value: PodTemplateSpec } | undefined {
    return this.#templates.get(owner);
  }
  template(owner: Uid): Template | undefined {
    return this.#templates.get(owner);
  }

  serviceEntry(namespace: string, name: string): ServiceEntry | undefined {
    const service = this.#objects.named("Service", namespace, name);
    const manual = this.#objects.named("Endpoints", namespace, name);
    return service && this.#services.entry(service, manual, (uid) => this.pod(uid));
  }
  *serviceEntries(): Iterable<ServiceEntry> {
    for (const { ref } of this.#objects.ofKind("Service")) {
      const entry = this.serviceEntry(ref.namespace ?? "", ref.name);
      if (entry) yield entry;
    }
  }
  endpointSubsets(service: Uid): readonly EndpointSubsetValue[] | undefined {
    return this.#services.subsets(service);
  }
  isServing(pod: Uid): boolean {
    const row = this.#pods.get(pod);
    if (!row) return false;
    for (const service of this.#objects.ofKind("Service", row.ref.namespace)) {
      if (this.#services.serves(service.ref.uid, pod)) return true;
    }
    return false;
  }
  clusterIpOwner(ip: string): Uid | undefined {
    return this.#services.ipOwner(ip);
  }
  nodePortOwner(port: number): Uid | undefined {
    return this.#services.nodePortOwner(port);
  }

  commandResult(id: CommandId): CommandResult | undefined {
    return this.#results.get(id);
  }
  render(kind: string, namespace: string | undefined, name: string): ApiObject | undefined {
    return renderObject(this, kind, namespace, name);
  }
  list(kind: string, namespace?: string): Iterable<ApiObject> {
    return listObjects(this, kind, namespace);
  }

  /** What `digest` covers, for it alone. */
  folded(): {
    readonly templates: Iterable<[Uid, Template]>;
    readonly manifests: Iterable<[Uid, Manifests]>;
    readonly results: Iterable<[CommandId, CommandResult]>;
    readonly subsets: Iterable<[Uid, readonly EndpointSubsetValue[]]>;
  } {
    return {
      templates: this.#templates.entries(),
      manifests: this.#manifests.entries(),
      results: this.#results.entries(),
      subsets: this.#services.allSubsets(),
    };
  }
  digest(): string {
    return digestOf(this);
  }

  // ---- work for controllers ----

  takeDirty(limit: number): readonly DirtyKey[] {
    const keys = this.dirty.take(limit, this.position);
    this.#undo.push(() => {
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
    this.#undo.push(() => {
      for (const { id, due, key } of timers) this.#timers.arm(id, due, key);
    });
    return timers.map(({ key }) => key);
  }
  get nextDueAt(): number | undefined {
    return this.#timers.nextDueAt;
  }

  mark(): UndoMark {
    return this.#undo.mark();
  }
  undo(mark: UndoMark): void {
    this.#undo.undo(mark);
  }
  forget(mark: UndoMark): void {
    this.#undo.forget(mark);
    if (!this.#undo.recording) this.#results.compact();
  }

  // ---- changing: for evolve alone ----

  /** The next event's place and time. */
  advance(position: Position, at: number): void {
    this.#head.advance(position, at);
    for (let back = this.#results.dropOldest(this.at); back; back = this.#results.dropOldest(this.at)) {
      this.#undo.push(back);
    }
    if (!this.#undo.recording) this.#results.compact();
  }
  setHead(change: Partial<Head>): void {
    this.#head.set(change);
  }

  /** Says that what data planes need has changed with the event that is being applied. */
  touchServices(): void {
    this.#head.set({ servicesPosition: this.position });
  }

  setPod(uid: Uid, next: PodRow | undefined): void {
    // Looked up once: this is most of what happens in a cluster, and each look hashes an id.
    const entry = this.#pods.entry(uid);
    const before = entry?.row;
    const from = entry?.labels;
    const to = this.#placePod(uid, before, next, entry)?.labels;
    if (this.#undo.recording) {
      this.#undo.push(() => void this.#placePod(uid, next, before, this.#pods.entry(uid)));
    }
    podConcerns(this, { before, after: next, from, to }, this.position);
  }

  #placePod(
    uid: Uid,
    before: PodRow | undefined,
    next: PodRow | undefined,
    entry: PodEntry | undefined,
  ): PodEntry | undefined {
    const placed = this.#pods.set(uid, next, entry);
    this.#volumes.podChanged(before, next);
    const ref = (next ?? before)?.ref;
    if (ref) this.#dependents.change(ref, before?.metadata, next?.metadata);
    this.#time(uid, before, next);
    if (next && before?.node !== next.node) this.#timeStay(next);
    return placed;
  }

  setNode(name: NodeName, next: NodeRow | undefined): void {
    const before = this.#nodes.get(name);
    this.#placeNode(name, next);
    if (this.#undo.recording) this.#undo.push(() => this.#placeNode(name, before));
    if (next && before?.taints !== next.taints) {
      for (const row of this.#nodes.podsOn(name)) this.#timeStay(row);
    }
    nodeConcerns(this, before, next, this.position);
  }

  #placeNode(name: NodeName, next: NodeRow | undefined): void {
    const before = this.#nodes.get(name);
    this.#nodes.set(name, next);
    const uid = (next ?? before)?.ref.uid;
    if (uid === undefined || (next?.state !== "Lost" && before?.state !== "Lost")) return;
    if (next?.state === "Lost") this.#timeLost(next);
    else this.#timers.disarm(uid);
  }

  /** When leases on lost nodes are over counts from the newest claim. */
  timeLostNodes(): void {
    for (const node of this.#nodes.rows()) if (node.state === "Lost") this.#timeLost(node);
  }

  #timeLost(node: NodeRow): void {
    const { uid } = node.ref;
    this.#timers.arm(uid, leaseOverAt(this, node), { controller: "node-pods", uid });
  }

  setObject(uid: Uid, next: ObjectRow | undefined): void {
    const before = this.#objects.get(uid);
    this.#placeObject(uid, before, next);
    if (this.#undo.recording) this.#undo.push(() => this.#placeObject(uid, next, before));
    objectConcerns(this, before, next, this.position);
  }

  #placeObject(uid: Uid, before: ObjectRow | undefined, next: ObjectRow | undefined): void {
    this.#objects.set(uid, next);
    this.#volumes.objectChanged(before, next);
    this.#timeObject(uid, next);
    const ref = (next ?? before)?.ref;
    if (!ref || before?.value === next?.value) return;
    this.#dependents.change(ref, before?.value.metadata, next?.value.metadata);
    const { kind, namespace = "", name } = ref;
    if (kind === "Service") {
      this.#services.changed(before, next);
      this.#select(
        namespace,
        uid,
        "Service",
        before && serviceSelectorOf(before.value),
        next && serviceSelectorOf(next.value),
      );
    } else if (kind === "Endpoints") {
      const service = this.#objects.named("Service", namespace, name);
      if (service) this.#services.forgetEntry(service.ref.uid);
    } else if (kind === "PodDisruptionBudget") {
      const old = before && budgetSpecOf(before).selector;
      this.#select(namespace, uid, "Budget", old, next && budgetSpecOf(next).selector);
    } else if (keepsPods(kind)) {
      const old = before && podSelectorOf(before.value);
      this.#select(namespace, uid, "Replicator", old, next && podSelectorOf(next.value));
    }
    if (next && minReadySecondsOf(next.value) !== minReadySecondsOf(before?.value)) this.#timeOwned(uid);
  }

  /** A selector that stays keeps what is known of who it selects: scaling changes objects often. */
  #select(
    namespace: string,
    uid: Uid,
    kind: SelectingKind,
    ...[before, after]: [LabelSelector | undefined, LabelSelector | undefined]
  ): void {
    if (before && after && sameValue(before, after)) return;
    const matches = kind === "Budget" ? budgetPredicate(after) : selectorPredicate(after);
    this.#labels.select(namespace, uid, kind, matches);
  }

  setSubsets(service: Uid, next: readonly EndpointSubsetValue[] | undefined): void {
    const before = this.#services.subsets(service);
    this.#services.setSubsets(service, next);
    if (this.#undo.recording) this.#undo.push(() => this.#services.setSubsets(service, before));
  }

  setTemplate(owner: Uid, next: Template | undefined): void {
    this.#setEntry(this.#templates, owner, next);
  }
  setManifests(uid: Uid, next: Manifests | undefined): void {
    this.#setEntry(this.#manifests, uid, next);
  }
  #setEntry<V>(map: Map<Uid, V>, uid: Uid, next: V | undefined): void {
    const before = map.get(uid);
    const put = (value: V | undefined): void => {
      if (value === undefined) map.delete(uid);
      else map.set(uid, value);
    };
    put(next);
    if (this.#undo.recording) this.#undo.push(() => put(before));
  }

  addResult(id: CommandId, result: CommandResult): void {
    const back = this.#results.add(id, this.at, result);
    this.#undo.push(back);
  }

  // ---- timers, derived from rows ----

  #time(uid: Uid, before: PodRow | undefined, next: PodRow | undefined): void {
    const ended = (row: PodRow | undefined): boolean => row !== undefined && isFinished(row);
    const same = before?.deletion === next?.deletion && before?.readyAt === next?.readyAt;
    if (same && ended(before) === ended(next)) return;
    const timer =
      next && podTimer(next, next.owner === undefined ? undefined : this.#objects.get(next.owner));
    if (timer) this.#timers.arm(uid, timer.due, timer.key);
    else this.#timers.disarm(uid);
  }

  /** When a toleration of its node's taints ends. A timer too many only makes somebody look. */
  #timeStay(row: PodRow): void {
    if (row.node === undefined || !toleratesForAWhile(row)) return;
    const node = this.#nodes.get(row.node);
    const until = node && toleratedUntil(row, node.taints, node);
    if (!node || until === undefined || !Number.isFinite(until)) return;
    this.#timers.arm(`${row.ref.uid}/stay`, until, { controller: "node-pods", uid: node.ref.uid });
  }

  #timeObject(uid: Uid, next: ObjectRow | undefined): void {
    const timer = next && objectTimer(next);
    if (timer) this.#timers.arm(uid, timer.due, timer.key);
    else this.#timers.disarm(uid);
  }

  #timeOwned(owner: Uid): void {
    for (const row of this.#pods.ownedBy(owner)) this.#time(row.ref.uid, undefined, row);
  }
}

function* present<Row>(uids: Iterable<Uid>, rowOf: (uid: Uid) => Row | undefined): Iterable<Row> {
  for (const uid of uids) {
    const row = rowOf(uid);
    if (row) yield row;
  }
}

export const createClusterState = (): ClusterState => new Cluster();
