// One message from the wire; what is dear to decode is decoded when asked for.

import type { Msg } from "nats";

import type { BusHeaders, BusMessage } from "../bus.ts";
import { decodeHeaders } from "./headers.ts";

export class NatsMessage implements BusMessage {
  readonly #message: Msg;
  readonly #publish: (subject: string, data: Uint8Array, headers: BusHeaders | undefined) => void;
  #headers: BusHeaders | undefined;

  constructor(
    message: Msg,
    publish: (subject: string, data: Uint8Array, headers: BusHeaders | undefined) => void,
  ) {
    this.#message = message;
    this.#publish = publish;
  }
  get subject(): string {
    return this.#message.subject;
  }
  get data(): Uint8Array {
    return this.#message.data;
  }
  get headers(): BusHeaders {
    this.#headers ??= decodeHeaders(this.#message);
    return this.#headers;
  }
  get reply(): string | undefined {
    return this.#message.reply || undefined;
  }
  respond(data: Uint8Array, headers?: BusHeaders): void {
    const { reply } = this;
    if (reply !== undefined) this.#publish(reply, data, headers);
  }
}
