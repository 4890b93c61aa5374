// Messages between agents and the leader. Everything is level-triggered: a lost, doubled or reordered
// message changes nothing in the end, because positions and numbers say what is newer.

import type { NodeRegistration, PodReport } from "./commands.ts";
import type { Failure } from "./errors.ts";
import type { Epoch, LogId, NodeName, Position, SessionId, Uid } from "./ids.ts";
import type { ConfigName } from "./objects/config-references.ts";
import type { NodeStatus, Pod } from "./objects/object.ts";

/** Where a message of the leader stands: agents refuse what is older than (logId, epoch, position) on their disk. */
export interface LogPoint {
  readonly logId: LogId;
  readonly epoch: Epoch;
  readonly position: Position;
}

// ---- agent -> masters, on <prefix>.node.<node>.<message> ----

/** `register`: a request, answered by the leader with RegisterReply once the session's event is accepted. */
export interface RegisterMessage {
  readonly version: 1;
  readonly registration: NodeRegistration;
  /** What the agent remembers, absent on its first start. */
  readonly last?: LogPoint & { readonly session: SessionId };
  /** Pods that it runs now. */
  readonly pods: readonly Uid[];
}
export type RegisterReply =
  | {
      readonly ok: true;
      readonly version: 1;
      readonly session: SessionId;
      readonly point: LogPoint;
      /** Range for the addresses of this node's pods. */
      readonly podCidr: string;
      readonly serviceCidr: string;
      readonly heartbeatMs: number;
    }
  | { readonly ok: false; readonly version: 1; readonly error: Failure };

/** `heartbeat`: published every `heartbeatMs`; never in the log. */
export interface HeartbeatMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly logId: LogId;
  readonly epoch: Epoch;
  /** Position up to which assignments are applied, and the digest of what is wanted at it (see assignmentDigest). */
  readonly position: Position;
  readonly digest: number;
  /** Position up to which the endpoints table is applied. */
  readonly endpoints: Position;
  /** Last status report number sent. */
  readonly reported: number;
  /** Asks for the leases of its pods to go on: when it was sent, in the agent's own time. Absent without such pods. */
  readonly lease?: number;
}

/** `status`: published, and again until `status-committed` names its number or a later one. */
export interface StatusMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly number: number;
  readonly pods: readonly PodReport[];
  readonly node?: NodeStatus;
}

/** `sync`: asks for the whole assignment (`assign` with kind "full"). */
export interface SyncMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly reason: string;
}
/** `endpoints-sync`: a request, answered with EndpointsTable. */
export interface EndpointsSyncMessage {
  readonly version: 1;
  readonly session: SessionId;
}
/** `endpoints-ack`: the data plane of this node has every endpoint change up to `position`. */
export interface EndpointsAckMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly position: Position;
}

/** `volume-deleted`: the data of a released volume is gone; `error` says why it could not be deleted. */
export interface VolumeDeletedMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly volume: Uid;
  readonly error?: string;
}

/** `config`: a request for the content of a config map or secret that a pod of this node uses; answered with ConfigReply. */
export interface ConfigRequest extends ConfigName {
  readonly version: 1;
  readonly session: SessionId;
  readonly namespace: string;
}
export type ConfigReply =
  | {
      readonly ok: true;
      readonly version: 1;
      /** Absent when there is none, or no pod of this node uses it. */
      readonly content?: ConfigContent;
    }
  | { readonly ok: false; readonly version: 1; readonly error: Failure };
/** One of both: a config map's values, or a secret's sealed to the node's key (an encoded map of the same shape). */
export interface ConfigContent {
  readonly position: Position;
  readonly data?: Readonly<Record<string, Uint8Array>>;
  readonly sealed?: Uint8Array;
}
/** Under which words a secret is sealed for a node. */
export const configSealContext = (
  node: string,
  namespace: string,
  name: string,
  position: Position,
): string => `${node}/${namespace}/${name}/${position}`;

// ---- leader -> one agent, on <prefix>.agent.<node>.<message> ----

/** One wanted pod. `position` is that of the last event that changed what the agent should do about it. */
export interface AssignedPod {
  readonly uid: Uid;
  readonly position: Position;
  /** Whole object; `spec.nodeName` is this node; status is what the log last observed (for a new agent's orientation). */
  readonly pod: Pod;
  /** Present when it is to stop, and endpoints have let go of it: send SIGTERM now. 0 seconds kills at once. */
  readonly stop?: { readonly graceSeconds: number; readonly reason: string };
  /** Config maps and secrets of its namespace that it uses, and where each stands; the agent asks for their content. */
  readonly configs?: readonly ConfigReference[];
  /** Where the data of its claims is; a claim that is not here has none. */
  readonly volumes?: readonly AssignedVolume[];
}
export interface AssignedVolume {
  /** Of the pod's volumes. */
  readonly name: string;
  readonly source: VolumeSource;
  readonly readOnly?: boolean;
}
export type VolumeSource =
  /** A directory that the agent makes below its data folder; `begun` when data was there once. */
  | { readonly type: "directory"; readonly handle: string; readonly begun: boolean }
  /** A volume of the container engine, made by one of its drivers. */
  | {
      readonly type: "engine";
      readonly handle: string;
      readonly driver: string;
      readonly options: Readonly<Record<string, string>>;
      readonly begun: boolean;
    }
  /** Somebody else's path on the host; its type as in hostPath volumes. */
  | { readonly type: "path"; readonly path: string; readonly pathType: string };

/** `delete-volumes`: released volumes whose data the agent is to delete; said again until it has said that it is gone. */
export interface DeleteVolumesMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly volumes: readonly { readonly uid: Uid; readonly source: VolumeSource }[];
}
/** `position` is that of the object's last event; absent while there is no such object. */
export interface ConfigReference extends ConfigName {
  readonly position?: Position;
}

/** `assign`: the wanted state of one node. A delta applies only on top of exactly `from`; otherwise the agent syncs. */
export type AssignMessage = {
  readonly version: 1;
  readonly session: SessionId;
  readonly logId: LogId;
  readonly epoch: Epoch;
  readonly to: Position;
  readonly pods: readonly AssignedPod[];
  /** Digest of the whole wanted set after this message (see assignmentDigest). */
  readonly digest: number;
  /** Service table position that new pods need for their environment; the agent waits for it, at most 5 s. */
  readonly services: Position;
} & (
  | { readonly kind: "full" }
  | { readonly kind: "delta"; readonly from: Position; readonly removed: readonly Uid[] }
);

/** `status-committed`: reports up to `number` are in the log. */
export interface StatusCommittedMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly number: number;
}
/** `ping`: a request; the agent answers PongMessage at once. */
export interface PingMessage {
  readonly version: 1;
  readonly point: LogPoint;
}
export interface PongMessage {
  readonly version: 1;
  readonly session: SessionId;
}
/** `superseded`: another agent registered under this name; stop obeying this session. */
export interface SupersededMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly by: SessionId;
}

/** `lease`: these pods may run for a lease's time from `sent`, the `lease` of a heartbeat of this session. */
export interface LeaseMessage {
  readonly version: 1;
  readonly session: SessionId;
  readonly sent: number;
  readonly pods: readonly Uid[];
}

/** `stream`: a request that opens logs or exec; answered with StreamReply. Data flows on stream subjects (see api.ts). */
export type StreamRequest = {
  readonly version: 1;
  readonly stream: string;
  readonly user: string;
  readonly pod: Uid;
  readonly container: string;
} & (
  | {
      readonly kind: "logs";
      readonly follow: boolean;
      readonly previous: boolean;
      readonly tailLines?: number;
      readonly sinceSeconds?: number;
      readonly timestamps: boolean;
      readonly limitBytes?: number;
    }
  | {
      readonly kind: "exec";
      readonly command: readonly string[];
      readonly stdin: boolean;
      readonly tty: boolean;
    }
  /** The container's main process; with `replay` also what it has written so far. */
  | { readonly kind: "attach"; readonly stdin: boolean; readonly tty: boolean; readonly replay?: boolean }
  /** `stat`: a JSON text or nothing; `read`: a tar of what is there; `write`: a tar into the directory. */
  | { readonly kind: "archive"; readonly operation: "stat" | "read" | "write"; readonly path: string }
  /** One connection to a port of the pod. */
  | { readonly kind: "port-forward"; readonly port: number }
);
export type StreamReply =
  | { readonly ok: true; readonly version: 1 }
  | { readonly ok: false; readonly version: 1; readonly error: Failure };

// ---- services, on <prefix>.endpoints.<namespace>.<service> (leader -> agents) and as reply to endpoints-sync ----

export interface ServiceEndpoint {
  readonly ip: string;
  /** Target port of each service port, in the order of `ports`; 0 where this pod has none. */
  readonly ports: readonly number[];
  readonly node: NodeName;
  readonly pod: Uid;
  /** Its name within the service's domain. */
  readonly hostname?: string;
}
/** One service as data planes need it. */
export interface ServiceEntry {
  readonly namespace: string;
  readonly name: string;
  readonly uid: Uid;
  /** "None" for headless ones. */
  readonly clusterIP: string;
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: "TCP" | "UDP";
    readonly nodePort?: number;
  }[];
  /** What an ExternalName service stands for. */
  readonly externalName?: string;
  /** Seconds of ClientIP affinity; absent for none. */
  readonly affinitySeconds?: number;
  /** Ready ones only (all of them where publishNotReadyAddresses is set). */
  readonly endpoints: readonly ServiceEndpoint[];
}
/** One change. Changes form a chain over all services: a gap (`from` is not what I have) means endpoints-sync. */
export type EndpointsMessage = {
  readonly version: 1;
  readonly logId: LogId;
  readonly epoch: Epoch;
  readonly from: Position;
  readonly to: Position;
} & (
  | { readonly type: "service"; readonly service: ServiceEntry }
  | { readonly type: "removed"; readonly namespace: string; readonly name: string }
);
export interface EndpointsTable {
  readonly version: 1;
  readonly logId: LogId;
  readonly epoch: Epoch;
  readonly position: Position;
  readonly services: readonly ServiceEntry[];
}

/** `beat`, published by the leader on <prefix>.master.beat when it has committed nothing for a beat's time. */
export interface BeatMessage {
  readonly version: 1;
  readonly master: string;
  readonly epoch: Epoch;
  readonly logId: LogId;
  readonly position: Position;
  readonly at: number;
}

/** Config maps and secrets of one wanted pod, as its digest sees them; "" for a pod without. */
export const configsText = (configs: readonly ConfigReference[] = []): string =>
  configs.map(({ kind, name, position = "" }) => `;${kind}/${name}:${position}`).join("");

/**
 * Order-independent digest of a node's wanted pods: the sum modulo 2^48 of FNV-1a (32 bit) of `uid:position`, and
 * of `;kind/name:position` for each config that the pod uses, times 65521. Both sides keep it up by adding and
 * subtracting items.
 */
export function assignmentItemDigest(uid: Uid, position: Position, configs = ""): number {
  let hash = 0x811c9dc5;
  const text = `${uid}:${position}${configs}`;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return (hash * 65521) % digestModulus;
}
const digestModulus = 2 ** 48;
export const addDigest = (digest: number, item: number): number => (digest + item) % digestModulus;
export const removeDigest = (digest: number, item: number): number =>
  (digest - item + digestModulus) % digestModulus;
export const assignmentDigest = (
  items: Iterable<Pick<AssignedPod, "uid" | "position" | "configs">>,
): number => {
  let digest = 0;
  for (const { uid, position, configs } of items) {
    digest = addDigest(digest, assignmentItemDigest(uid, position, configsText(configs)));
  }
  return digest;
};
