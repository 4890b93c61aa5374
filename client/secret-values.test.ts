import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import {
  answerBoxContext,
  type ApiObject,
  boxedText,
  boxKeys,
  boxOf,
  openBox,
  requestBoxContext,
  sealBox,
  unwrap,
} from "../protocol/mod.ts";
import { SecretValues } from "./secret-values.ts";

const seed = (word: string): Uint8Array => createHash("sha256").update(word).digest();
const masters = boxKeys(seed("masters"));
const values = (): SecretValues => {
  let count = 0;
  return new SecretValues("admin", { uuid: () => `id-${count++}`, suffix: () => "" });
};

test("what is sent opens with the masters' key, and the copy of the manifest stays behind", () => {
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "hunter2" };
  const sent = values().sealed(
    { metadata: { annotations }, data: { a: "aHVudGVyMg==", gone: null }, stringData: { b: "plain" } },
    masters.publicKey,
  ) as Record<string, unknown>;
  expect(JSON.stringify(sent)).not.toMatch(/hunter2|aHVudGVyMg|plain/);
  const data = sent["data"] as Record<string, string | null>;
  const clear = (key: string): string =>
    Buffer.from(
      unwrap(openBox(boxOf(data[key] ?? "") ?? new Uint8Array(), masters, requestBoxContext("admin"))),
    ).toString();
  expect([clear("a"), clear("b"), data["gone"]]).toEqual(["hunter2", "plain", null]);
});

test("what is no base64 is refused before it is sent, by its key", () => {
  const send = () => values().sealed({ data: { a: "pass word!" } }, masters.publicKey);
  expect(send).toThrow("data[a] must be base64");
  expect(send).not.toThrow("pass word!");
});

test("what is read sealed to this client is shown in base64", () => {
  const own = values();
  const to = own.publicKey;
  const context = answerBoxContext("u-1", "a");
  const box = boxedText(unwrap(sealBox(Buffer.from("hunter2"), { to, seed: seed("x"), context })));
  const object: ApiObject = { apiVersion: "v1", kind: "Secret", metadata: { uid: "u-1" }, data: { a: box } };
  expect(own.opened(object)["data"]).toEqual({ a: "aHVudGVyMg==" });
  expect(() => own.opened({ ...object, metadata: { uid: "u-2" } })).toThrow("does not open");
  const pod: ApiObject = { apiVersion: "v1", kind: "Pod", metadata: {} };
  expect(own.opened(pod)).toBe(pod);
});
