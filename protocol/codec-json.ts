// JSON in and out for people and for `nats req`, with the same bounds as msgpack.
// Depth and size are counted on the bytes, before JSON.parse builds anything.

import {
  type DecodeLimits,
  decode,
  maxMessageBytes,
  maxMessageDepth,
  maxMessageItems,
  tooLarge,
} from "./codec.ts";
import { failure, type Result, success } from "./errors.ts";

const utf8In = new TextDecoder("utf-8", { fatal: true });

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/**
 * One line of JSON. Throws a TypeError for bigints and cycles: a bug of the caller. Buffer.from takes small texts from
 * a pool, where a TextEncoder allocates for each: a quarter of this function, which runs for every event.
 */
export const encodeJson = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value ?? null));

/** Parses one JSON value. TooLarge beyond maxBytes, BadRequest with the parser's position otherwise. */
export function decodeJson(data: Uint8Array, limits: DecodeLimits = {}): Result<unknown> {
  const { maxBytes = maxMessageBytes, maxDepth = maxMessageDepth, maxItems = maxMessageItems } = limits;
  if (data.length > maxBytes) return tooLarge(data.length, maxBytes);
  const refusal = scanJson(data, maxDepth, maxItems);
  if (refusal) return notJson(refusal);
  let value: unknown;
  try {
    value = JSON.parse(utf8In.decode(data));
  } catch (error) {
    return notJson(error instanceof Error ? error.message : String(error));
  }
  const hostile = findHostile(value);
  return hostile ? notJson(hostile) : success(value);
}

/** True for `Content-Type: application/json`, for a body that begins with `{`, and for an empty one. */
export function looksLikeJson(data: Uint8Array, headers: Readonly<Record<string, string>> = {}): boolean {
  const contentType = headers["Content-Type"] ?? headers["content-type"];
  if (contentType !== undefined) return /^application\/(.*\+)?json\b/i.test(contentType.trim());
  for (const byte of data) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte === openBrace;
  }
  return true;
}

/** A request's body in whichever form it came; `json` says in which form to answer. An empty body is `{}`. */
export function decodeBody(
  data: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  limits: DecodeLimits = {},
): { readonly json: boolean; readonly body: Result<unknown> } {
  if (!looksLikeJson(data, headers)) return { json: false, body: decode(data, limits) };
  const blank = data.length < 64 && data.every((byte) => byte <= 0x20);
  return { json: true, body: blank ? success({}) : decodeJson(data, limits) };
}

const notJson = (why: string): Result<never> => failure("BadRequest", `the message is not JSON: ${why}`);

/** Counts depth and values without parsing; brackets inside strings do not count. */
function scanJson(data: Uint8Array, maxDepth: number, maxItems: number): string | undefined {
  let depth = 0;
  let items = 1;
  for (let at = 0; at < data.length; at++) {
    const byte = data[at];
    if (byte === quote) {
      for (at++; at < data.length && data[at] !== quote; at++) {
        if (data[at] === backslash) at++;
      }
    } else if (byte === openBrace || byte === openBracket) {
      items++;
      if (++depth > maxDepth) return `deeper than ${maxDepth} levels`;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
    else if (byte === comma && ++items > maxItems) return `more than ${maxItems} values`;
  }
  return undefined;
}

/** JSON.parse makes Infinity of 1e999 and an own `__proto__`, both of which hurt later. Depth is bounded by now. */
function findHostile(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "a number is too large";
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const item of value) {
      const hostile = findHostile(item);
      if (hostile) return hostile;
    }
    return undefined;
  }
  if (Object.hasOwn(value, "__proto__")) return "a key is __proto__";
  for (const item of Object.values(value)) {
    const hostile = findHostile(item);
    if (hostile) return hostile;
  }
  return undefined;
}
