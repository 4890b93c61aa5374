// What the log holds: the union of all events, past tense. Old events stay readable for ever:
// a released version's meaning never changes; new shapes get a new version and an upcaster.

import type {
  DeletePropagation,
  EndpointSubsetValue,
  NodeRegistration,
  Placement,
  Principal,
  Refusal,
} from "./commands.ts";
import type { Failure } from "./errors.ts";
import type { CommandId, Epoch, LogId, MasterId, NodeName, Position, Sequence, SessionId } from "./ids.ts";
import type {
  ApiObject,
  NodeStatus,
  ObjectRef,
  OwnerReference,
  PodCondition,
  PodStatus,
  PodTemplateSpec,
  Taint,
} from "./objects/object.ts";

/** Fields of every event. The position is not stored: it is the commit's `firstPosition` plus the index. */
export interface EventHeader {
  readonly version: number;
  /** Leader's time in ms since 1970; never goes back along the log. */
  readonly at: number;
  readonly by: Principal;
  /** The command's id, or the position of the event that led to this one; absent for the log's first events. */
  readonly cause?: CommandId | Position;
}

export type ClusterEvent = EventHeader &
  (
    | { readonly type: "LogCreated"; readonly logId: LogId }
    | { readonly type: "LogRestored"; readonly logId: LogId }
    | { readonly type: "LevelRaised"; readonly level: number }
    /** Address ranges in CIDR notation; the first configuration stands until another is appended. */
    | { readonly type: "ClusterConfigured"; readonly podCidr: string; readonly serviceCidr: string }
    | { readonly type: "LeaderElected"; readonly epoch: Epoch; readonly master: MasterId }
    | { readonly type: "LeaderStoodDown"; readonly epoch: Epoch; readonly master: MasterId }
    /** The heartbeats of these nodes came before this: the leases of their pods may be told to go on. */
    | { readonly type: "LeasesConfirmed"; readonly nodes: readonly NodeName[] }
    /** The result of a client's command, kept 15 minutes of `at` so that a retry takes effect once. */
    | { readonly type: "CommandCompleted"; readonly command: CommandId; readonly result: CommandResult }
  );

export type CommandResult =
  | {
      readonly ok: true;
      readonly outcome: "created" | "configured" | "unchanged" | "deleted";
      readonly object: ObjectRef;
    }
  | { readonly ok: false; readonly error: Failure };

type About = { readonly object: ObjectRef };

export type ObjectEvent = EventHeader &
  About &
  /** `value` has defaults applied and status empty; `submitted` is what the user sent, verbatim (absent for controllers). */
  (
    | {
        readonly type: "ObjectCreated";
        readonly value: ApiObject;
        readonly submitted?: ApiObject;
        readonly manager?: string;
        readonly operation?: "Create" | "Apply";
        /** Why a controller made it. */
        readonly reason?: string;
      }
    /** The whole new value without status: metadata and spec. `fields` names what differs, for people. */
    | {
        readonly type: "ObjectUpdated";
        readonly value: ApiObject;
        readonly fields: readonly string[];
        readonly submitted?: ApiObject;
        readonly manager?: string;
        readonly operation?: "Update" | "Apply" | "Patch" | "Scale";
        /** Why a controller changed it. */
        readonly reason?: string;
      }
    | { readonly type: "StatusUpdated"; readonly status: Readonly<Record<string, unknown>> }
    | {
        readonly type: "DeletionRequested";
        readonly propagation: DeletePropagation;
        readonly gracePeriodSeconds?: number;
        readonly reason: string;
      }
    | { readonly type: "FinalizerRemoved"; readonly finalizer: string }
    /** The object is gone from the cluster. */
    | { readonly type: "ObjectDeleted"; readonly reason: string }
    /** Owners change when a controller adopts or releases, or when an owner was deleted with Orphan. */
    | { readonly type: "OwnersChanged"; readonly owners: readonly OwnerReference[]; readonly reason: string }
  );

export type PodEvent = EventHeader &
  About &
  /** The pod template that following PodCreated events name by `template`; recorded once per revision of an owner. */
  (
    | { readonly type: "TemplateRecorded"; readonly template: string; readonly value: PodTemplateSpec }
    /** A pod made by a controller from a recorded template. Pods that users make are ObjectCreated. */
    | {
        readonly type: "PodCreated";
        readonly template: string;
        readonly owner: OwnerReference;
        readonly reason: string;
        /** The one node that it is for: a daemon set's pods. */
        readonly node?: NodeName;
        /** Its own, over the template's. */
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
        readonly hostname?: string;
        /** Names of its own claims by the volumes of its template. */
        readonly claims?: Readonly<Record<string, string>>;
      }
    | { readonly type: "PodBound"; readonly node: NodeName; readonly placement?: Placement }
    | { readonly type: "PodUnschedulable"; readonly refusal: Refusal }
    /** Pods of lower priority leave this node to make room for it; it is not bound yet. */
    | { readonly type: "PodNominated"; readonly node: NodeName; readonly victims: readonly ObjectRef[] }
    | { readonly type: "PodStatusObserved"; readonly node: NodeName; readonly status: PodStatus }
    /** What others than its node and the scheduler say of the pod, all of it: its readiness gates wait for that. */
    | { readonly type: "PodConditionsSet"; readonly conditions: readonly PodCondition[] }
    /** Endpoints no longer lead to it (or never did): its node may send SIGTERM now. */
    | { readonly type: "TerminationReleased"; readonly reason: "NotServing" | "Acknowledged" | "WaitEnded" }
    | { readonly type: "PodFailed"; readonly reason: string; readonly message: string }
  );

export type NodeEvent = EventHeader &
  About &
  /** Its position is the session's id. Creates the Node object if it is new. */
  (
    | { readonly type: "NodeRegistered"; readonly registration: NodeRegistration; readonly podCidr: string }
    | { readonly type: "NodeSuspected"; readonly silentMs: number }
    | { readonly type: "NodeLost"; readonly silentMs: number }
    | { readonly type: "NodeRecovered"; readonly session: SessionId }
    /** Somebody vouched that nothing runs there any more, until it is heard again. */
    | { readonly type: "NodeFenced"; readonly reason: string }
    | { readonly type: "NodeStatusObserved"; readonly status: NodeStatus }
    | { readonly type: "TaintsChanged"; readonly taints: readonly Taint[]; readonly reason: string }
    /** Status reports up to this number of this session are in the log. */
    | { readonly type: "ReportsReceived"; readonly session: SessionId; readonly number: number }
  );

export type ServiceEvent = EventHeader &
  About /** `object` is the Service. Creates, replaces or (no subsets) empties the Endpoints object of the same name. */ & {
    readonly type: "EndpointsChanged";
    readonly subsets: readonly EndpointSubsetValue[];
  };

export type BerthEvent = ClusterEvent | ObjectEvent | PodEvent | NodeEvent | ServiceEvent;
export type EventType = BerthEvent["type"];

/** An event with its place in the log. */
export type Positioned<E extends BerthEvent = BerthEvent> = E & { readonly position: Position };

/** One message of the log: events that are accepted together or not at all. */
export interface Commit {
  /** Version of the commit's own shape. */
  readonly version: 1;
  readonly epoch: Epoch;
  /** Stream sequence of the last accepted commit; readers skip a commit whose `previous` does not match. */
  readonly previous: Sequence;
  readonly firstPosition: Position;
  readonly events: readonly BerthEvent[];
}

/** Headers of a commit's message, for people with the NATS CLI. */
export const commitHeaders = {
  events: "Berth-Events",
  objects: "Berth-Objects",
  by: "Berth-By",
  command: "Berth-Command",
  epoch: "Berth-Epoch",
  position: "Berth-Position",
} as const;

/** Soft and hard limit of a commit's bytes; a command whose events exceed the hard one is refused with TooLarge. */
export const commitSoftLimitBytes = 512 * 1024;
export const commitHardLimitBytes = 4 * 1024 * 1024;
