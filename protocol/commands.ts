// What the leader decides: the union of all commands, from users (through the API), agents (through nodes/),
// and controllers. Controllers return these as data; `decide` turns them into events or refuses them.

import type { CommandId, NodeName, Position, SessionId, Uid } from "./ids.ts";
import type { FieldValidation } from "./objects/admit.ts";
import type { ApiObject, NodeStatus, ObjectRef, PodStatus, Taint } from "./objects/object.ts";

export type DeletePropagation = "Foreground" | "Background" | "Orphan";

/** Who asked: `user:admin`, `node:n1`, `controller:replication`, `scheduler`, `master:<id>`. */
export type Principal = string;

/** Optional conditions on an existing object; a mismatch is a Conflict. */
export interface Preconditions {
  readonly uid?: Uid;
  readonly resourceVersion?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** How a patch is written: RFC 7386, Kubernetes' strategic merge patch (lists by their keys), or RFC 6902. */
export type PatchType = "merge" | "strategic" | "json";
export type ObjectPatch = Fields | readonly Fields[];

export type UserCommand =
  /** Fails with AlreadyExists. `generateName` is drawn in decide. */
  | {
      readonly type: "CreateObject";
      readonly object: ApiObject;
      readonly manager?: string;
      readonly validation?: FieldValidation;
      readonly dryRun?: boolean;
    }
  /** Replaces spec and user metadata; NotFound if absent; Conflict if `metadata.resourceVersion` is set and stale. */
  | {
      readonly type: "ReplaceObject";
      readonly object: ApiObject;
      readonly manager?: string;
      readonly validation?: FieldValidation;
      readonly dryRun?: boolean;
    }
  /**
   * Creates, or merges three ways with what this manager applied last. `serverSide` refuses (Conflict) to change what
   * another manager owns, unless it is forced.
   */
  | {
      readonly type: "ApplyObject";
      readonly object: ApiObject;
      readonly manager: string;
      readonly serverSide?: boolean;
      readonly force?: boolean;
      readonly validation?: FieldValidation;
      readonly dryRun?: boolean;
    }
  /** A patch of the object; `subresource: "scale"` patches `{spec:{replicas}}`. */
  | {
      readonly type: "PatchObject";
      readonly kind: string;
      readonly namespace?: string;
      readonly name: string;
      readonly patch: ObjectPatch;
      /** Default: merge. */
      readonly patchType?: PatchType;
      /** A pod's ephemeral containers are added by this way alone, and its conditions are set by the other. */
      readonly subresource?: "ephemeralcontainers" | "status";
      readonly preconditions?: Preconditions;
      readonly manager?: string;
      readonly validation?: FieldValidation;
      readonly dryRun?: boolean;
    }
  | {
      readonly type: "DeleteObject";
      readonly kind: string;
      readonly namespace?: string;
      readonly name: string;
      /** Seconds; absent means the pod's own terminationGracePeriodSeconds; 0 forces. */
      readonly gracePeriodSeconds?: number;
      readonly propagation?: DeletePropagation;
      readonly preconditions?: Preconditions;
      readonly dryRun?: boolean;
    }
  /** Deletes a pod if the disruption budgets that select it allow it: the `eviction` subresource. */
  | {
      readonly type: "EvictPod";
      readonly namespace: string;
      readonly name: string;
      readonly gracePeriodSeconds?: number;
      readonly preconditions?: Preconditions;
      readonly dryRun?: boolean;
    }
  /** Somebody vouches that nothing runs on this lost node any more: what waited for that is replaced. */
  | {
      readonly type: "FenceNode";
      readonly node: NodeName;
      readonly reason?: string;
      readonly dryRun?: boolean;
    };

/** What one pod has beyond its template. */
export interface PodMember {
  /** Its whole name; without one it is drawn, after `prefix` or the owner's name. */
  readonly name?: string;
  readonly prefix?: string;
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Names of its own claims by the volumes of its template. */
  readonly claims?: Readonly<Record<string, string>>;
}

export type ControllerCommand =
  /** Creates `count` pods of the owner's template, in one commit where it fits; with `nodes`, one for each of them. */
  | {
      readonly type: "CreatePods";
      readonly owner: ObjectRef;
      readonly count: number;
      readonly reason: string;
      readonly nodes?: readonly NodeName[];
      /** What is each pod's own, with one entry for each of them. */
      readonly members?: readonly PodMember[];
      /** The ControllerRevision of the owner's whose template they are made of; absent means the present one. */
      readonly revision?: string;
    }
  /** Creates an object of the owner's own (a replica set, a job), with the owner's reference on it. */
  | {
      readonly type: "CreateOwned";
      readonly owner: ObjectRef;
      readonly object: ApiObject;
      readonly reason: string;
    }
  /** The whole new value of an object, without status; the reason is told in its event. */
  | {
      readonly type: "ChangeObject";
      readonly object: ObjectRef;
      readonly value: ApiObject;
      readonly reason: string;
    }
  /** An autoscaler changes its target's replicas, from figures that are not in the log: the reason tells them. */
  | {
      readonly type: "Autoscale";
      readonly autoscaler: ObjectRef;
      readonly target: ObjectRef;
      readonly from: number;
      readonly to: number;
      readonly status: Readonly<Record<string, unknown>>;
      readonly reason: string;
    }
  | {
      readonly type: "DeletePod";
      readonly pod: ObjectRef;
      readonly reason: string;
      readonly force?: boolean;
      /** Goes in the same commit: the pod is no longer held by it. */
      readonly finalizer?: string;
    }
  /** Pods of a job that have ended: their counts and the end of their holding are one commit, so each counts once. */
  | {
      readonly type: "CountJobPods";
      readonly job: ObjectRef;
      readonly pods: readonly ObjectRef[];
      readonly status: Readonly<Record<string, unknown>>;
    }
  /** Its node is lost and it may run there still: it is not ready, and nothing replaces it. */
  | { readonly type: "MarkPodUnreachable"; readonly pod: ObjectRef; readonly message: string }
  | { readonly type: "AdoptPod"; readonly pod: ObjectRef; readonly owner: ObjectRef }
  | { readonly type: "ReleasePod"; readonly pod: ObjectRef; readonly owner: ObjectRef }
  | {
      readonly type: "UpdateStatus";
      readonly object: ObjectRef;
      readonly status: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: "SetEndpoints";
      readonly service: ObjectRef;
      readonly subsets: readonly EndpointSubsetValue[];
    }
  | {
      readonly type: "ReleaseTermination";
      readonly pod: ObjectRef;
      readonly reason: "NotServing" | "Acknowledged" | "WaitEnded";
    }
  /** Binds a claim to a volume that is there, or to one that is made for it on `node`. */
  | {
      readonly type: "BindClaim";
      readonly claim: ObjectRef;
      readonly volume?: ObjectRef;
      readonly node?: NodeName;
    }
  /** A claim that a pod needs; with an owner it is that pod's, and goes with it. */
  | {
      readonly type: "CreateClaim";
      readonly object: ApiObject;
      readonly owner?: ObjectRef;
      readonly reason: string;
    }
  /** Whom a claim of a stateful set's goes with: the set, one of its pods, or (without owner) nobody. */
  | {
      readonly type: "SetClaimOwner";
      readonly claim: ObjectRef;
      readonly set: ObjectRef;
      readonly owner?: ObjectRef;
      readonly reason: string;
    }
  | { readonly type: "FailPod"; readonly pod: ObjectRef; readonly reason: string; readonly message: string }
  | { readonly type: "RemoveObject"; readonly object: ObjectRef; readonly reason: string }
  | { readonly type: "RemoveFinalizer"; readonly object: ObjectRef; readonly finalizer: string }
  | {
      readonly type: "BindPod";
      readonly pod: ObjectRef;
      readonly node: NodeName;
      readonly placement: Placement;
    }
  /** The pod gets the place of these pods of lower priority, which go: all in one commit. */
  | {
      readonly type: "PreemptPods";
      readonly pod: ObjectRef;
      readonly node: NodeName;
      readonly victims: readonly ObjectRef[];
    }
  | { readonly type: "RefusePod"; readonly pod: ObjectRef; readonly refusal: Refusal }
  | {
      readonly type: "SetTaints";
      readonly node: NodeName;
      readonly taints: readonly Taint[];
      readonly reason: string;
    };

export type NodeCommand =
  | { readonly type: "RegisterNode"; readonly node: NodeName; readonly registration: NodeRegistration }
  | { readonly type: "SuspectNode"; readonly node: NodeName; readonly silentMs: number }
  | { readonly type: "LoseNode"; readonly node: NodeName; readonly silentMs: number }
  | { readonly type: "RecoverNode"; readonly node: NodeName; readonly session: SessionId }
  /** Of heartbeats that ask for it: the leases of the pods on these nodes go on. */
  | {
      readonly type: "ConfirmLeases";
      readonly nodes: readonly { readonly node: NodeName; readonly session: SessionId }[];
    }
  /** The newest status of each pod since the last report that was committed. */
  | {
      readonly type: "ReportPods";
      readonly node: NodeName;
      readonly session: SessionId;
      readonly number: number;
      readonly pods: readonly PodReport[];
    }
  /** The data of a released volume is gone from the node; `error` says why it could not be deleted. */
  | {
      readonly type: "ReportVolume";
      readonly node: NodeName;
      readonly session: SessionId;
      readonly volume: Uid;
      readonly error?: string;
    }
  | {
      readonly type: "ReportNode";
      readonly node: NodeName;
      readonly session: SessionId;
      readonly status: NodeStatus;
    };

export type Command = UserCommand | ControllerCommand | NodeCommand;

/** A command with everything decide needs to attribute it. `id` is absent for controllers: their cause is an event. */
export interface CommandEnvelope {
  readonly id?: CommandId;
  readonly by: Principal;
  /** Position of the event that led to it, for controllers. */
  readonly cause?: Position;
  readonly command: Command;
}

/** What an agent says of itself when it registers. Sizes in bytes, CPU in thousandths of a core. */
export interface NodeRegistration {
  readonly agentVersion: string;
  /** Changes with every boot of the host: proof that what ran before is gone. */
  readonly bootId: string;
  readonly instance: string;
  readonly hostname: string;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly capacity: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
  readonly runtime: {
    readonly name: string;
    readonly version: string;
    readonly details?: Readonly<Record<string, string>>;
  };
  readonly os: {
    readonly platform: string;
    readonly arch: string;
    readonly kernel: string;
    readonly image?: string;
  };
  /** X25519, raw, in base64url: what secrets for this node are sealed to. Without it a node is sent no secrets. */
  readonly publicKey?: string;
}

/** Status of one pod as its node sees it. `gone`: every container and resource of it is removed. */
export interface PodReport {
  readonly uid: Uid;
  readonly status: PodStatus;
  readonly gone?: boolean;
}

export interface EndpointAddressValue {
  readonly ip: string;
  readonly nodeName: NodeName;
  readonly pod: { readonly name: string; readonly uid: Uid };
}
/** As a Kubernetes endpoint subset: each address with each port; `ready` and not ready apart. */
export interface EndpointSubsetValue {
  readonly addresses: readonly EndpointAddressValue[];
  readonly notReadyAddresses: readonly EndpointAddressValue[];
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol: string }[];
}

/** Why this node: counts per filter and the best scores, for a group of equal pods, never a score per node per pod. */
export interface Placement {
  readonly candidates: number;
  readonly refused: Readonly<Record<string, number>>;
  /** At most five, best first. */
  readonly scores: readonly {
    readonly node: NodeName;
    readonly score: number;
    readonly parts: Readonly<Record<string, number>>;
  }[];
}
/** Why nowhere: how many nodes each filter refused, e.g. `{ "Insufficient cpu": 2, "node is cordoned": 1 }`. */
export interface Refusal {
  readonly nodes: number;
  readonly refused: Readonly<Record<string, number>>;
  /** One sentence, as Kubernetes words it: `0/3 nodes are available: 2 Insufficient cpu, 1 node is cordoned.` */
  readonly message: string;
}
