// The wire format: msgpack with plain types only, and JSON for people (codec-json.ts). Decoding never throws
// and is bounded in bytes, depth and values, because what comes in may be hostile.

import { Packr, Unpackr } from "msgpackr";
import { scanMsgpack } from "./codec-scan.ts";
import { failure, type Result, success } from "./errors.ts";

/** Largest message: the server's `max_payload` that deploy/ ships. */
export const maxMessageBytes = 8 * 1024 * 1024;
/** Deepest nesting; the deepest Kubernetes object is below 20. */
export const maxMessageDepth = 64;
/** Values in one message, keys included: keeps a few bytes from becoming many objects. */
export const maxMessageItems = 2_000_000;

export interface DecodeLimits {
  readonly maxBytes?: number;
  readonly maxDepth?: number;
  readonly maxItems?: number;
}

// useToJSON off: a label may be named `toJSON`. variableMapSize: maps beyond 65,535 keys.
const plain = { useRecords: false, moreTypes: false, useToJSON: false, variableMapSize: true };
const packr = new Packr(plain);
// Leaving out undefined fields costs half as much again, and few messages have any: so it is the second try.
const skippingOptions = { ...plain, skipValues: [undefined] };
const skippingPackr = new Packr(skippingOptions);
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });
const encodeLimits = { maxDepth: maxMessageDepth, maxItems: Number.POSITIVE_INFINITY, refuseInt64: true };

/**
 * Encodes null, booleans, finite numbers, strings, Uint8Array, arrays and plain objects; fields that are
 * undefined are left out. Throws a TypeError for bigints, dates, functions and what is too deep: a bug of the
 * caller.
 */
export function encode(value: unknown): Uint8Array {
  const bytes = packr.pack(value);
  if (!scanMsgpack(bytes, encodeLimits)) return bytes;
  const again = skippingPackr.pack(value);
  const refusal = scanMsgpack(again, encodeLimits);
  if (refusal) throw new TypeError(`cannot encode: ${refusal}`);
  return again;
}

/** Decodes what `encode` made. TooLarge beyond maxBytes, BadRequest for anything that is not one plain value. */
export function decode(data: Uint8Array, limits: DecodeLimits = {}): Result<unknown> {
  const { maxBytes = maxMessageBytes, maxDepth = maxMessageDepth, maxItems = maxMessageItems } = limits;
  if (data.length > maxBytes) return tooLarge(data.length, maxBytes);
  const refusal = scanMsgpack(data, { maxDepth, maxItems });
  if (refusal) return failure("BadRequest", `the message is not plain msgpack: ${refusal}`);
  try {
    return success(unpackr.unpack(data));
  } catch (error) {
    return failure("BadRequest", `the message is not plain msgpack: ${String(error)}`);
  }
}

export const tooLarge = (found: number, limit: number): Result<never> =>
  failure("TooLarge", `the message has ${found} bytes, at most ${limit} are taken; send it in parts`);
