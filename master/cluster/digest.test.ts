import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical } from "./digest.ts";

/** As it was first written; hashes of templates and configs that stand in logs were made of its text. */
const asEver = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(
      Object.entries(member).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
    );
  });

const key = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "10",
    "9",
    "01",
    "-1",
    "1.5",
    "4294967295",
    "/",
    ":",
    "!",
    "app.kubernetes.io/name",
    "__proto__",
  ),
);
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constantFrom(null, undefined)),
    fc.array(tie("plain"), { maxLength: 6 }),
    fc.dictionary(key, tie("plain"), { maxKeys: 8 }),
  ),
}));

test("canonical text is what it has always been", () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(canonical({ value })).toBe(asEver({ value }));
    }),
    { numRuns: 2_000 },
  );
});
