import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, maxMessageBytes } from "./codec.ts";
import { decodeBody, decodeJson, encodeJson, looksLikeJson } from "./codec-json.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const key = fc
  .oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("toJSON", "constructor", "prototype", "length", "hasOwnProperty", "", "0"),
  )
  .filter((name) => name !== "__proto__");
const scalar = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.maxSafeInteger(),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => (number === 0 ? 0 : number)),
  fc.boolean(),
  fc.constant(null),
);
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie("plain"), { maxLength: 20 }),
    fc.dictionary(key, tie("plain"), { maxKeys: 20, noNullPrototype: true }),
  ),
}));

describe("msgpack", () => {
  test("any plain value comes back as it was", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(decode(encode(value))).toEqual({ ok: true, value });
      }),
    );
  });
  test("random bytes give a value or BadRequest, never a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        const result = decode(data);
        if (!result.ok) expect(result.error.code).toBe("BadRequest");
      }),
      { numRuns: 2000 },
    );
  });
  test("a damaged message gives a value or BadRequest, never a throw", () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(255), (value, where, byte) => {
        const data = Uint8Array.from(encode(value));
        data[where % data.length] = byte;
        const result = decode(data);
        if (!result.ok) expect(result.error.code).toBe("BadRequest");
      }),
    );
  });
  test("undefined fields are left out, as JSON does", () => {
    expect(decode(encode({ a: undefined, b: { c: undefined, d: 1 } }))).toEqual({
      ok: true,
      value: { b: { d: 1 } },
    });
  });
  test("binary stays binary", () => {
    const result = decode(encode({ data: bytes(1, 2, 255) }));
    expect(result.ok && Buffer.from((result.value as { data: Uint8Array }).data).toString("hex")).toBe(
      "0102ff",
    );
  });
  test("positions up to 2^53-1 are exact", () => {
    expect(decode(encode(Number.MAX_SAFE_INTEGER))).toEqual({ ok: true, value: Number.MAX_SAFE_INTEGER });
  });
  test.each([
    ["a bigint", 1n],
    ["a huge bigint", 1n << 80n],
    ["a Date", new Date(0)],
    ["an Error", new Error("x")],
    ["a function", () => 1],
    ["undefined", undefined],
    ["undefined in a list", [undefined]],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
  ])("encode refuses %s", (_name, value) => {
    expect(() => encode({ value: [value] })).toThrow();
  });
  test.each([
    ["nothing", bytes()],
    ["a reserved token", bytes(0xc1)],
    ["an extension", bytes(0xd4, 0x01, 0x00)],
    ["a timestamp", bytes(0xd6, 0xff, 0, 0, 0, 0)],
    ["a record", bytes(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01)],
    ["a regular expression", bytes(0xc7, 0x03, 0x78, 0x92, 0xa1, 0x61)],
    ["a list that claims 4 billion items", bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ["a map that claims 4 billion items", bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ["a string that claims 4 GiB", bytes(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61)],
    ["a cut number", bytes(0xcb, 0x00)],
    ["bytes after the value", bytes(0x01, 0x02)],
    ["NaN", bytes(0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0)],
    ["a number beyond 2^53", bytes(0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ["a map with a number as key", bytes(0x81, 0x01, 0x02)],
    ["a map with __proto__", encodeProto()],
    ["depth 65", new Uint8Array(66).fill(0x91, 0, 65)],
    ["depth of a million", new Uint8Array(1_000_001).fill(0x91, 0, 1_000_000)],
  ])("decode refuses %s", (_name, data) => {
    const result = decode(data);
    expect(result.ok ? result.value : result.error.code).toBe("BadRequest");
  });
  test("decode refuses more bytes than allowed as TooLarge", () => {
    const result = decode(new Uint8Array(maxMessageBytes + 1));
    expect(!result.ok && result.error.code).toBe("TooLarge");
  });
  test("decode refuses millions of tiny values", () => {
    const data = new Uint8Array(5_000_005).fill(0x90);
    data.set([0xdd, 0, 0x4c, 0x4b, 0x40]);
    const result = decode(data);
    expect(!result.ok && result.error.message).toContain("more than 2000000 values");
  });
  test("depth 64 is taken", () => {
    expect(decode(Uint8Array.from([...Array.from({ length: 64 }, () => 0x91), 0x01])).ok).toBe(true);
  });
});

function encodeProto(): Uint8Array {
  return bytes(0x81, 0xa9, ...text("__proto__"), 0x80);
}

describe("json", () => {
  test("any plain value comes back as it was", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(decodeJson(encodeJson(value))).toEqual({ ok: true, value });
      }),
    );
  });
  test.each([
    ["a depth of a million", "[".repeat(1_000_000)],
    ["objects of depth 65", '{"a":'.repeat(65) + "1" + "}".repeat(65)],
    ["__proto__", '{"a":{"__proto__":{"x":1}}}'],
    ["__proto__ behind an escape", '{"\\u005f_proto__":{"x":1}}'],
    ["1e999", '{"replicas":1e999}'],
    ["half an object", '{"a":'],
    ["an open string", '{"a":"'],
    ["two values", "{}{}"],
    ["nothing", ""],
  ])("decodeJson refuses %s", (_name, source) => {
    const result = decodeJson(text(source));
    expect(result.ok ? result.value : result.error.code).toBe("BadRequest");
  });
  test("invalid UTF-8 is refused", () => {
    const result = decodeJson(bytes(0x22, 0xff, 0x22));
    expect(!result.ok && result.error.code).toBe("BadRequest");
  });
  test("brackets inside strings are no depth", () => {
    expect(decodeJson(text(JSON.stringify({ a: '\\"[[['.repeat(100) }))).ok).toBe(true);
  });
  test("what looks like JSON", () => {
    expect(looksLikeJson(text(' {"a":1}'))).toBe(true);
    expect(looksLikeJson(text(""))).toBe(true);
    expect(looksLikeJson(encode({ a: 1 }))).toBe(false);
    expect(looksLikeJson(encode({ a: 1 }), { "Content-Type": "application/json; charset=utf-8" })).toBe(true);
    expect(looksLikeJson(text("{}"), { "Content-Type": "application/msgpack" })).toBe(false);
  });
  test("a body says in which form to answer", () => {
    expect(decodeBody(text(""))).toEqual({ json: true, body: { ok: true, value: {} } });
    expect(decodeBody(text("\n"))).toEqual({ json: true, body: { ok: true, value: {} } });
    expect(decodeBody(encode({ a: 1 }))).toEqual({ json: false, body: { ok: true, value: { a: 1 } } });
  });
});
