// What a push consumer delivers: entries, whose numbers stand in the reply subject, and messages of status.

import type { Msg } from "nats";

import type { LogEntry } from "../log.ts";
import { decodeHeaders } from "./headers.ts";

const controlCode = 100;

export type DeliveryStatus =
  | { readonly type: "flow-control"; readonly answer: string | undefined }
  | {
      readonly type: "heartbeat";
      readonly lastConsumerSequence: number;
      /** Set while the server waits for an answer of flow control that got lost. */
      readonly answer: string | undefined;
    };

export function readDelivery(message: Msg): NatsLogEntry | DeliveryStatus {
  return statusOf(message) ?? new NatsLogEntry(message);
}

function statusOf(message: Msg): DeliveryStatus | undefined {
  // Entries come with an acknowledgement subject as their reply; of the others most have no body.
  if (message.data.length > 0) return undefined;
  const { headers } = message;
  if (headers === undefined || headers.code !== controlCode) return undefined;
  if (message.reply) return { type: "flow-control", answer: message.reply };
  return {
    type: "heartbeat",
    lastConsumerSequence: Number(headers.get("Nats-Last-Consumer")),
    answer: headers.get("Nats-Consumer-Stalled") || undefined,
  };
}

/** Tokens of the subject without domain and account, which newer servers may put in front of the stream. */
const shortForm = 9;

export class NatsLogEntry implements LogEntry {
  readonly sequence: number;
  /** Its number among what this consumer delivered. */
  readonly consumerSequence: number;
  readonly storedAt: number;
  readonly #message: Msg;
  #headers: Readonly<Record<string, string>> | undefined;

  /** Takes the numbers from `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`. */
  constructor(message: Msg) {
    const tokens = (message.reply ?? "").split(".");
    const offset = tokens.length === shortForm ? 5 : 7;
    this.sequence = Number(tokens[offset]);
    this.consumerSequence = Number(tokens[offset + 1]);
    // Nanoseconds are beyond a double's whole numbers: the last six digits are cut off the text.
    this.storedAt = Number(tokens[offset + 2]?.slice(0, -6));
    this.#message = message;
  }
  get data(): Uint8Array {
    return this.#message.data;
  }
  /** Decoded when asked for: a replay needs none of them. */
  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= decodeHeaders(this.#message);
    return this.#headers;
  }
}
