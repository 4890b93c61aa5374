import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  boxKeys,
  type ConfigContent,
  configSealContext,
  encode,
  type Position,
  sealBox,
  unwrap,
} from "../../protocol/mod.ts";
import { testPod } from "../testkit/pod-fixture.ts";
import { configFiles } from "./config-cache.ts";
import { ConfigStore } from "./config-store.ts";
import { nodeKey } from "./node-key.ts";

const seed = (word: string): Buffer => createHash("sha256").update(word).digest();
const keys = boxKeys(seed("n1"));
const at = (position: number): Position => position as Position;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const settings = (position?: number) =>
  ({
    kind: "ConfigMap",
    name: "settings",
    ...(position !== undefined && { position: at(position) }),
  }) as const;

let folder: string;
let questions: string[];
let answer: ConfigContent | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-configs-"));
  questions = [];
  answer = undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

const store = (alone = false): ConfigStore =>
  new ConfigStore({
    node: "n1",
    keys,
    cache: configFiles(folder),
    fetch(namespace, { kind, name }) {
      questions.push(`${kind} ${namespace}/${name}`);
      return alone ? Promise.reject(new Error("nobody answers")) : Promise.resolve(answer);
    },
  });

test("what is not there is not asked for, and what is here is asked for once", async () => {
  const configs = store();
  expect(await configs.values("default", settings())).toBeUndefined();
  answer = { position: at(12), data: { a: bytes("1") } };
  const both = await Promise.all([1, 2].map(() => configs.values("default", settings(12))));
  expect(both).toEqual([{ a: bytes("1") }, { a: bytes("1") }]);
  expect(await configs.values("default", settings(11))).toEqual({ a: bytes("1") });
  expect(questions).toEqual(["ConfigMap default/settings"]);
});

test("a newer position is asked for again", async () => {
  const configs = store();
  answer = { position: at(12), data: { a: bytes("1") } };
  await configs.values("default", settings(12));
  answer = { position: at(20), data: { a: bytes("2") } };
  expect(await configs.values("default", settings(20))).toEqual({ a: bytes("2") });
});

test("a restarted agent finds it with nobody there, until no pod uses it", async () => {
  answer = { position: at(12), data: { a: bytes("1") } };
  await store().values("default", settings(12));
  const alone = store(true);
  expect(await alone.values("default", settings(12))).toEqual({ a: bytes("1") });
  await expect(alone.values("default", settings(13))).rejects.toThrow("nobody answers");
  await alone.retain([{ pod: testPod(), configs: [settings()] }]);
  expect(readdirSync(folder)).toHaveLength(1);
  await alone.retain([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("a secret is kept sealed, and opens with the node's key alone", async () => {
  const secret = { kind: "Secret", name: "db", position: at(12) } as const;
  const context = configSealContext("n1", "default", "db", at(12));
  const clear = encode({ password: bytes("hunter2") });
  const sealed = unwrap(sealBox(clear, { to: keys.publicKey, seed: seed("x"), context }));
  answer = { position: at(12), sealed };
  expect(await store().values("default", secret)).toEqual({ password: bytes("hunter2") });
  const [file = ""] = readdirSync(folder);
  expect(readFileSync(join(folder, file)).includes("hunter2")).toBe(false);
  const other = unwrap(sealBox(clear, { to: boxKeys(seed("n2")).publicKey, seed: seed("x"), context }));
  answer = { position: at(13), sealed: other };
  await expect(store().values("default", { ...secret, position: at(13) })).rejects.toThrow(/does not open/);
});

test("the node's key is made once", async () => {
  let text: string | undefined;
  let count = 0;
  const record = {
    load: () => Promise.resolve(text),
    save: (next: string) => Promise.resolve(void (text = next)),
  };
  const ids = { uuid: () => `id-${count++}`, suffix: () => "" };
  const made = await nodeKey(record, ids);
  expect(await nodeKey(record, ids)).toEqual(made);
  expect(made.publicKey).not.toBe(made.privateKey);
});
