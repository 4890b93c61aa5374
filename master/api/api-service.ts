// The API's door for changes and streams. Every master hears every request, without a queue group, and the leader
// alone answers: a frozen member of a group would swallow its share. Reads are served apart (master/reads/).

import type { Bus, BusMessage, ServiceHandle, World } from "../../actors/mod.ts";
import {
  apiWildcard,
  type ApiRequest,
  type ApiTarget,
  decodeBody,
  mutatingVerbs,
  parseMessage,
  parseApiSubject,
  type Position,
  type Prefix,
  type Result,
} from "../../protocol/mod.ts";
import type { CommandInput, PodLocation } from "../cluster-message.ts";
import { mutationOf } from "./mutation.ts";
import { createReplyWriter, type ReplyWriter } from "./reply-writer.ts";
import { openStream, streamKindOf } from "./streams.ts";

/** Values in one request, keys included: checking more would hold up the turn's thread for seconds. */
const maxRequestItems = 100_000;

const endpointName = "api";

export interface ApiServiceOptions {
  readonly world: World;
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly version: string;
  readonly master: string;
  readonly leads: () => boolean;
  readonly position: () => Position;
  /** False when the cluster actor takes no more. */
  readonly command: (input: CommandInput) => boolean;
  readonly locate: (namespace: string, name: string) => Promise<Result<PodLocation>>;
}

export async function startApiService(options: ApiServiceOptions): Promise<ServiceHandle> {
  const { bus, prefix, version, master } = options;
  let service: ServiceHandle | undefined;
  const record = (durationMs: number, error?: string): void =>
    service?.record(endpointName, durationMs, error);
  service = await bus.service({
    name: "berth",
    version,
    description: "Berth: the API of the cluster",
    metadata: { master, prefix },
    endpoints: [
      {
        name: endpointName,
        subject: apiWildcard(prefix),
        handler: (message) => {
          if (options.leads()) handle(options, message, record);
        },
      },
    ],
  });
  return service;
}

function handle(
  options: ApiServiceOptions,
  message: BusMessage,
  record: (durationMs: number, error?: string) => void,
): void {
  const target = parseApiSubject(options.prefix, message.subject);
  const stream = target.ok ? streamKindOf(target.value) : undefined;
  // Reads, also the wrong ones, are the read side's.
  if (target.ok && !stream && !mutatingVerbs.has(target.value.verb)) return;
  const { clock, logger } = options.world;
  const { json, body } = decodeBody(message.data, message.headers, { maxItems: maxRequestItems });
  const { maxPayload } = options.bus;
  const writer = createReplyWriter({ message, json, clock, logger, maxPayload, record });
  if (!target.ok) return writer.refuse(target.error);
  if (!body.ok) return writer.refuse(body.error);
  const request = parseMessage("api-request", unwrapBare(body.value));
  if (!request.ok) return writer.refuse(request.error);
  if (stream) {
    void openAndAnswer(options, target.value, request.value, writer);
    return;
  }
  const mutation = mutationOf(target.value, request.value);
  if (!mutation.ok) return writer.refuse(mutation.error);
  const { sentAt } = request.value;
  if (options.command({ mutation: mutation.value, sentAt, responder: writer })) return;
  writer.refuse({
    code: "TooManyRequests",
    message: "the master's mailbox is full; send it again a little later",
  });
}

/** People send the object as it is: `{apiVersion, kind, …}` stands for `{object: {apiVersion, kind, …}}`. */
const unwrapBare = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "apiVersion" in body && "kind" in body
    ? { object: body }
    : body;

async function openAndAnswer(
  { bus, prefix, position, locate, world }: ApiServiceOptions,
  target: ApiTarget,
  request: ApiRequest,
  writer: ReplyWriter,
): Promise<void> {
  const kind = streamKindOf(target);
  if (!kind) return;
  try {
    const { stream: options } = request;
    const opened = await openStream({ bus, prefix, kind, target, options, position: position(), locate });
    if (opened.ok) writer.respond(opened.value);
    else writer.refuse(opened.error);
  } catch (error) {
    world.logger.error({ error, target }, "opening a stream failed");
    writer.refuse({
      code: "Internal",
      message: "opening the stream failed; the master's log has the details",
    });
  }
}
