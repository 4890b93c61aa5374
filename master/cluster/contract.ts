// The shapes that the rest of the master stands on: rows, the state's reading side, decide and evolve.
// Pure: no clock, no I/O, no chance but what comes in through DecideContext.

import type {
  BerthEvent,
  CommandEnvelope,
  CommandId,
  CommandResult,
  DeletePropagation,
  EndpointSubsetValue,
  Epoch,
  LabelSelector,
  LogId,
  MasterId,
  NodeName,
  NodeRegistration,
  NodeStatus,
  ObjectMeta,
  ObjectRef,
  Outcome,
  Placement,
  PodCondition,
  PodSpec,
  PodStatus,
  PodTemplateSpec,
  Position,
  Positioned,
  Refusal,
  Result,
  ServiceEntry,
  SessionId,
  Taint,
  ApiObject,
  Uid,
} from "../../protocol/mod.ts";
import type { Vault } from "../secrets/mod.ts";

export interface Resources {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

/** One pod. Pods of one template share `spec`, labels and annotations by reference. Rows are immutable. */
export interface PodRow {
  readonly ref: ObjectRef & { readonly namespace: string };
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  /** Key of equal pods: the template, or the pod's own uid. The scheduler evaluates a group once. */
  readonly group: string;
  /** Uid of the controlling owner. */
  readonly owner?: Uid;
  readonly node?: NodeName;
  /** Leader's time at which it got its node. */
  readonly boundAt?: number;
  /** As observed, or `{ phase: "Pending" }` before. */
  readonly status: PodStatus;
  /** What others than its node have said of it; absent means nothing. */
  readonly conditions?: readonly PodCondition[];
  readonly ready: boolean;
  /** Effective requests (containers summed, or the largest init container), `pods` is 1. */
  readonly requests: Resources;
  /** `ip/protocol/port` of host ports. */
  readonly hostPorts: readonly string[];
  readonly createdAt: number;
  /** Position of the event that made it: the order of pods that were created at the same time. */
  readonly born?: Position;
  /** Leader's time at which it was last seen to become ready; absent while it is not. */
  readonly readyAt?: number;
  readonly deletion?: {
    readonly requestedAt: number;
    readonly position: Position;
    readonly graceSeconds: number;
    readonly reason: string;
    /** The node may send SIGTERM. */
    readonly released: boolean;
    /** Some service led to it when its deletion was asked for; false is released at once. */
    readonly serving?: boolean;
    /** No service leads to it since this position: what every ready node's endpoints-ack has to reach. */
    readonly left?: Position;
  };
  /** The control plane failed it (its node was lost, rebooted, or lost it): a node that still has it must stop it. */
  readonly givenUp?: { readonly reason: string };
  readonly refusal?: Refusal;
  /** Pods of lower priority are leaving this node to make room for it. */
  readonly nominated?: NodeName;
  /** Last event that changed it: `metadata.resourceVersion`. */
  readonly position: Position;
  /** Last event that changed what its node should do: AssignedPod.position. */
  readonly assigned: Position;
}

export interface NodeRow {
  readonly ref: ObjectRef;
  readonly name: NodeName;
  readonly metadata: ObjectMeta;
  readonly registration?: NodeRegistration;
  readonly session: SessionId;
  readonly state: "Ready" | "Suspected" | "Lost";
  /** Somebody vouched that nothing runs there any more; until it is heard again. */
  readonly fenced?: true;
  /** Leader's time of the last confirmation of leases there. */
  readonly leased?: number;
  /** As above, of a machine that had this name before: its pods may run there until that is over. */
  readonly leasedBefore?: number;
  /** When `state` last changed. */
  readonly since: number;
  readonly podCidr: string;
  readonly unschedulable: boolean;
  /** Users' taints and the control plane's own (`node.kubernetes.io/unreachable`, …). */
  readonly taints: readonly Taint[];
  readonly allocatable: Resources;
  readonly used: Resources;
  /** Highest status report number in the log for this session. */
  readonly reported: number;
  /** What the agent said of the node beyond its registration (conditions, images). */
  readonly observed?: NodeStatus;
  readonly position: Position;
}

/** An object of any kind but Pod and Node. */
export interface ObjectRow {
  readonly ref: ObjectRef;
  /** metadata and spec as stored, defaults applied. */
  readonly value: ApiObject;
  readonly status: Readonly<Record<string, unknown>>;
  /** Last manifest by field manager, verbatim, for three-way merges. */
  readonly applied: Readonly<Record<string, ApiObject>>;
  readonly deletion?: {
    readonly requestedAt: number;
    readonly propagation: DeletePropagation;
    readonly position: Position;
  };
  readonly position: Position;
}

/** Names the work of one controller on one object; evolve marks them, the turn reconciles them. */
export interface DirtyKey {
  readonly controller: ControllerName;
  /** Uid of the object that the controller reconciles (a Service for endpoints, a Namespace for namespaces, …). */
  readonly uid: Uid;
}
export type ControllerName =
  | "replication"
  | "deployment"
  | "daemon-set"
  | "stateful-set"
  | "job"
  | "cron-job"
  | "config-rollout"
  | "endpoints"
  | "termination"
  | "node-pods"
  | "disruption"
  | "garbage"
  | "namespace"
  | "claim"
  | "volume"
  | "pod-claims";

export interface UndoMark {
  readonly depth: number;
}

/** The cluster, folded. Mutable inside, changed by `evolve` alone; everything here only reads. */
export interface ClusterState {
  readonly position: Position;
  readonly logId: LogId | undefined;
  readonly epoch: Epoch;
  readonly leader: MasterId | undefined;
  /** Leader's time of the last claim. */
  readonly electedAt: number;
  readonly level: number;
  /** Leader's time of the last event: `now` in decide is never below it. */
  readonly at: number;
  readonly podCidr: string;
  readonly serviceCidr: string;

  pod(uid: Uid): PodRow | undefined;
  podNamed(namespace: string, name: string): PodRow | undefined;
  pods(namespace?: string): Iterable<PodRow>;
  podsOnNode(node: NodeName): Iterable<PodRow>;
  podsOwnedBy(owner: Uid): Iterable<PodRow>;
  /** Pods whose labels match, in one namespace; uses the label index for equality selectors. */
  podsMatching(namespace: string, selector: Readonly<Record<string, string>>): Iterable<PodRow>;
  /** Unbound, not deleted: highest priority first, then oldest. */
  podsWaiting(): Iterable<PodRow>;
  /** Of those, the ones for which others are leaving a node. */
  podsNominated(): Iterable<PodRow>;
  /** Deletion asked for, SIGTERM not yet allowed: what the endpoints' acknowledgements are waited for. */
  podsLeaving(): Iterable<PodRow>;
  /** Pods that a label selector (set based ones too) selects. An absent or empty selector selects nothing. */
  podsSelected(namespace: string, selector: LabelSelector): Iterable<PodRow>;
  /** Disruption budgets that select this pod. */
  budgetsOf(pod: Uid): Iterable<ObjectRow>;
  readonly podCount: number;

  node(name: NodeName): NodeRow | undefined;
  nodeByUid(uid: Uid): NodeRow | undefined;
  nodes(): Iterable<NodeRow>;
  /** How many pods of this group are on this node: for spreading equals. */
  groupCount(group: string, node: NodeName): number;
  hostPortTaken(node: NodeName, hostPort: string): boolean;
  /** What pods of lower priority hold on this node, and pods of any priority that are on their way out. */
  roomBelow(node: NodeName, priority: number): Resources;

  /** Pods that use this claim, whether or not it exists. */
  podsUsingClaim(namespace: string, claim: string): Iterable<PodRow>;
  /** Volumes of a class ("" for none) that nobody has. */
  freeVolumes(storageClass: string): Iterable<ObjectRow>;
  /** Volumes that name this claim as theirs. */
  volumesFor(namespace: string, claim: string): Iterable<ObjectRow>;
  /** Volumes whose data this node is to delete. */
  volumesToDelete(node: NodeName): Iterable<ObjectRow>;

  object(kind: string, namespace: string | undefined, name: string): ObjectRow | undefined;
  objectByUid(uid: Uid): ObjectRow | undefined;
  objects(kind: string, namespace?: string): Iterable<ObjectRow>;
  /** Replica sets of a namespace that no owner controls. */
  unownedReplicaSets(namespace: string): Iterable<ObjectRow>;
  /** Everything that names this uid as an owner. */
  dependents(owner: Uid): Iterable<ObjectRef>;
  /** Of whatever kind: what this uid names now. */
  refOf(uid: Uid): ObjectRef | undefined;
  /** Last manifest by field manager, of any kind (an ObjectRow has its own at hand). */
  appliedTo(uid: Uid): Readonly<Record<string, ApiObject>>;
  /** The template that this owner's pods are made of, once it has been recorded. */
  templateOf(owner: Uid): { readonly id: string; readonly value: PodTemplateSpec } | undefined;

  /** Services as data planes need them, and the position of the last change of any (for the chain). */
  serviceEntry(namespace: string, name: string): ServiceEntry | undefined;
  serviceEntries(): Iterable<ServiceEntry>;
  readonly servicesPosition: Position;
  /** Subsets that the endpoints controller wrote last; undefined before its first time. */
  endpointSubsets(service: Uid): readonly EndpointSubsetValue[] | undefined;
  /** Some service leads traffic to this pod. */
  isServing(pod: Uid): boolean;
  /** The service that has this virtual IP, or the node port. */
  clusterIpOwner(ip: string): Uid | undefined;
  nodePortOwner(port: number): Uid | undefined;

  /** Result of a command of the last 15 minutes. */
  commandResult(id: CommandId): CommandResult | undefined;

  /** Any object in its Kubernetes shape, with resourceVersion; for reads, assignments and watches. */
  render(kind: string, namespace: string | undefined, name: string): ApiObject | undefined;
  list(kind: string, namespace?: string): Iterable<ApiObject>;

  /** Keys marked since they were last taken; at most `limit`. */
  takeDirty(limit: number): readonly DirtyKey[];
  readonly dirtyCount: number;
  /** The event that marked this key (of those in the queue or just taken): what its commands name as cause. */
  causeOf(controller: ControllerName, uid: Uid): Position | undefined;
  /** After a claim every key is dirty. */
  markAllDirty(): void;
  /**
   * Due times derived from state: ms since 1970 -> keys to mark then. Earliest first.
   * What it answers it has taken off the timers and marked dirty; `undo` arms it again.
   */
  dueBefore(now: number): readonly DirtyKey[];
  readonly nextDueAt: number | undefined;

  /** Starts a speculative stretch; `undo(mark)` takes back every event since, `forget(mark)` keeps them for good. */
  mark(): UndoMark;
  undo(mark: UndoMark): void;
  forget(mark: UndoMark): void;

  /** Canonical, order-independent hash of everything folded (sha-256 hex): equal logs give equal digests. */
  digest(): string;
}

export interface DecideContext {
  /** Leader's time, ms since 1970; at least `state.at`. */
  readonly now: number;
  uuid(): string;
  suffix(length: number): string;
  /** Seals secrets, always in the same way: no chance takes part. Without one the cluster takes no secrets. */
  readonly vault?: Vault | undefined;
}

export interface Decision {
  readonly events: readonly BerthEvent[];
  /** For user commands. `object` is what it is about, to be rendered once the commit is accepted. */
  readonly outcome?: Outcome;
  readonly object?: ObjectRef;
  /** For dryRun: the object as it would be. */
  readonly preview?: ApiObject;
  readonly warnings?: readonly string[];
}

/** Pure. Refusals are values; a throw is a bug. No events and no error is a no-op ("unchanged"). */
export type Decide = (
  state: ClusterState,
  envelope: CommandEnvelope,
  context: DecideContext,
) => Result<Decision>;
/** Applies one accepted or speculative event. Never fails on an event that decide made; skips what it cannot place. */
export type Evolve = (state: ClusterState, event: Positioned) => void;
/** Level-triggered: what this controller wants now for this object. */
export type Reconcile = (state: ClusterState, uid: Uid, now: number) => readonly CommandEnvelope[];

// ---- scheduler ----

export interface Binding {
  readonly pod: Uid;
  readonly node: NodeName;
  readonly placement: Placement;
}
export interface SchedulingPlan {
  readonly bindings: readonly Binding[];
  /** One refusal for a group of equal pods. */
  readonly refusals: readonly { readonly pods: readonly Uid[]; readonly refusal: Refusal }[];
  /** Refused pods that get the place of others. */
  readonly preemptions: readonly Preemption[];
  /** Refused pods for which nobody has looked yet whether others would have to make room: the plan was long enough. */
  readonly unexamined: readonly Uid[];
}
export interface Preemption {
  readonly pod: Uid;
  readonly node: NodeName;
  readonly victims: readonly ObjectRef[];
}
/** Pure: reads the state through this part of it only. */
export type SchedulingSnapshot = Pick<
  ClusterState,
  | "nodes"
  | "node"
  | "groupCount"
  | "hostPortTaken"
  | "podsOnNode"
  | "object"
  | "podsUsingClaim"
  | "freeVolumes"
  | "podsNominated"
  | "roomBelow"
  | "budgetsOf"
  | "pods"
  | "podsSelected"
  | "objectByUid"
>;
export type PlanPods = (snapshot: SchedulingSnapshot, pods: readonly PodRow[], now: number) => SchedulingPlan;

/** Endpoint subsets of a service, as the endpoints controller computes them. */
export type ComputeEndpoints = (state: ClusterState, service: Uid) => readonly EndpointSubsetValue[];
