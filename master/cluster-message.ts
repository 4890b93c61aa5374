// What the cluster actor takes: the one thread of a master through which the state changes.

import type { ReplyTo } from "../actors/mod.ts";
import type {
  BeatMessage,
  ConfigRequest,
  EndpointsAckMessage,
  EndpointsSyncMessage,
  HeartbeatMessage,
  NodeName,
  PodSpec,
  RegisterMessage,
  Result,
  SessionId,
  StatusMessage,
  SyncMessage,
  Uid,
  VolumeDeletedMessage,
} from "../protocol/mod.ts";
import type { Mutation } from "./api/mutation.ts";
import type { LeaderStatus } from "./leader-status.ts";
import type { Responder } from "./outbox.ts";

/** A message of an agent, checked against its schema. */
export type NodeInput =
  | { readonly type: "register"; readonly message: RegisterMessage; readonly responder: Responder }
  | { readonly type: "heartbeat"; readonly message: HeartbeatMessage }
  | { readonly type: "status"; readonly message: StatusMessage }
  | { readonly type: "sync"; readonly message: SyncMessage }
  | { readonly type: "endpoints-sync"; readonly message: EndpointsSyncMessage; readonly responder: Responder }
  | { readonly type: "config"; readonly message: ConfigRequest; readonly responder: Responder }
  | { readonly type: "volume-deleted"; readonly message: VolumeDeletedMessage }
  | { readonly type: "endpoints-ack"; readonly message: EndpointsAckMessage }
  /** Answers to our own ping. */
  | { readonly type: "pong"; readonly session: SessionId }
  | { readonly type: "no-responders" };

export interface CommandInput {
  readonly mutation: Mutation;
  /** When the client first sent it, ms since 1970. */
  readonly sentAt: number | undefined;
  readonly responder: Responder;
}

export interface PodLocation {
  readonly uid: Uid;
  readonly node: NodeName | undefined;
  readonly spec: PodSpec;
  readonly annotations: Readonly<Record<string, string>>;
}

export type ClusterMessage =
  /** The journal may have news. */
  | { readonly type: "journal" }
  /** Everything sent before this was received: time for a turn. */
  | { readonly type: "turn" }
  | { readonly type: "tick" }
  | { readonly type: "command"; readonly input: CommandInput }
  | { readonly type: "node"; readonly node: NodeName; readonly input: NodeInput }
  | { readonly type: "beat"; readonly beat: BeatMessage }
  | {
      readonly type: "claim";
      readonly lastSequence: number;
      /** Server's clock, where the log says it. */
      readonly serverTime: number | undefined;
    }
  | { readonly type: "claim-postponed"; readonly reason: string }
  | {
      readonly type: "locate-pod";
      readonly namespace: string;
      readonly name: string;
      readonly replyTo: ReplyTo<Result<PodLocation>>;
    }
  | { readonly type: "status"; readonly replyTo: ReplyTo<LeaderStatus> }
  /** Hand the leadership over, if we have it, and stop. */
  | { readonly type: "stand-down"; readonly replyTo: ReplyTo<void> };
