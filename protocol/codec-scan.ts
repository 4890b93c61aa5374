// Looks over msgpack bytes before anything is built from them: bounds, depth, plain types only.
// Iterative, allocates nothing per value, and builds nothing: the codec decodes what passed.

/** Why bytes were refused; undefined when they are one plain value and nothing else. */
export type ScanRefusal = string | undefined;

export interface ScanLimits {
  readonly maxDepth: number;
  readonly maxItems: number;
  /** For our own output: 64-bit integers come from bigints only, numbers beyond 32 bits are floats there. */
  readonly refuseInt64?: boolean;
}

/** "__proto__" as bytes; a map with such a key could change what objects inherit. */
const protoKey = Buffer.from("__proto__");
const maxStackDepth = 1024;
// One scan runs to its end before the next begins, so the stack is shared.
const remaining = new Float64Array(maxStackDepth);
const isMap = new Uint8Array(maxStackDepth);

/**
 * Checks that `bytes` hold exactly one msgpack value made of nil, booleans, finite numbers within 2^53, strings,
 * binary, arrays, and maps with string keys other than `__proto__`.
 */
export function scanMsgpack(bytes: Uint8Array, limits: ScanLimits): ScanRefusal {
  const end = bytes.length;
  const maxDepth = Math.min(limits.maxDepth, maxStackDepth - 1);
  let at = 0;
  let depth = 0;
  let items = 0;
  remaining[0] = 1;
  isMap[0] = 0;
  for (;;) {
    while (remaining[depth] === 0) {
      if (depth === 0) return at === end ? undefined : `${end - at} bytes follow the value`;
      depth--;
    }
    if (at >= end) return "the bytes end before the value does";
    if (++items > limits.maxItems) return `more than ${limits.maxItems} values`;
    const left = remaining[depth] as number;
    remaining[depth] = left - 1;
    const token = bytes[at++] as number;
    const asKey = isMap[depth] === 1 && (left & 1) === 0;
    if (asKey && !(token >= 0xa0 && token < 0xc0) && !(token >= 0xd9 && token <= 0xdb)) {
      return `a map key is not a string (byte ${at - 1})`;
    }
    let length = 0;
    if (token < 0x80 || token >= 0xe0) continue;
    if (token < 0x90) length = token & 0x0f;
    else if (token < 0xa0) length = token & 0x0f;
    else if (token < 0xc0) length = token & 0x1f;
    else {
      const header = headerBytes[token] as number;
      if (header < 0) return `extension or reserved type 0x${token.toString(16)} (byte ${at - 1})`;
      if (at + header > end) return "the bytes end before the value does";
      if (token <= 0xc3) continue;
      if (!hasLength(token)) {
        if (limits.refuseInt64 && (token === 0xcf || token === 0xd3)) return "a bigint";
        const refusal = checkNumber(bytes, token, at);
        if (refusal) return refusal;
        at += header;
        continue;
      }
      for (let index = 0; index < header; index++) length = length * 256 + (bytes[at + index] as number);
      at += header;
    }
    if (token < 0xa0 || token >= 0xdc) {
      const map = token < 0x90 || token >= 0xde;
      // Each item takes a byte at least, so a count beyond what is left is a lie; refused before anything is built.
      const count = map ? length * 2 : length;
      if (count > end - at) return "the bytes end before the value does";
      if (++depth > maxDepth) return `deeper than ${maxDepth} levels`;
      remaining[depth] = count;
      isMap[depth] = map ? 1 : 0;
      continue;
    }
    if (length > end - at) return "the bytes end before the value does";
    if (asKey && length === protoKey.length && protoKey.every((byte, index) => bytes[at + index] === byte)) {
      return "a map key is __proto__";
    }
    at += length;
  }
}

/** Bytes after the token for 0xc0…0xdf: a length or a number; -1 is refused (extensions, 0xc1). */
const headerBytes: readonly number[] = (() => {
  const table = Array.from({ length: 256 }, () => 0);
  const set = (token: number, bytes: number): void => {
    table[token] = bytes;
  };
  for (const token of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) set(token, -1);
  for (const token of [0xc4, 0xcc, 0xd0, 0xd9]) set(token, 1);
  for (const token of [0xc5, 0xcd, 0xd1, 0xda, 0xdc, 0xde]) set(token, 2);
  for (const token of [0xc6, 0xca, 0xce, 0xd2, 0xdb, 0xdd, 0xdf]) set(token, 4);
  for (const token of [0xcb, 0xcf, 0xd3]) set(token, 8);
  return table;
})();

const hasLength = (token: number): boolean => token <= 0xc6 || token >= 0xd9;

function checkNumber(bytes: Uint8Array, token: number, at: number): ScanRefusal {
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  if (token === 0xca && (first & 0x7f) === 0x7f && (second & 0x80) !== 0) return "a number is not finite";
  if (token === 0xcb && (first & 0x7f) === 0x7f && (second & 0xf0) === 0xf0) return "a number is not finite";
  if (token === 0xcf && (first !== 0 || second > 0x1f)) return "a whole number is beyond 2^53-1";
  if (token === 0xd3) {
    const positive = first === 0 && second <= 0x1f;
    const negative = first === 0xff && second >= 0xe0;
    if (!positive && !negative) return "a whole number is beyond 2^53-1";
  }
  return undefined;
}
