// Answers in the form of the request, msgpack or JSON, once each, and counted in the service's statistics.

import { BusError, type BusMessage, type Clock, type Logger } from "../../actors/mod.ts";
import { type ApiReply, encode, encodeJson, type Failure } from "../../protocol/mod.ts";
import { noLeader } from "../command-run.ts";
import type { Responder } from "../outbox.ts";

export interface ReplyWriterOptions {
  readonly message: BusMessage;
  readonly json: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxPayload: number;
  readonly record: (durationMs: number, error?: string) => void;
}

export interface ReplyWriter extends Responder {
  respond(reply: object): void;
  refuse(error: Failure): void;
}

export function createReplyWriter(options: ReplyWriterOptions): ReplyWriter {
  const { message, clock, logger, maxPayload, record } = options;
  const encodeReply = options.json ? encodeJson : encode;
  const startedAt = clock.monotonic();
  let answered = false;

  function respond(reply: object): void {
    if (answered) return;
    answered = true;
    const error = "error" in reply ? JSON.stringify(reply.error) : undefined;
    record(clock.monotonic() - startedAt, error);
    try {
      const data = encodeReply(reply);
      message.respond(data.length <= maxPayload ? data : encodeReply(tooLarge(data.length, maxPayload)));
    } catch (failed) {
      // Best effort: the asker's deadline covers a connection that is away.
      if (!(failed instanceof BusError)) throw failed;
      logger.warn({ subject: message.subject, error: failed.message }, "an answer was not sent");
    }
  }

  return {
    respond,
    refuse: (error) => respond({ ok: false, version: 1, error } satisfies ApiReply),
    abandon: () => respond(noLeader),
  };
}

const tooLarge = (found: number, limit: number): ApiReply => ({
  ok: false,
  version: 1,
  error: {
    code: "TooLarge",
    message: `it was done, but the answer has ${found} bytes and the server takes ${limit}; read the object in parts`,
  },
});
