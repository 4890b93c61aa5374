import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  type ApiObject,
  boxedText,
  requestBoxContext,
  sealBox,
  type Uid,
  unwrap,
} from "../../protocol/mod.ts";
import { createVault, revealSecret, sealSecret, sealSecretPatch, withoutValues } from "./mod.ts";

const keyOf = (word: string): string => createHash("sha256").update(word).digest("base64");
const vault = unwrap(createVault([keyOf("one")]));
const uid = "u-1" as Uid;
const by = "user:admin";
const place = { uid, field: "data[password]" };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const secret = (fields: Record<string, unknown>): ApiObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "db", uid },
  ...fields,
});
const valuesOf = (object: unknown): Record<string, string> =>
  (object as { data: Record<string, string> }).data;

describe("the vault", () => {
  test("opens what it sealed, shows nothing of it, and seals equal values equally", () => {
    const sealed = vault.seal(place, bytes("hunter2"));
    expect(sealed).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(vault.seal(place, bytes("hunter2"))).toBe(sealed);
    expect(unwrap(vault.open(place, sealed))).toEqual(bytes("hunter2"));
    expect(vault.seal(place, bytes("hunter3"))).not.toBe(sealed);
    expect(vault.seal({ ...place, uid: "u-2" as Uid }, bytes("hunter2"))).not.toBe(sealed);
  });

  test("opens nothing that was moved to another place or changed", () => {
    const sealed = vault.seal(place, bytes("hunter2"));
    const changed = sealed.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    expect(vault.open({ ...place, field: "data[user]" }, sealed)).toMatchObject({ ok: false });
    expect(vault.open({ ...place, uid: "u-2" as Uid }, sealed)).toMatchObject({ ok: false });
    expect(vault.open(place, `${changed.slice(0, 40)}${changed.slice(41)}`)).toMatchObject({ ok: false });
    expect(vault.open(place, "hunter2")).toMatchObject({ ok: false, error: { code: "Unavailable" } });
  });

  test("a new key before an old one seals, and both open", () => {
    const both = unwrap(createVault([keyOf("two"), keyOf("one")]));
    const [old, fresh] = [vault.seal(place, bytes("x")), both.seal(place, bytes("x"))];
    expect(fresh).not.toBe(old);
    expect(unwrap(both.open(place, old))).toEqual(bytes("x"));
    expect(vault.open(place, fresh)).toMatchObject({ ok: false, error: { code: "Unavailable" } });
  });

  test("opens what a client has sealed on its way, for that user's commands only", () => {
    const { publicKey } = vault;
    const clear = bytes("hunter2");
    const context = requestBoxContext("admin");
    const box = unwrap(sealBox(clear, { to: publicKey, seed: createHash("sha256").digest(), context }));
    const object = secret({ data: { a: boxedText(box) } });
    const sealed = unwrap(sealSecret(object, { vault, uid, by }));
    expect(valuesOf(unwrap(revealSecret(sealed, vault)))).toEqual({ a: "aHVudGVyMg==" });
    expect(sealSecret(object, { vault, uid, by: "user:other" })).toMatchObject({ ok: false });
    const later = unwrap(createVault([keyOf("two"), keyOf("one")]));
    expect(unwrap(later.openBox(box, context))).toEqual(clear);
  });

  test.each([[[]], [["c2hvcnQ="]]])("keys %j are refused", (keys) => {
    expect(createVault(keys)).toMatchObject({ ok: false, error: { code: "Invalid" } });
  });
});

describe("sealing a secret", () => {
  test("both kinds of fields become sealed data, which its readers see in base64", () => {
    const given = secret({ data: { a: "YQ==" }, stringData: { b: "plain" }, type: "Opaque" });
    const sealed = unwrap(sealSecret(given, { vault, uid, by }));
    expect(JSON.stringify(sealed)).not.toMatch(/YQ==|plain|cGxhaW4/);
    expect(sealed).not.toHaveProperty("stringData");
    expect(valuesOf(unwrap(revealSecret(sealed, vault)))).toEqual({ a: "YQ==", b: "cGxhaW4=" });
    expect(withoutValues(sealed)).toEqual({ ...secret({ type: "Opaque" }) });
    expect(revealSecret(sealed, undefined)).toMatchObject({ ok: false, error: { code: "Unavailable" } });
  });

  test("a value that stays keeps its text, also when the key was replaced", () => {
    const before = unwrap(sealSecret(secret({ stringData: { a: "1", b: "2" } }), { vault, uid, by }));
    const both = unwrap(createVault([keyOf("two"), keyOf("one")]));
    const after = unwrap(
      sealSecret(secret({ stringData: { a: "1", b: "3" } }), { vault: both, uid, by, before }),
    );
    expect(valuesOf(after)["a"]).toBe(valuesOf(before)["a"]);
    expect(valuesOf(after)["b"]).not.toBe(valuesOf(before)["b"]);
  });

  test("a patch seals what it sets and keeps what it takes away", () => {
    const patch = {
      data: { gone: null, a: "YQ==" },
      stringData: { b: "plain" },
      metadata: { labels: { x: "y" } },
    };
    const sealed = unwrap(sealSecretPatch(patch, { vault, uid, by }));
    expect(sealed).toMatchObject({
      data: { gone: null, a: expect.stringMatching(/^sealed:/), b: expect.stringMatching(/^sealed:/) },
      metadata: { labels: { x: "y" } },
    });
    expect(unwrap(sealSecretPatch({ data: null }, { vault, uid, by }))).toEqual({ data: null });
  });

  test("the copy that kubectl keeps in an annotation is left out", () => {
    const copy = { "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"a":"YQ=="}}', kept: "yes" };
    const given = secret({ data: { a: "YQ==" }, metadata: { name: "db", annotations: copy } });
    expect(unwrap(sealSecret(given, { vault, uid, by })).metadata.annotations).toEqual({ kept: "yes" });
  });

  test.each([
    [{ data: { a: "no base64!" } }, /data\[a\] must be base64/],
    [{ data: { a: 12345 } }, /data\[a\] must be text/],
    [{ data: "12345" }, /data must be a map/],
    [{ stringData: { a: "x".repeat(1024 * 1024) } }, /data has 1048577 bytes/],
    [{ data: { a: "sealed:1:abc:def" } }, /data\[a\] must be base64/],
  ])("%# is refused without quoting a value", (fields, message) => {
    const result = sealSecret(secret(fields), { vault, uid, by });
    expect(result).toMatchObject({
      ok: false,
      error: { code: "Invalid", message: expect.stringMatching(message) },
    });
    expect(JSON.stringify(result)).not.toMatch(/12345|no base64!|abc:def/);
  });

  test("without a key the cluster takes none, and says what to do", () => {
    const result = sealSecret(secret({ stringData: { a: "1" } }), { vault: undefined, uid, by });
    expect(result).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("--secret-key-file") },
    });
  });
});
