import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { type ApiObject, unwrap } from "../../protocol/mod.ts";
import { createVault, revealSecret } from "../secrets/mod.ts";
import { type Given, givenCluster } from "./given.ts";

const vault = unwrap(createVault([createHash("sha256").update("cluster").digest("base64")]));
let given: Given;
beforeEach(() => {
  given = givenCluster({ vault });
});

const secret = (fields: Record<string, unknown>): ApiObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "db" },
  ...fields,
});
const values = (): Record<string, string> => {
  const object = given.state.render("Secret", "default", "db");
  const { data = {} } = (object ? unwrap(revealSecret(object, vault)) : {}) as {
    data?: Record<string, string>;
  };
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]),
  );
};
const apply = (fields: Record<string, unknown>, manager = "me") =>
  given.run({ type: "ApplyObject", object: secret(fields), manager });

describe("a secret", () => {
  test("is created, changed and patched, and no event ever holds a value", () => {
    given.create(secret({ stringData: { a: "first", b: "second" } }));
    expect(values()).toEqual({ a: "first", b: "second" });
    given.run({ type: "ReplaceObject", object: secret({ stringData: { a: "third" } }) });
    expect(values()).toEqual({ a: "third" });
    const patch = { stringData: { c: "fourth" }, data: { a: null } };
    given.run({ type: "PatchObject", kind: "Secret", name: "db", patch });
    expect(values()).toEqual({ c: "fourth" });
    const log = JSON.stringify(given.log);
    for (const word of ["first", "second", "third", "fourth"]) {
      expect(log).not.toContain(word);
      expect(log).not.toContain(Buffer.from(word).toString("base64").replace(/=+$/, ""));
    }
  });

  test("that is applied again without a change writes nothing", () => {
    apply({ stringData: { a: "same" } });
    const { length } = given.log;
    expect(apply({ stringData: { a: "same" } }).outcome).toBe("unchanged");
    expect(given.since(length)).toEqual([]);
  });

  test("keeps what others have set, and loses what its manager leaves out", () => {
    apply({ stringData: { mine: "1", old: "2" } });
    apply({ stringData: { theirs: "3" } }, "them");
    apply({ stringData: { mine: "1" } });
    expect(values()).toEqual({ mine: "1", theirs: "3" });
  });

  test("that is immutable takes labels, and no other values", () => {
    given.create(secret({ stringData: { a: "1" }, immutable: true }));
    const patch = (fields: Record<string, unknown>) =>
      ({ type: "PatchObject", kind: "Secret", name: "db", patch: fields }) as const;
    expect(given.refusal(patch({ stringData: { a: "2" } }))).toMatchObject({
      causes: [{ field: "data", reason: "Immutable" }],
    });
    expect(given.refusal(patch({ immutable: null }))).toMatchObject({ code: "Invalid" });
    expect(
      given.refusal(patch({ stringData: { a: "1" }, metadata: { labels: { x: "y" } } })),
    ).toBeUndefined();
  });

  test("of a known type has that type's keys", () => {
    const tls = secret({ type: "kubernetes.io/tls", stringData: { "tls.crt": "x" } });
    expect(given.refusal({ type: "CreateObject", object: tls })).toMatchObject({
      causes: [{ field: "data[tls.key]", reason: "Required" }],
    });
    given.create(secret({ stringData: { a: "1" } }));
    const retyped = secret({ type: "kubernetes.io/ssh-auth", stringData: { "ssh-privatekey": "x" } });
    expect(given.refusal({ type: "ReplaceObject", object: retyped })).toMatchObject({
      causes: [{ field: "type", reason: "Immutable" }],
    });
  });
});
