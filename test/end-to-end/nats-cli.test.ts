// What docs/nats-cli.md shows, done over a raw NATS connection exactly as the nats CLI does it.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { connect, headers, type NatsConnection, StringCodec } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { webController, webService } from "./manifests.ts";

const text = StringCodec();
let cluster: TestCluster;
let nats: NatsConnection;

beforeAll(async () => {
  cluster = await startTestCluster({ runtime: "process", octet: 80, nodes: 1 });
  nats = await connect({ servers: cluster.url });
});
afterAll(async () => {
  await nats?.close();
  await cluster?.stop();
});

/** `nats req SUBJECT BODY`. */
async function request(subject: string, body: string): Promise<Record<string, unknown>> {
  const reply = await nats.request(subject, text.encode(body), { timeout: 5000 });
  return JSON.parse(text.decode(reply.data)) as Record<string, unknown>;
}

test("nats sub 'berth.events.>' shows accepted events as JSON", async () => {
  const seen: { subject: string; event: Record<string, unknown> }[] = [];
  const subscription = nats.subscribe("berth.events.>");
  void (async () => {
    for await (const { subject, data } of subscription) {
      seen.push({ subject, event: JSON.parse(text.decode(data)) as Record<string, unknown> });
    }
  })();
  await nats.flush();
  await cluster.client.apply(webService);
  await expect
    .poll(() => seen.map(({ subject }) => subject))
    .toContain("berth.events.default.Service.web.ObjectCreated");
  const created = seen.find(({ subject }) => subject.endsWith("Service.web.ObjectCreated"));
  expect(created?.event).toMatchObject({
    type: "ObjectCreated",
    by: "user:admin",
    object: { kind: "Service", name: "web" },
  });
  expect(created?.event["position"]).toBeTypeOf("number");
  subscription.unsubscribe();
});

test("nats req … '' lists in JSON, and a manifest in JSON is applied", async () => {
  const applied = await request(
    "berth.api.admin.apply.core.replicationcontrollers.default.web._",
    JSON.stringify(webController(2)),
  );
  expect(applied).toMatchObject({ ok: true, type: "object", outcome: "created" });
  await cluster.waitReady("app=web", 2);
  const listed = await request("berth.api.admin.list.core.pods.default._._", "");
  expect(listed).toMatchObject({ ok: true, type: "list", kind: "Pod" });
  expect(listed["items"]).toHaveLength(2);
  const one = await request("berth.api.admin.get.core.replicationcontrollers.default.web._", "");
  expect(one).toMatchObject({ ok: true, object: { kind: "ReplicationController", spec: { replicas: 2 } } });
});

test("errors come back as JSON with a code", async () => {
  expect(await request("berth.api.admin.get.core.pods.default.nothing._", "")).toMatchObject({
    ok: false,
    error: { code: "NotFound" },
  });
  expect(await request("berth.api.admin.apply.core.pods.default.x._", "{ broken")).toMatchObject({
    ok: false,
    error: { code: "BadRequest" },
  });
  expect(
    await request("berth.api.admin.apply.core.services.default.other._", JSON.stringify(webService)),
  ).toMatchObject({
    ok: false,
    error: { code: "BadRequest" },
  });
});

test("a JSON answer is asked for by content type too", async () => {
  const asked = headers();
  asked.set("Content-Type", "application/json");
  const reply = await nats.request("berth.api.admin.get.berth.status._._._", text.encode("{}"), {
    timeout: 5000,
    headers: asked,
  });
  expect(JSON.parse(text.decode(reply.data))).toMatchObject({
    ok: true,
    type: "status",
    status: { prefix: "berth" },
  });
});

test("nats micro ls, info and stats see the masters", async () => {
  const ping = await request("$SRV.PING.berth", "");
  expect(ping).toMatchObject({ name: "berth", type: "io.nats.micro.v1.ping_response" });
  const stats = await request("$SRV.STATS.berth", "");
  const endpoints = stats["endpoints"] as { num_requests: number }[];
  expect(endpoints.reduce((sum, { num_requests }) => sum + num_requests, 0)).toBeGreaterThan(0);
});

test("nats stream view shows commits with headers, and `berth decode` shows them as text", async () => {
  const manager = await nats.jetstreamManager();
  const { state } = await manager.streams.info("BERTH_LOG");
  const bodies: Uint8Array[] = [];
  const names = new Set<string>();
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage("BERTH_LOG", { seq });
    for (const name of message.header.keys()) names.add(name);
    expect(message.header.get("Berth-Events")).not.toBe("");
    bodies.push(message.data);
  }
  expect([...names]).toEqual(
    expect.arrayContaining([
      "Berth-Events",
      "Berth-Objects",
      "Berth-By",
      "Berth-Command",
      "Berth-Epoch",
      "Berth-Position",
    ]),
  );
  const main = join(import.meta.dirname, "..", "..", "cli", "main.ts");
  const shown = bodies.map((input) => {
    const { stdout, status } = spawnSync(process.execPath, [main, "decode"], { input, encoding: "utf8" });
    expect(status).toBe(0);
    return stdout;
  });
  expect(shown.join("\n")).toContain("ObjectCreated");
  expect(shown.join("\n")).toContain("LeaderElected");
});
