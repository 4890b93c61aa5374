// What only a real nats-server can show: permissions, misconfiguration, silence, and tools of others.

import { connect, type NatsConnection } from "nats";
import { afterEach, expect, test } from "vitest";

import { connectNats, type AppendOutcome, type Connection, type NatsOptions } from "../../../actors/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { startNatsServer, type NatsServerHandle, type NatsServerOptions } from "../../support/nats-server.ts";
import { world } from "./adapters.ts";

const names = { stream: "TEST_LOG", subject: "test.log" };
const data = Buffer.from("x");
const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

async function serve(options?: NatsServerOptions): Promise<NatsServerHandle> {
  const server = await startNatsServer(options);
  cleanUp.push(() => server.stop());
  return server;
}

async function open(server: NatsServerHandle, options: Partial<NatsOptions> = {}): Promise<Connection> {
  const connection = await connectNats({ servers: server.url, name: "test", ...options }, world);
  cleanUp.push(() => connection.close());
  return connection;
}

async function openRaw(server: NatsServerHandle): Promise<NatsConnection> {
  const raw = await connect({ servers: server.url });
  cleanUp.push(() => raw.close());
  return raw;
}

test("says Denied for wrong credentials, requests and appends that are not permitted", async () => {
  const permissions = `{ publish: { deny: ["secret.>", "test.log"] } }`;
  const server = await serve({
    config: `authorization { users: [ { user: u, password: p, permissions: ${permissions} } ] }`,
  });
  await expect(open(server, { user: "u", password: "wrong" })).rejects.toMatchObject({ code: "Denied" });
  const { bus, eventLog } = await open(server, { user: "u", password: "p" });
  await expect(bus.request("secret.x", data, { timeoutMs: 30_000 })).rejects.toMatchObject({
    code: "Denied",
  });
  const log = eventLog(names);
  await log.ensure({ replicas: 1 });
  expect(await log.append({ data, expectedSequence: 0, messageId: "a", timeoutMs: 30_000 })).toMatchObject({
    type: "failed",
  });
});

test("keeps replies under the inbox prefix", async () => {
  const server = await serve();
  const { bus } = await open(server, { inboxPrefix: "_INBOX_berth_alice" });
  const replies: string[] = [];
  bus.subscribe("who", (message) => {
    replies.push(message.reply ?? "");
    message.respond(data);
  });
  await bus.flush();
  await bus.request("who", data, { timeoutMs: 5_000 });
  expect(replies[0]).toMatch(/^_INBOX_berth_alice\./);
  expect(bus.inbox()).toMatch(/^_INBOX_berth_alice\./);
});

test("waits for a server that starts later", async () => {
  const first = await startNatsServer();
  await first.kill();
  const opening = open(first, { waitForServer: true });
  const second = await first.restart();
  cleanUp.push(() => second.stop());
  expect((await opening).bus.state).toBe("connected");
});

test("refuses a stream that is not configured as the log needs it, and a small max_payload", async () => {
  const server = await serve();
  const raw = await openRaw(server);
  const manager = await raw.jetstreamManager();
  await manager.streams.add({ name: "TEST_LOG", subjects: ["test.log"], max_msgs: 1000 });
  const { eventLog } = await open(server);
  await expect(eventLog(names).ensure({ replicas: 1 })).rejects.toMatchObject({
    code: "Misconfigured",
    message: expect.stringMatching(/discard.*max_msgs/),
  });
  const small = await serve({ config: "max_payload: 1MB" });
  await expect((await open(small)).eventLog(names).ensure({ replicas: 1 })).rejects.toMatchObject({
    code: "Misconfigured",
    message: expect.stringContaining("max_payload"),
  });
});

test("answers unknown when the server is silent, never sends twice, and settles by a resend", async () => {
  const server = await serve();
  const { eventLog, bus } = await open(server);
  const log = eventLog(names);
  await log.ensure({ replicas: 1 });
  const append = (timeoutMs: number): Promise<AppendOutcome> =>
    log.append({ data, expectedSequence: 0, messageId: "a", timeoutMs });
  process.kill(server.pid, "SIGSTOP");
  try {
    expect(await append(50)).toMatchObject({ type: "unknown" });
    await expect(bus.request("x", data, { timeoutMs: 50 })).rejects.toMatchObject({ code: "Timeout" });
  } finally {
    process.kill(server.pid, "SIGCONT");
  }
  expect(await append(5_000)).toMatchObject({ type: "refused" });
  expect(await log.info()).toMatchObject({ messages: 1 });
});

test("fails an append to a full stream", async () => {
  const { eventLog } = await open(await serve());
  const log = eventLog(names);
  await log.ensure({ replicas: 1, maxBytes: 4_096 });
  const big = new Uint8Array(8_192);
  const outcome = await log.append({ data: big, expectedSequence: 0, messageId: "a", timeoutMs: 5_000 });
  expect(outcome).toMatchObject({ type: "failed", message: expect.stringContaining("maximum bytes") });
});

test("makes its consumer anew when it was deleted", async () => {
  const server = await serve();
  const { eventLog } = await open(server);
  const log = eventLog(names);
  await log.ensure({ replicas: 1 });
  const seen: number[] = [];
  const reader = log.read({
    fromSequence: 1,
    onEntry: ({ sequence }) => void seen.push(sequence),
    onError: (error) => expect.unreachable(error.message),
  });
  await log.append({ data, expectedSequence: 0, messageId: "a", timeoutMs: 5_000 });
  await reader.caughtUp(1);
  const manager = await (await openRaw(server)).jetstreamManager();
  for await (const { name } of manager.consumers.list("TEST_LOG"))
    await manager.consumers.delete("TEST_LOG", name);
  await log.append({ data, expectedSequence: 1, messageId: "b", timeoutMs: 5_000 });
  await reader.caughtUp(2);
  expect(seen).toEqual([1, 2]);
  await reader.stop();
  await eventually("the consumer is deleted", async () => {
    return (await manager.streams.info("TEST_LOG")).state.consumer_count === 0;
  });
});

test("bounds what waits for a slow reader, and still delivers all of it", async () => {
  const { eventLog } = await open(await serve());
  const log = eventLog(names);
  await log.ensure({ replicas: 1 });
  const count = 400;
  const large = new Uint8Array(64 * 1024);
  const outcomes = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      log.append({ data: large, expectedSequence: index, messageId: String(index), timeoutMs: 20_000 }),
    ),
  );
  expect(outcomes.filter(({ type }) => type !== "stored")).toEqual([]);
  let seen = 0;
  const reader = log.read({
    fromSequence: 1,
    onEntry: async () => {
      seen++;
      await new Promise((resolve) => setImmediate(resolve));
    },
    onError: (error) => expect.unreachable(error.message),
  });
  await reader.caughtUp(count);
  expect(seen).toBe(count);
  await reader.stop();
});

test("is seen by the service client of the nats package", async () => {
  const server = await serve();
  const { bus } = await open(server);
  const service = await bus.service({
    name: "berth-master",
    version: "0.1.0",
    description: "the control plane",
    metadata: { cluster: "test" },
    endpoints: [{ name: "api", subject: "berth.api.>", handler: (message) => message.respond(data) }],
  });
  service.record("api", 1);
  const client = (await openRaw(server)).services.client();
  const infos = [];
  for await (const info of await client.info("berth-master")) infos.push(info);
  expect(infos).toMatchObject([{ id: service.id, metadata: { cluster: "test" } }]);
  const stats = [];
  for await (const one of await client.stats("berth-master", service.id)) stats.push(one);
  expect(stats[0]?.endpoints?.[0]).toMatchObject({ num_requests: 1, processing_time: 1_000_000 });
});
