// Checks every message where it enters: `parseMessage("heartbeat", value)` yields the contract's type or says
// which fields are wrong. One table, keyed by the message's name.

import type { z } from "zod";
import { type FieldError, failure, quoteValue, type Result, success } from "./errors.ts";
import type { ApiReply, ApiRequest, StreamFrame, WatchMessage } from "./api.ts";
import type {
  AssignedPod,
  AssignMessage,
  BeatMessage,
  ConfigReply,
  ConfigRequest,
  DeleteVolumesMessage,
  EndpointsAckMessage,
  EndpointsMessage,
  EndpointsSyncMessage,
  EndpointsTable,
  HeartbeatMessage,
  PingMessage,
  PongMessage,
  RegisterMessage,
  RegisterReply,
  ServiceEntry,
  StatusCommittedMessage,
  StatusMessage,
  StreamReply,
  StreamRequest,
  LeaseMessage,
  SupersededMessage,
  SyncMessage,
  VolumeDeletedMessage,
} from "./agent-messages.ts";
import { isRecord } from "./objects/structure.ts";
import * as agent from "./schema/agent-schemas.ts";
import * as api from "./schema/api-schemas.ts";
import { isBeat, isHeartbeat } from "./schema/heartbeat.ts";
import type { UsageMessage } from "./usage-message.ts";

/** Every message by its name; requests and their answers have names of their own. */
export interface Messages {
  // agent -> masters, and the answers
  readonly register: RegisterMessage;
  readonly "register-reply": RegisterReply;
  readonly heartbeat: HeartbeatMessage;
  readonly usage: UsageMessage;
  readonly status: StatusMessage;
  readonly sync: SyncMessage;
  readonly "endpoints-sync": EndpointsSyncMessage;
  readonly "endpoints-table": EndpointsTable;
  readonly "endpoints-ack": EndpointsAckMessage;
  readonly config: ConfigRequest;
  readonly "config-reply": ConfigReply;
  readonly "volume-deleted": VolumeDeletedMessage;
  // leader -> agents, and the answers
  readonly assign: AssignMessage;
  readonly "status-committed": StatusCommittedMessage;
  readonly "delete-volumes": DeleteVolumesMessage;
  readonly ping: PingMessage;
  readonly pong: PongMessage;
  readonly superseded: SupersededMessage;
  readonly lease: LeaseMessage;
  readonly stream: StreamRequest;
  readonly "stream-reply": StreamReply;
  readonly endpoints: EndpointsMessage;
  // masters
  readonly beat: BeatMessage;
  // clients
  readonly "api-request": ApiRequest;
  readonly "api-reply": ApiReply;
  readonly watch: WatchMessage;
  readonly "stream-frame": StreamFrame;
}
export type MessageName = keyof Messages;
export type MessageOf<Name extends MessageName> = Messages[Name];

const schemas: { readonly [Name in MessageName]: z.ZodType<Messages[Name]> } = {
  register: agent.register,
  "register-reply": agent.registerReply,
  heartbeat: agent.heartbeat,
  usage: agent.usage,
  status: agent.status,
  sync: agent.sync,
  "endpoints-sync": agent.endpointsSync,
  "endpoints-table": agent.endpointsTable,
  "endpoints-ack": agent.endpointsAck,
  config: agent.config,
  "config-reply": agent.configReply,
  "volume-deleted": agent.volumeDeleted,
  assign: agent.assign,
  "status-committed": agent.statusCommitted,
  "delete-volumes": agent.deleteVolumes,
  ping: agent.ping,
  pong: agent.pong,
  superseded: agent.superseded,
  lease: agent.lease,
  stream: agent.stream,
  "stream-reply": agent.streamReply,
  endpoints: agent.endpoints,
  beat: agent.beat,
  "api-request": api.apiRequest,
  "api-reply": api.apiReply,
  watch: api.watchMessage,
  "stream-frame": api.streamFrame,
};
/** Checks that accept a message without its schema; what they do not accept may still be right. */
const quickChecks: { readonly [Name in MessageName]?: (value: object) => value is Messages[Name] } = {
  heartbeat: isHeartbeat,
  beat: isBeat,
};
const isMessageName = (name: string): name is MessageName => Object.hasOwn(schemas, name);
export const messageNames: readonly MessageName[] = Object.keys(schemas).filter(isMessageName);

/** Wrong fields of one message that are named; the rest is counted. */
const maxNamedFields = 10;

/** BadRequest when it is no object, UnsupportedVersion for another version, Invalid with every wrong field. */
export function parseMessage<Name extends MessageName>(name: Name, value: unknown): Result<MessageOf<Name>> {
  if (!isRecord(value)) {
    return failure("BadRequest", `a ${name} message must be an object, found ${quoteValue(value)}`);
  }
  const { version } = value;
  if (typeof version === "number" && version !== 1) {
    return failure(
      "UnsupportedVersion",
      `${name} messages are understood in version 1, found ${version}; update this side`,
    );
  }
  const quick = quickChecks[name];
  if (quick?.(value)) return success(value);
  return parseWith<Messages[Name]>(schemas[name], value, `${name} message`);
}

/** One wanted pod, for an agent that reads its own record of the last assignment. */
export const parseAssignedPod = (value: unknown): Result<AssignedPod> =>
  parseWith(agent.assignedPod, value, "assigned pod");

/** One service, for an agent that reads the services of its record. */
export const parseServiceEntry = (value: unknown): Result<ServiceEntry> =>
  parseWith(agent.serviceEntry, value, "service");

/** Checks `value` by a schema; `what` begins the error message. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): Result<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return success(parsed.data);
  const causes = parsed.error.issues.slice(0, 100).map(toFieldError);
  const named = causes.slice(0, maxNamedFields).map(({ field, message }) => `${field || "it"}: ${message}`);
  const more = parsed.error.issues.length - named.length;
  const list = `${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
  return failure("Invalid", `the ${what} is not valid: ${list}`, causes);
}

function toFieldError(issue: z.core.$ZodIssue): FieldError {
  let field = "";
  for (const step of issue.path) {
    field +=
      typeof step === "number" ? `[${step}]` : `${field === "" ? "" : "."}${String(step).slice(0, 80)}`;
  }
  return { field, reason: "Invalid", message: issue.message };
}

/**
 * The body of an API request: `{}` when empty; an object of its own (`apiVersion` and `kind` at its top) is taken as
 * `{ object }`. What the object says in detail is for `admit`.
 */
export function parseApiRequest(body: unknown): Result<ApiRequest> {
  if (isRecord(body) && typeof body["apiVersion"] === "string" && typeof body["kind"] === "string") {
    return parseMessage("api-request", { object: { metadata: {}, ...body } });
  }
  return parseMessage("api-request", body ?? {});
}
