// Masters on a real nats-server: what the memory adapters promise, the server keeps.

import { afterEach, describe, expect, test } from "vitest";
import {
  type Connection,
  connectNats,
  createMemoryLogger,
  createSystemWorld,
  type EventLog,
} from "../../../actors/mod.ts";
import { decodeCommit, type Master } from "../../../master/mod.ts";
import { startTestAgent, type TestAgent } from "../../../master/testkit/test-agent.ts";
import { createTestClient, replicationController } from "../../../master/testkit/test-client.ts";
import { startTestMaster } from "../../../master/testkit/test-master.ts";
import {
  type CommandId,
  type Commit,
  commitHeaders,
  encodeJson,
  logStreamName,
  logSubject,
  unwrap,
} from "../../../protocol/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { foldLog } from "../../support/fold-log.ts";
import { type NatsServerHandle, startNatsServer } from "../../support/nats-server.ts";

const prefix = "berth";
const stream = { stream: logStreamName(prefix), subject: logSubject(prefix) };
const rc = { verb: "apply", resource: "replicationcontrollers", namespace: "default" } as const;

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const logger = createMemoryLogger();
const world = createSystemWorld(logger);

async function connectTo(server: NatsServerHandle, name: string): Promise<Connection> {
  const connection = await connectNats({ servers: server.url, name }, world);
  cleanUp.push(() => connection.close());
  return connection;
}

async function start(
  server: NatsServerHandle,
  id: string,
): Promise<{ master: Master; connection: Connection }> {
  const connection = await connectTo(server, id);
  const master = await startTestMaster({ world, connection, prefix, id, readSide: { type: "inline" } });
  cleanUp.push(() => master.stop());
  return { master, connection };
}

async function server(): Promise<NatsServerHandle> {
  const handle = await startNatsServer();
  cleanUp.push(() => handle.stop());
  return handle;
}

async function readCommits(
  log: EventLog,
): Promise<{ commit: Commit; headers: Readonly<Record<string, string>> }[]> {
  const { lastSequence } = await log.info();
  const commits = [];
  for (let sequence = 1; sequence <= lastSequence; sequence++) {
    const entry = await log.get(sequence);
    if (entry) commits.push({ commit: unwrap(decodeCommit(entry.data)), headers: entry.headers });
  }
  return commits;
}

const running = (agents: readonly TestAgent[]): number =>
  agents.reduce((sum, { pods }) => sum + [...pods.values()].filter(({ stop }) => !stop).length, 0);

describe("masters on nats-server", () => {
  test("apply, fail-over in the middle of requests, and the log folds to the same state", async () => {
    const nats = await server();
    const { master: first } = await start(nats, "m1");
    await eventually("m1 leads", () => first.standing === "leading");
    const { master: second } = await start(nats, "m2");
    const { bus } = await connectTo(nats, "agents");
    const agents = ["n1", "n2", "n3"].map((name) => startTestAgent({ world, bus, prefix, name }));
    cleanUp.push(async () => agents.forEach((agent) => agent.die()));
    const observer = await connectTo(nats, "client");
    const client = createTestClient(observer.bus, prefix, 2_000);
    await client({ ...rc, name: "web" }, { object: replicationController("web", 3) });
    await eventually("pods run", () => running(agents) === 3);

    // Commands with ids are sent until they are answered, while the leader hands over.
    const commands = Array.from({ length: 40 }, async (_, index) => {
      const request = {
        object: replicationController(`rc-${index}`, 1, "1m"),
        commandId: `command-${index}` as CommandId,
        sentAt: Date.now(),
      };
      for (;;) {
        const reply = await client({ ...rc, verb: "create", name: `rc-${index}` }, request).catch(
          () => undefined,
        );
        if (reply?.ok) return reply;
        if (reply && reply.error.code !== "NoLeader") throw new Error(reply.error.message);
      }
    });
    await first.stop();
    expect(await Promise.all(commands)).toHaveLength(40);
    await eventually("m2 leads", () => second.standing === "leading");
    await eventually("all pods are assigned", () => running(agents) === 43);

    const log = observer.eventLog(stream);
    const commits = await readCommits(log);
    const controllers = commits
      .flatMap(({ commit }) => commit.events)
      .filter((event) => event.type === "ObjectCreated" && event.object.kind === "ReplicationController");
    expect(controllers).toHaveLength(41);
    for (const { commit, headers } of commits) {
      expect(headers[commitHeaders.epoch]).toBe(String(commit.epoch));
      expect(headers[commitHeaders.events]).toContain("=");
    }
    await eventually("reports are settled", async () => (await foldLog(log)).position === second.position);
    const [one, other] = [await foldLog(log), await foldLog(log)];
    expect(one.digest()).toBe(other.digest());
    expect(one.podCount).toBe(43);
  });

  test("answers what the nats CLI sends: JSON requests, and the service's discovery", async () => {
    const nats = await server();
    const { master } = await start(nats, "m1");
    await eventually("m1 leads", () => master.standing === "leading");
    const { bus } = await connectTo(nats, "cli");
    const request = async (subject: string, body: object | string): Promise<unknown> => {
      const data = typeof body === "string" ? new TextEncoder().encode(body) : encodeJson(body);
      return JSON.parse(
        Buffer.from((await bus.request(subject, data, { timeoutMs: 5_000 })).data).toString(),
      );
    };
    expect(
      await request("berth.api.admin.create.core.namespaces._._._", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "shop" },
      }),
    ).toMatchObject({ ok: true, type: "object", outcome: "created", object: { metadata: { name: "shop" } } });
    // A new cluster has those that manifests count on.
    expect(await request("berth.api.admin.list.core.namespaces._._._", "")).toMatchObject({
      ok: true,
      type: "list",
      items: ["default", "kube-public", "kube-system", "shop"].map((name) => ({ metadata: { name } })),
    });
    expect(await request("berth.api.admin.frob.core.pods.default._._", "")).toMatchObject({
      ok: false,
      error: { code: "MethodNotSupported" },
    });
    expect(await request("berth.api.admin.delete.core.pods.default.none._", "")).toMatchObject({
      ok: false,
      error: { code: "NotFound" },
    });
    expect(await request("$SRV.INFO.berth", "")).toMatchObject({ name: "berth", version: "1.0.0" });
    expect(await request("$SRV.STATS.berth", "")).toMatchObject({
      endpoints: [{ num_requests: 3, num_errors: 2 }],
    });
    expect(await request("berth.master.status", "")).toMatchObject({ version: 1 });
  });

  test("a server that is killed and comes back loses nothing that was acknowledged", async () => {
    let nats = await server();
    const { master } = await start(nats, "m1");
    await eventually("m1 leads", () => master.standing === "leading");
    const observer = await connectTo(nats, "client");
    const client = createTestClient(observer.bus, prefix, 2_000);
    const acknowledged: string[] = [];
    let stop = false;
    const writing = (async () => {
      for (let index = 0; !stop; index++) {
        const name = `rc-${index}`;
        const request = {
          object: replicationController(name, 0),
          commandId: name as CommandId,
          sentAt: Date.now(),
        };
        const reply = await client({ ...rc, verb: "create", name }, request).catch(() => undefined);
        if (reply?.ok) acknowledged.push(name);
        else await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await eventually("some are written", () => acknowledged.length > 50);
    await nats.kill();
    nats = await startNatsServer({ directory: nats.directory, port: nats.port });
    cleanUp.push(() => nats.stop());
    const before = acknowledged.length;
    await eventually("it goes on", () => acknowledged.length > before + 20, 30_000);
    stop = true;
    await writing;
    const state = await foldLog(observer.eventLog(stream));
    const stored = new Set([...state.objects("ReplicationController", "default")].map(({ ref }) => ref.name));
    expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
    expect(master.epoch).toBe(1);
  });
});
