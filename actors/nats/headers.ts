// Headers to and from the nats package's form.

import { MsgHdrsImpl, type Msg } from "nats";

import type { BusHeaders } from "../bus.ts";

export const noHeaders: BusHeaders = Object.freeze({});

const lineBreak = /[\r\n]/;
const badName = /[^\x21-\x39\x3b-\x7e]/;

/**
 * Encodes in one go. The package's own headers take about nine times as long, because they look at every
 * name anew for every value; a commit has eight of them.
 */
class WireHeaders extends MsgHdrsImpl {
  readonly #bytes: Uint8Array;
  constructor(values: BusHeaders) {
    super();
    let text = "NATS/1.0\r\n";
    for (const name in values) {
      const value = values[name];
      if (value === undefined) continue;
      if (name === "" || badName.test(name) || lineBreak.test(value)) {
        throw new Error(`header ${JSON.stringify(name)}: ${JSON.stringify(value)} cannot be sent`);
      }
      text += `${name}: ${value}\r\n`;
    }
    this.#bytes = Buffer.from(`${text}\r\n`, "utf8");
  }
  override encode(): Uint8Array {
    return this.#bytes;
  }
}

export function encodeHeaders(values: BusHeaders): MsgHdrsImpl {
  return new WireHeaders(values);
}

export function decodeHeaders(message: Msg): BusHeaders {
  const { headers } = message;
  if (headers === undefined) return noHeaders;
  const values: Record<string, string> = {};
  for (const [name, [first]] of headers) {
    if (first !== undefined) values[name] = first;
  }
  return values;
}
