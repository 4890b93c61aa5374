import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { unwrap } from "./errors.ts";
import { boxKeys, openBox, sealBox } from "./sealed-box.ts";

const seed = (word: string): Uint8Array => createHash("sha256").update(word).digest();
const clear = new TextEncoder().encode("correct horse battery staple");
const receiver = boxKeys(seed("receiver"));
const seal = (context = "n1"): Uint8Array =>
  unwrap(sealBox(clear, { to: receiver.publicKey, seed: seed("one"), context }));

test("a box opens with the receiver's key under the same words, and shows nothing of what is in it", () => {
  const box = seal();
  expect(unwrap(openBox(box, receiver, "n1"))).toEqual(clear);
  expect(Buffer.from(box).includes("horse")).toBe(false);
});

test("a box opens with no other key, under no other words, and not when it was changed", () => {
  const box = seal();
  expect(openBox(box, boxKeys(seed("other")), "n1").ok).toBe(false);
  expect(openBox(box, receiver, "n2").ok).toBe(false);
  for (const index of [0, 40, box.length - 1]) {
    const changed = Uint8Array.from(box);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(openBox(changed, receiver, "n1").ok).toBe(false);
  }
  expect(openBox(box.subarray(0, 20), receiver, "n1").ok).toBe(false);
});

test("what is no key is refused by name", () => {
  expect(sealBox(clear, { to: "short", seed: seed("one"), context: "" })).toMatchObject({
    ok: false,
    error: { code: "Invalid" },
  });
});
