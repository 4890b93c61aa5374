// Replies: in the form of the request, and never larger than the server takes.

import { type BusMessage, BusError } from "../../actors/mod.ts";
import {
  type ApiAnswer,
  type ApiReply,
  encode,
  encodeJson,
  type Failure,
  looksLikeJson,
  type Position,
} from "../../protocol/mod.ts";

export const answered = (
  position: Position,
  answer: ApiAnswer,
  warnings: readonly string[] = [],
): ApiReply => ({
  ok: true,
  version: 1,
  position,
  ...answer,
  ...(warnings.length > 0 && { warnings }),
});
export const refused = (error: Failure): ApiReply => ({ ok: false, version: 1, error });

export const encoderFor = (
  message: Pick<BusMessage, "data" | "headers">,
): ((value: unknown) => Uint8Array) => (looksLikeJson(message.data, message.headers) ? encodeJson : encode);

/** A reply that the server would not take becomes TooLarge; false then. */
export function respond(message: BusMessage, reply: ApiReply, maxPayload: number): boolean {
  const encodeReply = encoderFor(message);
  const data = encodeReply(reply);
  try {
    if (data.length <= maxPayload) {
      message.respond(data);
      return true;
    }
    const text = `the answer has ${data.length} bytes, the server takes ${maxPayload}; ask for less with limit`;
    message.respond(encodeReply(refused({ code: "TooLarge", message: text })));
  } catch (error) {
    // Best effort: the asker's deadline covers a connection that is away.
    if (!(error instanceof BusError)) throw error;
  }
  return false;
}
