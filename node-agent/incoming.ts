// What comes in over the bus, decoded within limits and checked against the contract before anything looks at it.

import { decode, type MessageName, type MessageOf, parseMessage, type Result } from "../protocol/mod.ts";

/** BadRequest or Invalid names the fields that are wrong. */
export function readMessage<Name extends MessageName>(name: Name, data: Uint8Array): Result<MessageOf<Name>> {
  const decoded = decode(data);
  return decoded.ok ? parseMessage(name, decoded.value) : decoded;
}
