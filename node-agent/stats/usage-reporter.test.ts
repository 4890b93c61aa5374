import { expect, test } from "vitest";
import { createVirtualWorld } from "../../actors/mod.ts";
import type { PodReport, SessionId, Uid, UsageMessage } from "../../protocol/mod.ts";
import type { ContainerId, ContainerRuntime, ContainerUsage } from "../runtime/runtime.ts";
import { UsageReporter } from "./usage-reporter.ts";

const report = (uid: string, containers: Readonly<Record<string, boolean>>): PodReport => ({
  uid: uid as Uid,
  status: {
    phase: "Running",
    containerStatuses: Object.entries(containers).map(([name, running]) => ({
      name,
      image: "x",
      imageID: "",
      ready: running,
      restartCount: 0,
      containerID: `simulated://${uid}.${name}`,
      state: running ? { running: {} } : { terminated: { exitCode: 0 } },
    })),
  },
});

function given() {
  const world = createVirtualWorld({ seed: 1 });
  const used = new Map<string, ContainerUsage | Error>();
  const published: UsageMessage[] = [];
  const node = { session: 3 as SessionId | undefined, pods: [] as PodReport[] };
  const usage = (id: ContainerId): Promise<ContainerUsage | undefined> => {
    const found = used.get(id);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  };
  const reporter = new UsageReporter({
    runtime: { usage } as ContainerRuntime,
    clock: world.clock,
    logger: world.logger,
    intervalMs: 10_000,
    node: () => ({ cpuMilli: 500, memoryBytes: 1000 }),
    pods: () => node.pods,
    session: () => node.session,
    publish: (message) => published.push(message),
  });
  return { world, used, published, node, reporter };
}

test("CPU is the rate between two rounds; a container comes with its second one", async () => {
  const { world, used, published, node } = given();
  node.pods = [report("a", { main: true, done: false }), report("b", { main: true })];
  used.set("a.main", { cpuMs: 1000, memoryBytes: 70 });
  await world.advance(10_000);
  used.set("a.main", { cpuMs: 6000, memoryBytes: 80 });
  used.set("b.main", { cpuMs: 9000, memoryBytes: 5 });
  await world.advance(10_000);
  expect(published.map(({ pods }) => pods)).toEqual([
    [],
    [{ uid: "a", containers: [{ name: "main", cpuMilli: 500, memoryBytes: 80 }] }],
  ]);
  expect(published[1]).toMatchObject({
    session: 3,
    intervalMs: 10_000,
    windowMs: 10_000,
    node: { cpuMilli: 500 },
  });
});

test("a container that can't be measured hides no other; one that started anew never counts below zero", async () => {
  const { world, used, published, node } = given();
  node.pods = [report("a", { main: true, side: true })];
  used.set("a.main", { cpuMs: 1000, memoryBytes: 70 });
  used.set("a.side", new Error("engine away"));
  await world.advance(10_000);
  used.set("a.main", { cpuMs: 10, memoryBytes: 70 });
  await world.advance(10_000);
  expect(published.at(-1)?.pods).toEqual([
    { uid: "a", containers: [{ name: "main", cpuMilli: 0, memoryBytes: 70 }] },
  ]);
});

test("nothing is measured or said without a session, and nothing after the stop", async () => {
  const { world, published, node, reporter } = given();
  node.session = undefined;
  await world.advance(10_000);
  expect(published).toEqual([]);
  node.session = 4 as SessionId;
  await world.advance(10_000);
  expect(published.map(({ session }) => session)).toEqual([4]);
  reporter.stop();
  await world.advance(60_000);
  expect(published).toHaveLength(1);
});
