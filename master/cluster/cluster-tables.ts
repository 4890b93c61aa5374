// The tables and indexes of the folded state, and every question that can be asked of them.
// Nothing here changes a table: that is for cluster.ts.

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
import { CommandResults } from "./command-results.ts";
import type { NodeRow, ObjectRow, PodRow, Resources } from "./contract.ts";
import { Dependents } from "./dependents.ts";
import { digestOf } from "./digest.ts";
import type { DirtyKeys } from "./dirty-keys.ts";
import { type Head, HeadKeeper } from "./head.ts";
import { LabelSets } from "./label-sets.ts";
import { NodeTable } from "./node-table.ts";
import { ObjectTable } from "./object-table.ts";
import { PodTable } from "./pod-table.ts";
import { listObjects, renderObject } from "./render.ts";
import { selectorPredicate } from "./selectors.ts";
import { ServiceTable } from "./service-table.ts";
import type { Template } from "./templates.ts";
import { UndoLog } from "./undo-log.ts";
import { VolumeTable } from "./volume-table.ts";

export type Manifests = Readonly<Record<string, ApiObject>>;
const noManifests: Manifests = Object.freeze({});

export abstract class ClusterTables {
  /** Whoever has to look again because a row changed. */
  abstract readonly dirty: DirtyKeys;

  protected readonly undoLog = new UndoLog();
  protected readonly headKeeper = new HeadKeeper(this.undoLog);
  protected readonly labelSets = new LabelSets();
  protected readonly nodeTable = new NodeTable();
  protected readonly podTable = new PodTable(this.labelSets, this.nodeTable);
  protected readonly objectTable = new ObjectTable();
  protected readonly owned = new Dependents();
  protected readonly serviceTable = new ServiceTable();
  protected readonly volumeTable = new VolumeTable();
  protected readonly templates = new Map<Uid, Template>();
  protected readonly manifests = new Map<Uid, Manifests>();
  protected readonly results = new CommandResults();

  // ---- the head ----

  get head(): Head {
    return this.headKeeper.current;
  }
  get position(): Position {
    return this.headKeeper.current.position;
  }
  get logId(): LogId | undefined {
    return this.headKeeper.current.logId;
  }
  get epoch(): Epoch {
    return this.headKeeper.current.epoch;
  }
  get leader(): MasterId | undefined {
    return this.headKeeper.current.leader;
  }
  get electedAt(): number {
    return this.headKeeper.current.electedAt;
  }
  get level(): number {
    return this.headKeeper.current.level;
  }
  get at(): number {
    return this.headKeeper.current.at;
  }
  get podCidr(): string {
    return this.headKeeper.current.podCidr;
  }
  get serviceCidr(): string {
    return this.headKeeper.current.serviceCidr;
  }
  get servicesPosition(): Position {
    return this.headKeeper.current.servicesPosition;
  }

  // ---- pods ----

  pod(uid: Uid): PodRow | undefined {
    return this.podTable.get(uid);
  }
  podNamed(namespace: string, name: string): PodRow | undefined {
    return this.podTable.named(namespace, name);
  }
  pods(namespace?: string): Iterable<PodRow> {
    return this.podTable.rows(namespace);
  }
  podsOnNode(node: NodeName): Iterable<PodRow> {
    return this.nodeTable.podsOn(node);
  }
  podsOwnedBy(owner: Uid): Iterable<PodRow> {
    return this.podTable.ownedBy(owner);
  }
  *podsMatching(namespace: string, selector: Readonly<Record<string, string>>): Iterable<PodRow> {
    for (const set of this.labelSets.space(namespace)?.matching(selector) ?? []) {
      for (const { row } of set.pods) yield row;
    }
  }
  *podsSelected(namespace: string, selector: LabelSelector): Iterable<PodRow> {
    const matches = selectorPredicate(selector);
    if (!matches) return;
    for (const set of this.labelSets.space(namespace)?.matching(selector.matchLabels ?? {}) ?? []) {
      if (matches(set.labels)) for (const { row } of set.pods) yield row;
    }
  }
  podsWaiting(): Iterable<PodRow> {
    return this.podTable.waiting();
  }
  podsNominated(): Iterable<PodRow> {
    return this.podTable.nominated();
  }
  podsLeaving(): Iterable<PodRow> {
    return this.podTable.leaving();
  }
  *budgetsOf(pod: Uid): Iterable<ObjectRow> {
    for (const uid of this.podTable.entry(pod)?.labels.selectedBy("Budget") ?? []) {
      const row = this.objectTable.get(uid);
      if (row) yield row;
    }
  }
  get podCount(): number {
    return this.podTable.size;
  }

  // ---- nodes, volumes, objects, services ----

  node(name: NodeName): NodeRow | undefined {
    return this.nodeTable.get(name);
  }
  nodeByUid(uid: Uid): NodeRow | undefined {
    return this.nodeTable.byUid(uid);
  }
  nodes(): Iterable<NodeRow> {
    return this.nodeTable.rows();
  }
  groupCount(group: string, node: NodeName): number {
    return this.nodeTable.groupCount(group, node);
  }
  hostPortTaken(node: NodeName, hostPort: string): boolean {
    return this.nodeTable.hostPortTaken(node, hostPort);
  }
  roomBelow(node: NodeName, priority: number): Resources {
    return this.nodeTable.roomBelow(node, priority);
  }

  podsUsingClaim(namespace: string, claim: string): Iterable<PodRow> {
    return present(this.volumeTable.podsUsing(namespace, claim), (uid) => this.podTable.get(uid));
  }
  freeVolumes(storageClass: string): Iterable<ObjectRow> {
    return present(this.volumeTable.freeVolumes(storageClass), (uid) => this.objectTable.get(uid));
  }
  volumesFor(namespace: string, claim: string): Iterable<ObjectRow> {
    return present(this.volumeTable.volumesFor(namespace, claim), (uid) => this.objectTable.get(uid));
  }
  volumesToDelete(node: NodeName): Iterable<ObjectRow> {
    return present(this.volumeTable.volumesToDelete(node), (uid) => this.objectTable.get(uid));
  }
  claimsNaming(volume: string): Iterable<Uid> {
    return this.volumeTable.claimsNaming(volume);
  }
  /** Claims without a volume: of one class, or all. */
  unboundClaims(storageClass?: string): Iterable<Uid> {
    return this.volumeTable.unboundClaims(storageClass);
  }

  object(kind: string, namespace: string | undefined, name: string): ObjectRow | undefined {
    return this.objectTable.named(kind, namespace, name);
  }
  objectByUid(uid: Uid): ObjectRow | undefined {
    return this.objectTable.get(uid);
  }
  objects(kind: string, namespace?: string): Iterable<ObjectRow> {
    return this.objectTable.ofKind(kind, namespace);
  }
  unownedReplicaSets(namespace: string): Iterable<ObjectRow> {
    return this.objectTable.unownedReplicaSets(namespace);
  }
  everyObject(): Iterable<ObjectRow> {
    return this.objectTable.rows();
  }
  *dependents(owner: Uid): Iterable<ObjectRef> {
    for (const { ref } of this.podTable.ownedBy(owner)) yield ref;
    yield* this.owned.of(owner);
  }
  *everyOwner(): Iterable<Uid> {
    yield* this.podTable.owners();
    yield* this.owned.owners();
  }
  refOf(uid: Uid): ObjectRef | undefined {
    return (this.podTable.get(uid) ?? this.objectTable.get(uid) ?? this.nodeTable.byUid(uid))?.ref;
  }
  appliedTo(uid: Uid): Manifests {
    return this.objectTable.get(uid)?.applied ?? this.manifests.get(uid) ?? noManifests;
  }
  templateOf(owner: Uid): { readonly id: string; readonly value: PodTemplateSpec } | undefined {
    return this.templates.get(owner);
  }
  template(owner: Uid): Template | undefined {
    return this.templates.get(owner);
  }

  serviceEntry(namespace: string, name: string): ServiceEntry | undefined {
    const service = this.objectTable.named("Service", namespace, name);
    const manual = this.objectTable.named("Endpoints", namespace, name);
    return service && this.serviceTable.entry(service, manual, (uid) => this.pod(uid));
  }
  *serviceEntries(): Iterable<ServiceEntry> {
    for (const { ref } of this.objectTable.ofKind("Service")) {
      const entry = this.serviceEntry(ref.namespace ?? "", ref.name);
      if (entry) yield entry;
    }
  }
  endpointSubsets(service: Uid): readonly EndpointSubsetValue[] | undefined {
    return this.serviceTable.subsets(service);
  }
  isServing(pod: Uid): boolean {
    const row = this.podTable.get(pod);
    if (!row) return false;
    for (const service of this.objectTable.ofKind("Service", row.ref.namespace)) {
      if (this.serviceTable.serves(service.ref.uid, pod)) return true;
    }
    return false;
  }
  clusterIpOwner(ip: string): Uid | undefined {
    return this.serviceTable.ipOwner(ip);
  }
  nodePortOwner(port: number): Uid | undefined {
    return this.serviceTable.nodePortOwner(port);
  }

  commandResult(id: CommandId): CommandResult | undefined {
    return this.results.get(id);
  }
  render(kind: string, namespace: string | undefined, name: string): ApiObject | undefined {
    return renderObject(this, kind, namespace, name);
  }
  list(kind: string, namespace?: string): Iterable<ApiObject> {
    return listObjects(this, kind, namespace);
  }

  digest(): string {
    return digestOf({
      head: this.head,
      pods: this.pods(),
      nodes: this.nodes(),
      objects: this.objectTable.rows(),
      templates: this.templates,
      manifests: this.manifests,
      results: this.results.entries(),
      subsets: this.serviceTable.allSubsets(),
    });
  }
}

function* present<Row>(uids: Iterable<Uid>, rowOf: (uid: Uid) => Row | undefined): Iterable<Row> {
  for (const uid of uids) {
    const row = rowOf(uid);
    if (row) yield row;
  }
}
