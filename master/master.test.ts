import { describe, expect, test } from "vitest";
import {
  createMemoryHub,
  createMemoryLogger,
  createVirtualWorld,
  type MemoryClient,
  type MemoryHub,
  type VirtualWorld,
} from "../actors/mod.ts";
import {
  type ApiReply,
  type BerthEvent,
  type CommandId,
  type Commit,
  logStreamName,
  logSubject,
  unwrap,
} from "../protocol/mod.ts";
import { deployment } from "./controllers/given-rollouts.ts";
import { decodeCommit } from "./journal/mod.ts";
import type { Master } from "./start-master.ts";
import { startTestAgent, type TestAgent } from "./testkit/test-agent.ts";
import { createTestClient, replicationController, type TestClient } from "./testkit/test-client.ts";
import { startTestMaster } from "./testkit/test-master.ts";

const prefix = "berth";
const stream = { stream: logStreamName(prefix), subject: logSubject(prefix) };

interface Cluster {
  readonly world: VirtualWorld;
  readonly hub: MemoryHub;
  readonly logger: ReturnType<typeof createMemoryLogger>;
  readonly client: TestClient;
  master(id: string): Promise<{ readonly master: Master; readonly connection: MemoryClient }>;
  agent(name: string): TestAgent;
  wait<T>(promise: Promise<T>): Promise<T>;
  commits(): Promise<Commit[]>;
}

function createCluster(seed = 1): Cluster {
  const logger = createMemoryLogger();
  const world = createVirtualWorld({ seed, logger });
  const hub = createMemoryHub(world);
  const reader = hub.connect("reader");
  const wait = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    const finish = (): void => {
      done = true;
    };
    promise.then(finish, finish);
    await world.runUntil(() => done, 120_000);
    return await promise;
  };
  return {
    world,
    hub,
    logger,
    client: createTestClient(hub.connect("client"), prefix),
    wait,
    async master(id) {
      const connection = hub.connect(id);
      const master = await wait(startTestMaster({ world, connection, prefix, id }));
      return { master, connection };
    },
    agent: (name) => startTestAgent({ world, bus: hub.connect(name), prefix, name }),
    async commits() {
      const log = reader.eventLog(stream);
      const { lastSequence } = await wait(log.info());
      const commits: Commit[] = [];
      for (let sequence = 1; sequence <= lastSequence; sequence++) {
        const entry = await wait(log.get(sequence));
        if (entry) commits.push(unwrap(decodeCommit(entry.data)));
      }
      return commits;
    },
  };
}

const target = { verb: "apply", resource: "replicationcontrollers", namespace: "default" } as const;
const types = (events: readonly BerthEvent[]): string[] => events.map(({ type }) => type);
const outcome = (reply: ApiReply): unknown => (reply.ok && reply.type === "object" ? reply.outcome : reply);
const running = (agents: readonly TestAgent[]): number =>
  agents.reduce((sum, { pods }) => sum + [...pods.values()].filter(({ stop }) => !stop).length, 0);

describe("a master", () => {
  test("starts an empty log with one commit, and takes the same log up again", async () => {
    const cluster = createCluster();
    const { master } = await cluster.master("m1");
    await cluster.world.runUntil(() => master.standing === "leading");
    const [first, ...more] = await cluster.commits();
    const events = first?.events ?? [];
    expect(types(events).filter((type) => type !== "ObjectCreated")).toEqual([
      "LogCreated",
      "LevelRaised",
      "ClusterConfigured",
      "LeaderElected",
    ]);
    const made = events.flatMap((event) => (event.type === "ObjectCreated" ? [event.object] : []));
    expect(made.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      "Namespace/default",
      "Namespace/kube-system",
      "Namespace/kube-public",
      "PriorityClass/system-cluster-critical",
      "PriorityClass/system-node-critical",
      "StorageClass/local",
    ]);
    expect(more).toEqual([]);
    await cluster.wait(master.stop());
    const { master: next } = await cluster.master("m1");
    await cluster.world.runUntil(() => next.standing === "leading", 1_000);
    expect(next.epoch).toBe(2);
    const later = (await cluster.commits()).slice(1);
    expect(later.flatMap((commit) => types(commit.events))).toEqual(["LeaderStoodDown", "LeaderElected"]);
  });

  test("a deployment, its replica set, its pods and their berths are one commit", async () => {
    const cluster = createCluster();
    const { master } = await cluster.master("m1");
    await cluster.world.runUntil(() => master.standing === "leading");
    const agents = ["n1", "n2", "n3"].map((name) => cluster.agent(name));
    await cluster.world.runUntil(() => agents.every(({ fulls }) => fulls > 0), 10_000);
    const before = (await cluster.commits()).length;
    const object = deployment("web", 3, "web:1");
    const where = { ...target, group: "apps", resource: "deployments", name: "web" };
    expect(outcome(await cluster.wait(cluster.client(where, { object })))).toBe("created");
    const commit = (await cluster.commits())[before];
    const counts = Map.groupBy(types(commit?.events ?? []), (type) => type);
    expect(counts.get("ObjectCreated")).toHaveLength(2);
    expect(counts.get("PodCreated")).toHaveLength(3);
    expect(counts.get("PodBound")).toHaveLength(3);
    await cluster.world.runUntil(() => running(agents) === 3, 5_000);
  });

  test("a replication controller, its pods and their berths are one commit", async () => {
    const cluster = createCluster();
    const { master } = await cluster.master("m1");
    await cluster.world.runUntil(() => master.standing === "leading");
    const agents = ["n1", "n2", "n3"].map((name) => cluster.agent(name));
    await cluster.world.runUntil(() => agents.every(({ fulls }) => fulls > 0), 10_000);
    const before = (await cluster.commits()).length;
    const reply = await cluster.wait(
      cluster.client({ ...target, name: "web" }, { object: replicationController("web", 3) }),
    );
    expect(outcome(reply)).toBe("created");
    const commit = (await cluster.commits())[before];
    const counts = Map.groupBy(types(commit?.events ?? []), (type) => type);
    expect(counts.get("ObjectCreated")).toHaveLength(1);
    expect(counts.get("PodCreated")).toHaveLength(3);
    expect(counts.get("PodBound")).toHaveLength(3);
    await cluster.world.runUntil(() => running(agents) === 3, 5_000);
    expect(agents.map(({ pods }) => pods.size)).toEqual([1, 1, 1]);
    // Deltas carried it, and what agents report makes no more work once it is committed.
    expect(agents.map(({ fulls }) => fulls)).toEqual([1, 1, 1]);
    await cluster.world.advance(5_000);
    const settled = (await cluster.commits()).length;
    await cluster.world.advance(60_000);
    expect((await cluster.commits()).length).toBe(settled);
    expect((await cluster.wait(master.status())).nodes.every(({ inSync }) => inSync)).toBe(true);
  });

  test("a retried command takes effect once, also at the next leader", async () => {
    const cluster = createCluster();
    const { master: first } = await cluster.master("m1");
    await cluster.world.runUntil(() => first.standing === "leading");
    const request = {
      object: replicationController("web", 1),
      commandId: "command-1" as CommandId,
      sentAt: cluster.world.clock.now(),
    };
    const create = { ...target, verb: "create", name: "web" } as const;
    expect(outcome(await cluster.wait(cluster.client(create, request)))).toBe("created");
    expect(outcome(await cluster.wait(cluster.client(create, request)))).toBe("created");
    const { master: second } = await cluster.master("m2");
    await cluster.wait(first.stop());
    await cluster.world.runUntil(() => second.standing === "leading");
    expect(outcome(await cluster.wait(cluster.client(create, request)))).toBe("created");
    const created = (await cluster.commits())
      .flatMap(({ events }) => events)
      .filter((event) => event.type === "ObjectCreated" && event.object.kind === "ReplicationController");
    expect(created).toHaveLength(1);
    // Results are forgotten by the log's own time, which moves with its events.
    await cluster.world.advance(16 * 60_000);
    await cluster.wait(
      cluster.client({ ...target, name: "other" }, { object: replicationController("other", 0) }),
    );
    expect(await cluster.wait(cluster.client(create, request))).toMatchObject({
      error: { code: "CommandTooOld" },
    });
  });

  test("a standby takes over when the leader falls silent, and agents notice nothing", async () => {
    const cluster = createCluster();
    const { master: first, connection } = await cluster.master("m1");
    await cluster.world.runUntil(() => first.standing === "leading");
    const { master: second } = await cluster.master("m2");
    const agents = ["n1", "n2"].map((name) => cluster.agent(name));
    await cluster.wait(
      cluster.client({ ...target, name: "web" }, { object: replicationController("web", 4) }),
    );
    await cluster.world.runUntil(() => running(agents) === 4, 10_000);
    connection.drop();
    await cluster.world.runUntil(() => second.standing === "leading", 5_000);
    await cluster.world.advance(30_000);
    expect(running(agents)).toBe(4);
    expect(agents.map(({ fulls }) => fulls)).toEqual([1, 1]);
    const reply = await cluster.wait(
      cluster.client({ ...target, name: "web" }, { object: replicationController("web", 6) }),
    );
    expect(outcome(reply)).toBe("configured");
    await cluster.world.runUntil(() => running(agents) === 6, 10_000);
    // The old leader comes back, reads on, and follows.
    connection.restore();
    await cluster.world.runUntil(() => first.standing === "following", 10_000);
    await cluster.world.runUntil(() => first.position === second.position, 10_000);
    expect([first.epoch, second.epoch]).toEqual([2, 2]);
  });

  test("what a deposed leader had under way is not acknowledged, and its state agrees with the log again", async () => {
    const cluster = createCluster();
    const { master: first } = await cluster.master("m1");
    await cluster.world.runUntil(() => first.standing === "leading");
    const { master: second } = await cluster.master("m2");
    await cluster.world.advance(1_000);
    // m1's appends are held up until m2, which hears no beats either, has claimed.
    cluster.hub.faults.append = (client) =>
      client === "m1" ? { type: "delay", delayMs: 8_000 } : { type: "none" };
    cluster.hub.faults.losesMessage = (client, subject) => client === "m2" && subject.endsWith(".beat");
    const applied = cluster.client({ ...target, name: "lost" }, { object: replicationController("lost", 2) });
    await cluster.world.runUntil(() => second.standing === "leading", 10_000);
    const reply = await cluster.wait(applied);
    expect(reply).toMatchObject({ ok: false, error: { code: "NoLeader" } });
    await cluster.world.advance(20_000);
    expect(first.standing).toBe("following");
    expect(first.position).toBe(second.position);
    const again = await cluster.wait(
      cluster.client({ ...target, name: "lost" }, { object: replicationController("lost", 2) }),
    );
    expect(outcome(again)).toBe("created");
  });

  test("pods of a lost node are replaced, and not when too many nodes fall silent together", async () => {
    const cluster = createCluster();
    const { master } = await cluster.master("m1");
    await cluster.world.runUntil(() => master.standing === "leading");
    const agents = ["n1", "n2", "n3", "n4"].map((name) => cluster.agent(name));
    await cluster.world.runUntil(() => agents.every(({ fulls }) => fulls > 0), 10_000);
    await cluster.wait(
      cluster.client({ ...target, name: "web" }, { object: replicationController("web", 4) }),
    );
    await cluster.world.runUntil(() => running(agents) === 4, 10_000);
    const [lost, ...alive] = agents as [TestAgent, ...TestAgent[]];
    lost.die();
    await cluster.world.runUntil(() => running(alive) === 4, 15_000);
    const events = (await cluster.commits()).flatMap((commit) => types(commit.events));
    expect(events.indexOf("NodeSuspected")).toBeLessThan(events.indexOf("NodeLost"));
    await cluster.world.advance(10_000);
    for (const agent of alive) agent.die();
    await cluster.world.advance(120_000);
    const later = (await cluster.commits()).flatMap((commit) => types(commit.events));
    expect(later.filter((type) => type === "NodeLost")).toHaveLength(1);
    expect(later.filter((type) => type === "NodeSuspected")).toHaveLength(4);
    expect((await cluster.wait(master.status())).notices.join()).toContain("silent together");
  });

  test("refuses what disagrees with its subject, and drops what agents may not send", async () => {
    const cluster = createCluster();
    const { master } = await cluster.master("m1");
    await cluster.world.runUntil(() => master.standing === "leading");
    const reply = await cluster.wait(
      cluster.client({ ...target, name: "other" }, { object: replicationController("web", 1) }),
    );
    expect(reply).toMatchObject({ ok: false, error: { code: "BadRequest" } });
    const hostile = cluster.hub.connect("hostile");
    const garbage = [new Uint8Array([0xc1]), new TextEncoder().encode("{}"), new Uint8Array(5_000_000)];
    for (const data of garbage) {
      for (const subject of ["n1.heartbeat", "n1.register", "N_1.status", "n1.nonsense", "%zz.sync"]) {
        hostile.publish(`${prefix}.node.${subject}`, data);
      }
    }
    await cluster.world.advance(1_000);
    expect(master.standing).toBe("leading");
    expect(cluster.logger.lines.filter(({ message }) => message === "a message was dropped")).toHaveLength(1);
  });
});
