// The read side on its own thread, over a real server: it folds what was there, answers, watches and stops.

import { afterEach, beforeEach, expect, it } from "vitest";
import { type Connection, connectNats, createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import { startReadWorker, type ReadWorker } from "../../../master/reads/mod.ts";
import { createdPod, WrittenLog } from "../../../master/reads/testkit/written-log.ts";
import { logStreamName, logSubject, type MasterId } from "../../../protocol/mod.ts";
import { type NatsServerHandle, startNatsServer } from "../../support/nats-server.ts";

const prefix = "berth";
const world = createSystemWorld(silentLogger);
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

let server: NatsServerHandle;
let connection: Connection;
let writer: WrittenLog;
let worker: ReadWorker | undefined;

beforeEach(async () => {
  server = await startNatsServer();
  connection = await connectNats({ servers: server.url, name: "test" }, world);
  writer = new WrittenLog(
    connection.eventLog({ stream: logStreamName(prefix), subject: logSubject(prefix) }),
  );
  await writer.create("m1");
  writer.answerPosition(connection.bus, prefix);
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await connection.close();
  await server.stop();
});

const start = (masterId: string): ReadWorker => {
  worker = startReadWorker(world.clock, {
    nats: { servers: server.url, name: "reads" },
    logger: { level: "error", pretty: false },
    prefix,
    masterId: masterId as MasterId,
    version: "0.1.0",
    startedAt: 0,
  });
  return worker;
};

async function ask(subject: string, body: unknown): Promise<unknown> {
  const reply = await connection.bus.request(subject, json(body), { timeoutMs: 5000 });
  return JSON.parse(new TextDecoder().decode(reply.data));
}

it("folds the log, answers over the bus, and sees what was just accepted", async () => {
  await writer.commit([createdPod("before")]);
  await start("m1").ready;
  await writer.commit([createdPod("after")]);
  const reply = await ask("berth.api.ann.list.core.pods.default._._", {});
  expect(reply).toMatchObject({
    ok: true,
    position: 5,
    items: [{ metadata: { name: "after" } }, { metadata: { name: "before" } }],
  });
});

it("delivers a watch's messages in order", async () => {
  await start("m1").ready;
  const deliver = connection.bus.inbox();
  const done = Promise.withResolvers<void>();
  const told: string[] = [];
  connection.bus.subscribe(deliver, ({ data }) => {
    const message = JSON.parse(new TextDecoder().decode(data));
    if (message.type === "BOOKMARK") return;
    told.push(`${message.type} ${message.object.metadata.name}`);
    if (told.length === 200) done.resolve();
  });
  await ask("berth.api.ann.watch.core.pods.default._._", { deliver });
  const names = Array.from({ length: 200 }, (_, index) => `p${index}`);
  for (const name of names) await writer.commit([createdPod(name)]);
  await done.promise;
  expect(told).toEqual(names.map((name) => `ADDED ${name}`));
});

it("tells its master what ended it: a server that is not there", async () => {
  worker = startReadWorker(world.clock, {
    nats: { servers: "nats://127.0.0.1:1", name: "reads" },
    logger: { level: "silent", pretty: false },
    prefix,
    masterId: "m1" as MasterId,
    version: "0.1.0",
    startedAt: 0,
  });
  await expect(worker.ready).rejects.toThrow("127.0.0.1:1");
  expect((await worker.failed).message).toContain("127.0.0.1:1");
});
