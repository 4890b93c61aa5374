// The wire format: what is written is read again, what is too long says so, and nothing that comes in throws.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readQuery, readResponse, writeAnswer, writeQuery, type Query } from "./message.ts";
import { type DnsRecord, recordTypes } from "./records.ts";

const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join("."));
const u16 = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffff_ffff });
const record: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({ name, ttl: u32, type: fc.constant("A" as const), address: fc.ipV4() }),
  fc.record({
    name,
    ttl: u32,
    type: fc.constant("AAAA" as const),
    address: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  }),
  fc.record({ name, ttl: u32, type: fc.constantFrom("CNAME" as const, "PTR" as const), target: name }),
  fc.record({
    name,
    ttl: u32,
    type: fc.constant("SRV" as const),
    priority: u16,
    weight: u16,
    port: u16,
    target: name,
  }),
  fc.record({ name, ttl: u32, type: fc.constant("TXT" as const), text: fc.stringMatching(/^[ -~]{0,200}$/) }),
);
const query = (asked: string, fields: Partial<Query> = {}): Query => ({
  id: 7,
  flags: 0x0100,
  question: { name: asked, type: recordTypes.A, class: 1 },
  edns: true,
  udpBytes: 1232,
  ...fields,
});

describe("messages", () => {
  test("a query is read as it was written", () => {
    fc.assert(
      fc.property(u16, name, u16, (id, asked, type) => {
        const incoming = readQuery(writeQuery(id, { name: asked, type, class: 1 }));
        expect(incoming).toMatchObject({
          type: "query",
          query: { id, question: { name: asked, type, class: 1 }, edns: true, udpBytes: 1232 },
        });
      }),
    );
  });

  test("an answer is read as it was written, with names that point back", () => {
    fc.assert(
      fc.property(
        name,
        fc.array(record, { maxLength: 8 }),
        fc.array(record, { maxLength: 4 }),
        (asked, answers, additional) => {
          const bytes = writeAnswer(query(asked), { code: 0, answers, additional }, 65_535);
          const read = readResponse(bytes);
          expect(read).toMatchObject({ id: 7, code: 0, truncated: false, question: { name: asked } });
          expect(read?.answers).toEqual(answers);
          expect(read?.additional).toEqual(additional);
        },
      ),
    );
  });

  test("names that share an end are written once", () => {
    const answers: DnsRecord[] = [1, 2, 3].map((part) => ({
      name: "db.default.svc.cluster.local",
      ttl: 5,
      type: "A",
      address: `10.0.0.${part}`,
    }));
    const bytes = writeAnswer(
      query("db.default.svc.cluster.local", { edns: false }),
      { code: 0, answers },
      512,
    );
    expect(bytes).toHaveLength(12 + 30 + 4 + 3 * 16);
  });

  test("an answer never outgrows its limit, and says when it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 40 }),
        fc.integer({ min: 512, max: 1232 }),
        (answers, limit) => {
          const bytes = writeAnswer(query("web.default.svc.cluster.local"), { code: 0, answers }, limit);
          expect(bytes.length).toBeLessThanOrEqual(limit);
          const read = readResponse(bytes);
          expect(read?.truncated).toBe((read?.answers.length ?? 0) < answers.length);
          expect(read?.answers).toEqual(answers.slice(0, read?.answers.length));
        },
      ),
    );
  });

  test("whatever bytes come in, nothing is thrown", () => {
    const mangled = fc.tuple(name, fc.nat(), fc.nat({ max: 255 })).map(([asked, at, value]) => {
      const bytes = writeQuery(1, { name: asked, type: 1, class: 1 });
      bytes[at % bytes.length] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), mangled), (bytes) => {
        readQuery(bytes);
        readResponse(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ["a name that points to itself", [0xc0, 12], "bad"],
  ["a label that is too long", [64, ...Array.from({ length: 64 }, () => 97), 0], "bad"],
  ["a name that ends too early", [3, 97], "bad"],
])("%s", (_what, bytes, type) => {
  const head = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  expect(readQuery(Uint8Array.from([...head, ...bytes])).type).toBe(type);
});

test("answers, and what has no header, get no answer", () => {
  expect(readQuery(writeAnswer(query("a.b"), { code: 0, answers: [] }, 512)).type).toBe("noise");
  expect(readQuery(new Uint8Array(5)).type).toBe("noise");
});
