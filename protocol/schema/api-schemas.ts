// Schemas of API requests and replies, watch messages and stream frames.

import { z } from "zod";
import type {
  ApiReply,
  ApiRequest,
  ClusterStatus,
  StreamFrame,
  StreamOptions,
  WatchMessage,
  WhyNode,
} from "../api.ts";
import type { Positioned } from "../events.ts";
import { isRecord } from "../objects/structure.ts";
import {
  apiObject,
  bytes,
  commandId,
  count,
  epoch,
  failureSchema,
  fields,
  limits,
  logId,
  position,
  preconditions,
  propagation,
  text,
  time,
  version1,
  words,
} from "./parts.ts";

const streamOptions: z.ZodType<StreamOptions> = z.object({
  id: text.min(1).max(limits.streamId),
  container: text.exactOptional(),
  follow: z.boolean().exactOptional(),
  previous: z.boolean().exactOptional(),
  tailLines: count.exactOptional(),
  sinceSeconds: time.exactOptional(),
  timestamps: z.boolean().exactOptional(),
  limitBytes: count.exactOptional(),
  command: words.exactOptional(),
  stdin: z.boolean().exactOptional(),
  tty: z.boolean().exactOptional(),
  replay: z.boolean().exactOptional(),
  archive: z.strictObject({ operation: z.enum(["stat", "read", "write"]), path: text }).exactOptional(),
  port: z.int().min(1).max(65_535).exactOptional(),
});

/** Strict: a misspelled option would otherwise be taken for "no such option". */
export const apiRequest: z.ZodType<ApiRequest> = z.strictObject({
  version: version1.exactOptional(),
  commandId: commandId.exactOptional(),
  sentAt: time.exactOptional(),
  object: apiObject.exactOptional(),
  patch: z.union([fields, z.array(fields).max(limits.words)]).exactOptional(),
  patchType: z.enum(["merge", "strategic", "json"]).exactOptional(),
  fieldManager: text.min(1).max(128).exactOptional(),
  fieldValidation: z.enum(["Strict", "Warn", "Ignore"]).exactOptional(),
  serverSide: z.boolean().exactOptional(),
  force: z.boolean().exactOptional(),
  dryRun: z.boolean().exactOptional(),
  gracePeriodSeconds: count.max(2 ** 31 - 1).exactOptional(),
  propagationPolicy: propagation.exactOptional(),
  preconditions: preconditions.exactOptional(),
  reason: text.exactOptional(),
  labelSelector: text.exactOptional(),
  fieldSelector: text.exactOptional(),
  limit: count.exactOptional(),
  continue: text.exactOptional(),
  minPosition: position.exactOptional(),
  stale: z.boolean().exactOptional(),
  sealTo: text.exactOptional(),
  resourceVersion: text.exactOptional(),
  deliver: text.exactOptional(),
  stream: streamOptions.exactOptional(),
  events: z
    .strictObject({
      kind: text.exactOptional(),
      name: text.exactOptional(),
      since: position.exactOptional(),
      newestFirst: z.boolean().exactOptional(),
    })
    .exactOptional(),
});

/** An event as a client shows it: a newer master may send types that this client does not know. */
const positionedEvent = z.custom<Positioned>(
  (value) =>
    isRecord(value) &&
    typeof value["type"] === "string" &&
    typeof value["at"] === "number" &&
    typeof value["position"] === "number",
  "must be an event with type, at and position",
);

const whyNode: z.ZodType<WhyNode> = z.object({
  event: positionedEvent.exactOptional(),
  text,
  at: time.exactOptional(),
  get children() {
    return z.array(whyNode).max(limits.words);
  },
});

const clusterStatus: z.ZodType<ClusterStatus> = z.object({
  version: text,
  prefix: text,
  logId,
  epoch,
  leader: text,
  masters: z
    .array(z.object({ id: text, leader: z.boolean(), position, version: text, startedAt: time }))
    .max(limits.words),
  nodes: z
    .array(
      z.object({
        name: text,
        state: z.enum(["Ready", "Suspected", "Lost", "Unknown"]),
        lastSeenMs: z.number().exactOptional(),
        pods: count,
        runtime: text,
        agentVersion: text,
        inSync: z.boolean(),
      }),
    )
    .max(limits.items),
  log: z.object({
    stream: text,
    firstSequence: count,
    lastSequence: count,
    bytes: count,
    replicas: count,
    events: position,
    skippedCommits: count,
    since: time,
  }),
  nats: z.object({ version: text, url: text }),
  notices: words,
});

const answered = { ok: z.literal(true), version: version1, position, warnings: words.exactOptional() };
const answer = z.discriminatedUnion("type", [
  z.object({
    ...answered,
    type: z.literal("object"),
    object: apiObject,
    outcome: z.enum(["created", "configured", "unchanged", "deleted"]).exactOptional(),
  }),
  z.object({
    ...answered,
    type: z.literal("list"),
    kind: text,
    items: z.array(apiObject).max(limits.items),
    continue: text.exactOptional(),
    remaining: count.exactOptional(),
  }),
  z.object({ ...answered, type: z.literal("watch"), watch: text, bookmarkMs: time }),
  z.object({ ...answered, type: z.literal("stream"), stream: text, container: text }),
  z.object({
    ...answered,
    type: z.literal("events"),
    events: z.array(positionedEvent).max(limits.items),
    continue: text.exactOptional(),
  }),
  z.object({ ...answered, type: z.literal("why"), story: whyNode }),
  z.object({ ...answered, type: z.literal("status"), status: clusterStatus }),
]);
export const apiReply: z.ZodType<ApiReply> = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(false), version: version1, error: failureSchema }),
  answer,
]);

const watched = { version: version1, watch: text, number: count, position };
export const watchMessage: z.ZodType<WatchMessage> = z.discriminatedUnion("type", [
  z.object({ ...watched, type: z.enum(["ADDED", "MODIFIED", "DELETED"]), object: apiObject }),
  z.object({ ...watched, type: z.literal("BOOKMARK") }),
  z.object({ ...watched, type: z.literal("ERROR"), error: failureSchema }),
]);

const number = count;
export const streamFrame: z.ZodType<StreamFrame> = z.discriminatedUnion("type", [
  z.object({
    number,
    type: z.literal("data"),
    channel: z.enum(["stdout", "stderr", "stdin"]),
    data: bytes,
  }),
  z.object({ number, type: z.literal("ack"), upTo: count }),
  z.object({
    number,
    type: z.literal("resize"),
    columns: count.max(65_535),
    rows: count.max(65_535),
  }),
  z.object({ number, type: z.literal("end-of-input") }),
  z.object({
    number,
    type: z.literal("end"),
    exitCode: z.int().exactOptional(),
    error: failureSchema.exactOptional(),
  }),
]);
