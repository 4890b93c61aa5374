// An agent with pods under leases, and its guard, on virtual time.

import { describe, expect, test } from "vitest";
import { createMemoryHub, createVirtualWorld, type VirtualWorld } from "../../actors/mod.ts";
import { fencingAnnotation, type NodeName, type Pod, type SessionId, type Uid } from "../../protocol/mod.ts";
import { memoryRecord, simulatedHost } from "../host/simulated-host.ts";
import { createSimulatedRuntime, SimulatedMachine } from "../runtime/mod.ts";
import { type AgentHandle, startAgent } from "../start-agent.ts";
import { testPod, uidOf } from "../testkit/pod-fixture.ts";
import { ScriptedMaster } from "../testkit/scripted-master.ts";
import { SimulatedLeaseHost } from "./simulated-lease-host.ts";

const node = "n1" as NodeName;
const uid = uidOf("db-0");

interface Bench {
  readonly world: VirtualWorld;
  readonly master: ScriptedMaster;
  readonly machine: SimulatedMachine;
  readonly leases: SimulatedLeaseHost;
  readonly start: () => Promise<AgentHandle>;
  readonly agent: AgentHandle;
}

async function bench(): Promise<Bench> {
  const world = createVirtualWorld({ seed: 1 });
  const hub = createMemoryHub(world);
  const master = new ScriptedMaster(hub.connect("master"), "test", node);
  const machine = new SimulatedMachine({ clock: world.clock, addressing: "loopback" });
  const bus = hub.connect("agent");
  const leases = new SimulatedLeaseHost(machine);
  const record = memoryRecord();
  const start = (): Promise<AgentHandle> =>
    startAgent({
      world,
      bus,
      prefix: "test",
      node,
      cluster: "c",
      runtime: createSimulatedRuntime({ cluster: "c", node, world, machine }),
      directory: "/none",
      host: simulatedHost({ hostname: "host1", address: "10.0.0.1", record, leases }),
      version: "0",
    });
  return { world, master, machine, leases, start, agent: await start() };
}

function leasedPod(): Pod {
  const pod = testPod({ name: "db-0" });
  return { ...pod, metadata: { ...pod.metadata, annotations: { [fencingAnnotation]: "Lease" } } };
}

const running = ({ machine }: Bench, pod: Uid = uid): number =>
  [...machine.containers.values()].filter((each) => each.pod.uid === pod && each.state === "running").length;

/** As a leader does it: what the newest heartbeat asked for goes on. */
function confirm({ master }: Bench, sent = master.heartbeats.at(-1)?.lease ?? -1): void {
  master.say("lease", { version: 1, session: master.session as SessionId, sent, pods: [uid] });
}

async function confirmEverySecond(bench: Bench, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    confirm(bench);
    await bench.world.advance(1_000);
  }
}

async function runningUnderLease(): Promise<Bench> {
  const made = await bench();
  made.master.put(leasedPod());
  await made.world.advance(100);
  made.master.sendDelta();
  await confirmEverySecond(made, 3);
  expect(running(made)).toBe(1);
  return made;
}

describe("a pod with a lease", () => {
  test("starts when the leader has confirmed it, and not before", async () => {
    const made = await bench();
    made.master.put(leasedPod());
    made.master.put(testPod({ name: "web" }));
    await made.world.advance(100);
    made.master.sendDelta();
    await made.world.advance(20_000);
    expect(running(made, uidOf("web"))).toBe(1);
    expect(running(made)).toBe(0);
    expect(made.master.heartbeats.at(-1)?.lease).toBeTypeOf("number");
    await confirmEverySecond(made, 2);
    expect(running(made)).toBe(1);
  });

  test("does not start by a confirmation that comes late, or of another session", async () => {
    const made = await bench();
    made.master.put(leasedPod());
    await made.world.advance(100);
    made.master.sendDelta();
    await made.world.advance(100);
    const old = made.master.heartbeats.at(-1)?.lease ?? -1;
    await made.world.advance(4_500);
    confirm(made, old);
    await made.world.advance(2_000);
    expect(running(made)).toBe(0);
    const { heartbeats, session } = made.master;
    const sent = heartbeats.at(-1)?.lease ?? -1;
    made.master.say("lease", { version: 1, session: session + 1, sent, pods: [uid] });
    await made.world.advance(2_000);
    expect(running(made)).toBe(0);
  });

  test("runs on while it is confirmed", async () => {
    const made = await runningUnderLease();
    const [container] = made.machine.containers.values();
    await confirmEverySecond(made, 30);
    expect([running(made), container?.state]).toEqual([1, "running"]);
  });

  test("is told to stop at 6 s and gone at 8 s, when it does not stop by itself", async () => {
    const made = await bench();
    made.machine.program = () => ({ stopAfterMs: 3_600_000 });
    made.master.put(leasedPod());
    await made.world.advance(100);
    made.master.sendDelta();
    await confirmEverySecond(made, 2);
    confirm(made);
    const sent = made.master.heartbeats.at(-1)?.lease ?? 0;
    const until = (age: number): Promise<void> =>
      made.world.advance(sent + age - made.world.clock.monotonic());
    await until(7_400);
    expect(running(made)).toBe(1);
    await until(8_000);
    expect(running(made)).toBe(0);
  });

  test("that stops by itself does so before it is killed", async () => {
    const made = await runningUnderLease();
    const sent = made.master.heartbeats.at(-1)?.lease ?? 0;
    confirm(made);
    await made.world.advance(sent + 6_300 - made.world.clock.monotonic());
    expect(running(made)).toBe(0);
  });

  test("is ended by the guard when the agent is gone for good", async () => {
    const made = await runningUnderLease();
    await made.agent.stop({ removePods: false });
    await made.world.advance(3_500);
    expect(running(made)).toBe(1);
    await made.world.advance(4_500);
    expect(running(made)).toBe(0);
  });

  test("runs on when another agent is there in time", async () => {
    const made = await runningUnderLease();
    const [container] = made.machine.containers.values();
    await made.agent.stop({ removePods: false });
    await made.world.advance(3_000);
    await made.start();
    await made.world.advance(500);
    await confirmEverySecond(made, 20);
    expect(container?.state).toBe("running");
  });

  test("is not brought back from the agent's record, unlike others", async () => {
    const made = await runningUnderLease();
    made.master.put(testPod({ name: "web" }));
    made.master.sendDelta();
    await confirmEverySecond(made, 2);
    await made.agent.stop({ removePods: false });
    made.master.leading = false;
    for (const container of made.machine.containers.values()) container.exit(1);
    await made.start();
    await made.world.advance(30_000);
    expect(running(made, uidOf("web"))).toBe(1);
    expect(running(made)).toBe(0);
  });

  test("starts again where it was, once the leader confirms it again", async () => {
    const made = await runningUnderLease();
    await made.world.advance(30_000);
    expect(running(made)).toBe(0);
    await confirmEverySecond(made, 30);
    expect(running(made)).toBe(1);
  });

  test("that was fenced does not start in its old sandbox, whoever tries", async () => {
    const made = await runningUnderLease();
    await made.world.advance(30_000);
    const sandboxes = [...made.machine.sandboxes.values()].filter(({ pod }) => pod.uid === uid);
    expect(sandboxes.every(({ ready }) => !ready)).toBe(true);
  });
});

test("a guard without pods ends", async () => {
  const made = await runningUnderLease();
  const stopped = made.agent.stop({ removePods: true });
  await made.world.advance(1_000);
  await stopped;
  expect([running(made), made.leases.guarded()]).toEqual([0, false]);
});
