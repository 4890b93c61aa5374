import { describe, expect, test } from "vitest";
import { createMemoryHub, createVirtualWorld, type MemoryClient, type VirtualWorld } from "../actors/mod.ts";
import { type NodeName, type ServiceEntry, statefulPodNameLabel, type Uid } from "../protocol/mod.ts";
import { memoryRecord, simulatedHost } from "./host/simulated-host.ts";
import type { RecordStore } from "./host/agent-host.ts";
import type { ServiceProxy } from "./network/service-proxy.ts";
import { createSimulatedRuntime, SimulatedMachine } from "./runtime/mod.ts";
import { type AgentHandle, startAgent } from "./start-agent.ts";
import { testPod, uidOf } from "./testkit/pod-fixture.ts";
import { ScriptedMaster } from "./testkit/scripted-master.ts";

const node = "n1" as NodeName;
const prefix = "test";

interface Bench {
  readonly world: VirtualWorld;
  readonly master: ScriptedMaster;
  readonly machine: SimulatedMachine;
  readonly bus: MemoryClient;
  readonly record: RecordStore;
  readonly proxied: string[];
  agent: AgentHandle;
  readonly start: () => Promise<AgentHandle>;
}

async function bench(options: { leading?: boolean } = {}): Promise<Bench> {
  const world = createVirtualWorld({ seed: 1 });
  const hub = createMemoryHub(world);
  const master = new ScriptedMaster(hub.connect("master"), prefix, node);
  master.leading = options.leading ?? true;
  const machine = new SimulatedMachine({ clock: world.clock, addressing: "loopback" });
  const bus = hub.connect("agent");
  const record = memoryRecord();
  const proxied: string[] = [];
  const proxy: ServiceProxy = {
    kind: "userspace",
    replace: async (services) => void proxied.push(`replace ${services.map(({ name }) => name).join(",")}`),
    set: async (service) => void proxied.push(`set ${service.name}`),
    remove: async (_namespace, name) => void proxied.push(`remove ${name}`),
    describe: () => "",
    close: async () => {},
  };
  const start = async (): Promise<AgentHandle> => {
    const runtime = createSimulatedRuntime({ cluster: "c", node, world, machine });
    const host = simulatedHost({ hostname: "host1", address: "10.0.0.1", record });
    return startAgent({
      world,
      bus,
      prefix,
      node,
      cluster: "c",
      runtime,
      proxy,
      directory: "/none",
      host,
      version: "0",
    });
  };
  const agent = await start();
  return { world, master, machine, bus, record, proxied, agent, start };
}

const phase = (master: ScriptedMaster, uid: Uid): string | undefined => master.reports.get(uid)?.status.phase;
const isReady = (master: ScriptedMaster, uid: Uid): boolean =>
  master.reports
    .get(uid)
    ?.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

const service = (name: string): ServiceEntry => ({
  namespace: "default",
  name,
  uid: uidOf(name),
  clusterIP: "127.200.0.9",
  ports: [{ name: "http", port: 80, protocol: "TCP" }],
  endpoints: [],
});

describe("registration", () => {
  test("is tried until a leader answers, and says what the node is", async () => {
    const { world, master } = await bench({ leading: false });
    await world.advance(30_000);
    expect(master.registrations).toHaveLength(0);
    master.leading = true;
    await world.runUntil(() => master.heartbeats.length > 0, 20_000);
    const [message] = master.registrations;
    expect(message?.registration).toMatchObject({
      hostname: "host1",
      runtime: { name: "simulated" },
      labels: {
        "kubernetes.io/hostname": "n1",
        "kubernetes.io/os": "linux",
        "beta.kubernetes.io/os": "linux",
      },
      capacity: { pods: 110 },
    });
    expect(message?.last).toBeUndefined();
  });

  test("heartbeats every second with position and digest, and node status is reported", async () => {
    const { world, master } = await bench();
    await world.advance(5000);
    expect(master.heartbeats.length).toBeGreaterThanOrEqual(5);
    expect(master.heartbeats.at(-1)).toMatchObject({ position: master.position, digest: 0, logId: "log-1" });
    expect(master.statuses[0]?.node?.conditions?.[0]).toMatchObject({ type: "Ready", status: "True" });
  });
});

describe("assignments", () => {
  test("a pod is started, gets an address of the node's range, and is reported ready", async () => {
    const { world, master } = await bench();
    await world.advance(100);
    const uid = master.put(testPod());
    master.sendDelta();
    await world.runUntil(() => isReady(master, uid), 10_000);
    expect(master.reports.get(uid)?.status.podIP).toMatch(/^127\.7\.1\.\d+$/);
    expect(phase(master, uid)).toBe("Running");
  });

  test("a stop ends the pod and reports it gone; a removal forgets it", async () => {
    const { world, master, machine } = await bench();
    const uid = master.put(testPod());
    await world.runUntil(() => isReady(master, uid), 10_000);
    master.put(testPod(), { graceSeconds: 5, reason: "deleted" });
    master.sendDelta();
    await world.runUntil(() => master.reports.get(uid)?.gone === true, 10_000);
    expect(machine.containers.size).toBe(0);
    expect(machine.sandboxes.size).toBe(0);
    master.remove(uid);
    master.sendDelta([uid]);
    await world.advance(3000);
    expect(master.heartbeats.at(-1)).toMatchObject({ position: master.position, digest: 0 });
  });

  test("a delta that does not fit asks for the whole, which heals everything", async () => {
    const { world, master } = await bench();
    await world.advance(100);
    master.put(testPod({ name: "lost" }));
    master.full();
    const uid = master.put(testPod({ name: "late" }));
    master.sendDelta();
    await world.runUntil(() => isReady(master, uid) && isReady(master, uidOf("lost")), 10_000);
    expect(master.syncs).toHaveLength(1);
  });

  test("of an older epoch, another session or a replaced log are not obeyed", async () => {
    const { world, master } = await bench();
    await world.advance(100);
    master.epoch = 2 as typeof master.epoch;
    master.sendFull();
    await world.advance(100);
    master.put(testPod());
    const stale = master.full();
    master.say("assign", { ...stale, epoch: 1 });
    master.say("assign", { ...stale, session: 3 });
    await world.advance(2000);
    expect(master.reports.size).toBe(0);
  });

  test("malformed messages are refused and change nothing", async () => {
    const { world, master } = await bench();
    await world.advance(100);
    master.say("assign", { version: 1, kind: "full", pods: "many" });
    master.say("assign", { version: 2 });
    master.say("status-committed", { number: -1 });
    await world.advance(2000);
    const uid = master.put(testPod());
    master.sendDelta();
    await world.runUntil(() => isReady(master, uid), 5000);
  });
});

describe("reports", () => {
  test("are sent again until they are committed", async () => {
    const { world, master } = await bench();
    await world.advance(100);
    master.committing = false;
    const uid = master.put(testPod());
    master.sendDelta();
    await world.advance(5000);
    const numbers = master.statuses.slice(-2).map(({ number }) => number);
    expect(numbers[0]).toBe(numbers[1]);
    master.committing = true;
    await world.runUntil(() => isReady(master, uid), 5000);
    const sent = master.statuses.length;
    await world.advance(10_000);
    expect(master.statuses).toHaveLength(sent);
  });
});

describe("restarts", () => {
  test("a new agent adopts what runs: nothing restarts, nothing flaps", async () => {
    const { world, master, machine, agent, start } = await bench();
    machine.program = () => ({ exec: () => ({ exitCode: 0, afterMs: 500 }) });
    const probe = { exec: { command: ["ok"] }, periodSeconds: 1, initialDelaySeconds: 5 };
    const uid = master.put(testPod({ containers: [{ readinessProbe: probe }] }));
    await world.runUntil(() => isReady(master, uid), 20_000);
    await world.advance(2000);
    const before = [...machine.containers.keys()];
    const seen = master.statuses.length;
    await agent.stop({ removePods: false });
    await start();
    await world.advance(5000);
    expect([...machine.containers.keys()]).toEqual(before);
    const later = master.statuses.slice(seen).flatMap(({ pods }) => pods);
    expect(later.every(({ status }) => status.containerStatuses?.[0]?.ready)).toBe(true);
    expect(master.registrations.at(-1)?.last).toMatchObject({ logId: "log-1" });
  });

  test("without a leader the record brings the pods back", async () => {
    const { world, master, machine, agent, start } = await bench();
    const uid = master.put(testPod());
    await world.runUntil(() => isReady(master, uid), 10_000);
    await agent.stop({ removePods: false });
    machine.containers.clear();
    machine.sandboxes.clear();
    master.leading = false;
    await start();
    await world.runUntil(
      () => [...machine.containers.values()].some(({ state }) => state === "running"),
      20_000,
    );
  });

  test.each([
    ["is there", 1],
    ["is gone, which the leader may have been told of after the record was written,", 0],
  ])("without a leader an identity comes back only if its sandbox %s", async (_, sandboxes) => {
    const { world, master, machine, agent, start } = await bench();
    const pod = testPod({ name: "db-0" });
    const labels = { [statefulPodNameLabel]: "db-0" };
    const uid = master.put({ ...pod, metadata: { ...pod.metadata, labels } });
    await world.runUntil(() => isReady(master, uid), 10_000);
    await agent.stop({ removePods: false });
    for (const container of machine.containers.values()) container.exit(137);
    if (sandboxes === 0) machine.sandboxes.clear();
    master.leading = false;
    await start();
    await world.advance(20_000);
    const running = [...machine.containers.values()].filter(({ state }) => state === "running");
    expect(running).toHaveLength(sandboxes);
    master.leading = true;
    await world.runUntil(
      () => [...machine.containers.values()].some(({ state }) => state === "running"),
      60_000,
    );
  });

  test("pods that are no longer wanted go at the first assignment, leftovers too, foreign ones never", async () => {
    const { world, master, machine, agent, start } = await bench();
    const uid = master.put(testPod());
    const kept = master.put(testPod({ name: "kept" }));
    await world.runUntil(() => isReady(master, uid) && isReady(master, kept), 10_000);
    await agent.stop({ removePods: false });
    // A pod of a record that was lost, and one of another cluster.
    const [template] = machine.sandboxes.values();
    if (!template) throw new Error("no sandbox");
    for (const [cluster, name] of [
      ["c", "orphan"],
      ["other", "foreign"],
    ] as const) {
      const id = `${name}.0` as typeof template.id;
      machine.sandboxes.set(id, {
        ...template,
        id,
        pod: { ...template.pod, cluster, name, uid: uidOf(name) },
      });
    }
    master.remove(uid);
    await start();
    await world.runUntil(() => machine.sandboxes.size === 2, 60_000);
    expect([...machine.sandboxes.values()].map(({ pod }) => pod.name).toSorted()).toEqual([
      "foreign",
      "kept",
    ]);
  });

  test("stop with removePods leaves nothing", async () => {
    const { world, master, machine, agent } = await bench();
    const uid = master.put(testPod());
    await world.runUntil(() => isReady(master, uid), 10_000);
    let stopped = false;
    void agent.stop({ removePods: true }).then(() => {
      stopped = true;
    });
    await world.runUntil(() => stopped, 60_000);
    expect(machine.sandboxes.size + machine.containers.size).toBe(0);
  });
});

describe("the leader's other words", () => {
  test("a ping is answered at once", async () => {
    const { world, master } = await bench();
    await world.advance(100);
    const answer = master.ask("ping", { version: 1, point: master.point });
    await world.settle();
    await expect(answer).resolves.toEqual({ version: 1, session: master.session });
  });

  test("superseded: it stops acting, says so, and leaves the containers", async () => {
    const { world, master, machine, agent } = await bench();
    const uid = master.put(testPod());
    await world.runUntil(() => isReady(master, uid), 10_000);
    let failed: Error | undefined;
    void agent.failed.then((error) => {
      failed = error;
    });
    const { session } = master;
    master.say("superseded", { version: 1, session, by: session + 1 });
    await world.runUntil(() => failed !== undefined, 5000);
    expect(failed?.message).toContain("superseded");
    const beats = master.heartbeats.length;
    await world.advance(5000);
    expect(master.heartbeats).toHaveLength(beats);
    expect([...machine.containers.values()][0]?.state).toBe("running");
  });

  test("a session that the leader does not know is registered again", async () => {
    const { world, master } = await bench();
    await world.advance(100);
    master.say("superseded", { version: 1, session: master.session, by: 0 });
    await world.runUntil(() => master.registrations.length === 2, 5000);
  });

  test("a log of another identity is accepted by registering again, its positions start anew", async () => {
    const { world, master } = await bench();
    const uid = master.put(testPod());
    await world.runUntil(() => isReady(master, uid), 10_000);
    master.logId = "log-2" as typeof master.logId;
    master.position = 3;
    master.servicesPosition = 2;
    const again = master.put(testPod());
    void master.ask("ping", { version: 1, point: master.point });
    await world.runUntil(() => master.heartbeats.at(-1)?.logId === "log-2", 10_000);
    await world.advance(2000);
    expect(master.heartbeats.at(-1)).toMatchObject({ position: master.position });
    expect(again).toBe(uid);
  });
});

describe("services", () => {
  test("the chain is followed, gaps are healed, positions are acknowledged after the proxy", async () => {
    const { world, master, proxied } = await bench();
    await world.advance(1000);
    expect(proxied).toEqual(["replace "]);
    master.changeService(service("a"));
    await world.advance(1000);
    expect(proxied.at(-1)).toBe("set a");
    expect(master.acknowledged.at(-1)).toBe(master.servicesPosition);
    master.changeService(service("b"), master.servicesPosition + 1);
    await world.advance(1000);
    expect(proxied.at(-1)).toBe("replace a,b");
    expect(master.acknowledged.at(-1)).toBe(master.servicesPosition);
  });

  test("acknowledgements are at most 20 a second", async () => {
    const { world, master } = await bench();
    await world.advance(1000);
    const before = master.acknowledged.length;
    for (let index = 0; index < 100; index++) {
      master.changeService(service(`s${index}`));
      await world.advance(10);
    }
    await world.advance(100);
    expect(master.acknowledged.length - before).toBeLessThanOrEqual(23);
    expect(master.acknowledged.at(-1)).toBe(master.servicesPosition);
  });

  test("a pod waits for the services that its environment needs", async () => {
    const { world, master, machine } = await bench();
    await world.advance(1000);
    const seen: string[] = [];
    machine.program = (spec) => {
      seen.push(...spec.environment.map(({ name, value }) => `${name}=${value}`));
      return {};
    };
    const uid = master.put(testPod());
    master.services = [service("db")];
    master.position += 1;
    master.servicesPosition = master.position;
    master.sendDelta();
    await world.runUntil(() => isReady(master, uid), 10_000);
    expect(seen).toContain("DB_SERVICE_HOST=127.200.0.9");
    expect(seen).toContain("DB_PORT_80_TCP=tcp://127.200.0.9:80");
    expect(seen.find((entry) => entry.startsWith("BERTH_POD_IP="))).toMatch(/127\.7\.1\./);
  });
});
