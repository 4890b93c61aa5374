// How config maps and secrets reach the nodes whose pods use them, and no others.

import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type ApiObject,
  type AssignMessage,
  boxKeys,
  type ConfigReply,
  configSealContext,
  decode,
  openBox,
  unwrap,
} from "../../protocol/mod.ts";
import { bind, type Given, givenCluster, nodeOf, pod, podOf, register } from "../cluster/given.ts";
import { createVault } from "../secrets/mod.ts";
import { configReply } from "./config-content.ts";
import { type Couriers, createCouriers } from "./couriers.ts";

const seed = (word: string): Buffer => createHash("sha256").update(word).digest();
const vault = unwrap(createVault([seed("cluster").toString("base64")]));
const keys = boxKeys(seed("n1"));

const configMap = (data: Record<string, string>): ApiObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data,
});
const secret = (password: string): ApiObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "db" },
  stringData: { password },
});
const using = (name: string): ApiObject =>
  pod(name, {
    containers: [
      {
        name: "main",
        image: "web:1",
        envFrom: [{ configMapRef: { name: "settings" } }, { secretRef: { name: "db" } }],
      },
    ],
  });

let given: Given;
let couriers: Couriers;
let noted: number;

/** What each node is told of everything since the last time. */
function told(): Record<string, AssignMessage> {
  for (const event of given.log.slice(noted)) couriers.note(event);
  noted = given.log.length;
  const messages: Record<string, AssignMessage> = {};
  for (const effect of couriers.collect(0)) {
    if (effect.type === "publish")
      messages[effect.subject.split(".")[2] ?? ""] = effect.message as AssignMessage;
  }
  return messages;
}
const configsOf = (message: AssignMessage | undefined): unknown =>
  message?.pods.map(({ configs }) => configs);

beforeEach(() => {
  given = givenCluster({ vault });
  register(given, "n1", { publicKey: keys.publicKey });
  register(given, "n2");
  for (const [name, node] of [
    ["uses", "n1"],
    ["other", "n2"],
  ] as const) {
    given.create(name === "uses" ? using(name) : pod(name));
    bind(given, podOf(given, name), node);
  }
  couriers = createCouriers("berth", given.state);
  noted = given.log.length;
  for (const node of ["n1", "n2"]) couriers.wantFull(nodeOf(given, node).name);
});

describe("an assignment", () => {
  test("refers to what a pod uses, by the position that it stands at", () => {
    const { n1, n2 } = told();
    expect(configsOf(n1)).toEqual([
      [
        { kind: "ConfigMap", name: "settings" },
        { kind: "Secret", name: "db" },
      ],
    ]);
    expect(configsOf(n2)).toEqual([undefined]);
  });

  test("is told anew to exactly the nodes that a change concerns, with another digest", () => {
    const before = told()["n1"]?.digest;
    given.create(configMap({ colour: "blue" }));
    const created = told();
    const position = given.state.object("ConfigMap", "default", "settings")?.position;
    expect(Object.keys(created)).toEqual(["n1"]);
    expect(configsOf(created["n1"])).toMatchObject([[{ kind: "ConfigMap", position }, { kind: "Secret" }]]);
    expect(created["n1"]?.digest).not.toBe(before);
    given.run({ type: "DeleteObject", kind: "ConfigMap", namespace: "default", name: "settings" });
    const deleted = told();
    expect(configsOf(deleted["n1"])).toMatchObject([[{ kind: "ConfigMap", name: "settings" }, {}]]);
    expect(deleted["n1"]?.digest).toBe(before);
  });

  test("says nothing of a config that no pod uses, or in another namespace", () => {
    told();
    given.create({ ...configMap({}), metadata: { name: "unused" } });
    given.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "far" } });
    given.create({ ...configMap({}), metadata: { name: "settings", namespace: "far" } });
    expect(told()).toEqual({});
  });
});

describe("a node that asks", () => {
  const ask = (node: string, kind: "ConfigMap" | "Secret", name: string): ConfigReply =>
    configReply(
      { state: given.state, vault, ids: { uuid: () => "id", suffix: () => "" } },
      nodeOf(given, node),
      { version: 1, session: nodeOf(given, node).session, kind, name, namespace: "default" },
    );

  test("gets a config map that its pods use, as bytes", () => {
    given.create({ ...configMap({ colour: "blue" }), binaryData: { logo: "//4A" } });
    const reply = ask("n1", "ConfigMap", "settings");
    expect(reply).toMatchObject({ ok: true, content: { data: { logo: Buffer.of(0xff, 0xfe, 0) } } });
    expect(ask("n2", "ConfigMap", "settings")).toEqual({ ok: true, version: 1 });
    expect(ask("n1", "ConfigMap", "none")).toEqual({ ok: true, version: 1 });
  });

  test("gets a secret sealed to its own key", () => {
    given.create(secret("hunter2"));
    const reply = ask("n1", "Secret", "db");
    const content = reply.ok ? reply.content : undefined;
    const context = configSealContext(
      "n1",
      "default",
      "db",
      content?.position ?? nodeOf(given, "n1").position,
    );
    const clear = unwrap(openBox(content?.sealed ?? new Uint8Array(), keys, context));
    expect(unwrap(decode(clear))).toEqual({ password: new TextEncoder().encode("hunter2") });
    expect(Buffer.from(content?.sealed ?? []).includes("hunter2")).toBe(false);
  });

  test("that gave no key gets no secret, and is told why", () => {
    given.create(secret("hunter2"));
    given.create(using("here"));
    bind(given, podOf(given, "here"), "n2");
    expect(ask("n2", "Secret", "db")).toMatchObject({ ok: false, error: { code: "Forbidden" } });
  });
});
