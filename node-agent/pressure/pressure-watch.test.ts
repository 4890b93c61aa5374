import { expect, test } from "vitest";
import { createVirtualWorld } from "../../actors/mod.ts";
import { type Pod, type Uid, unwrap } from "../../protocol/mod.ts";
import { PressureWatch } from "./pressure-watch.ts";
import type { PodFigures } from "./ranking.ts";
import type { Signal, SignalName } from "./signals.ts";
import { parseThresholds } from "./thresholds.ts";

const Mi = 2 ** 20;
const podOf = (name: string, spec: object = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "main", image: "i" }], ...spec },
});

function given(hard: string) {
  const world = createVirtualWorld({ seed: 1 });
  const signals: Partial<Record<SignalName, Signal>> = {};
  const told: string[] = [];
  const evicted: string[] = [];
  const pods: PodFigures[] = ["a", "b"].map((name, index) => ({
    uid: name as Uid,
    pod: podOf(name),
    containers: [{ name: "main", memoryBytes: (index + 1) * Mi, diskBytes: (index + 1) * Mi }],
    volumeBytes: 0,
    processes: 1,
  }));
  const freed = { onFree: () => undefined as void, times: 0 };
  const watch = new PressureWatch({
    settings: {
      thresholds: unwrap(parseThresholds(hard)),
      minimumReclaim: {},
      transitionMs: 60_000,
      maxPodGraceSeconds: 0,
      intervalMs: 10_000,
    },
    clock: world.clock,
    logger: world.logger,
    measure: () => Promise.resolve({ ...signals }),
    figures: () => Promise.resolve(pods.filter(({ uid }) => !evicted.includes(uid))),
    freeDisk: () => {
      freed.times += 1;
      freed.onFree();
      return Promise.resolve();
    },
    evict: (pod) => evicted.push(pod),
    changed: (conditions) => told.push([...conditions].join()),
  });
  const set = (name: SignalName, available: number): void => {
    signals[name] = { available: available * Mi, capacity: 1000 * Mi };
  };
  return { world, set, told, evicted, freed, watch };
}

test("one pod goes at a time, until there is enough; the condition goes later", async () => {
  const { world, set, told, evicted } = given("memory.available<100Mi");
  set("memory.available", 500);
  await world.advance(20_000);
  expect([told, evicted]).toEqual([[], []]);
  set("memory.available", 50);
  await world.advance(10_000);
  expect([told, evicted]).toEqual([["MemoryPressure"], ["b"]]);
  set("memory.available", 500);
  await world.advance(50_000);
  expect([told, evicted]).toEqual([["MemoryPressure"], ["b"]]);
  await world.advance(20_000);
  expect(told).toEqual(["MemoryPressure", ""]);
});

test("a full disk is freed of what nobody uses first, and that may be enough", async () => {
  const { world, set, told, evicted, freed } = given("imagefs.available<100Mi");
  set("imagefs.available", 50);
  freed.onFree = () => set("imagefs.available", 400);
  await world.advance(0);
  expect([told, evicted, freed.times]).toEqual([["DiskPressure"], [], 1]);
  freed.onFree = () => undefined;
  set("imagefs.available", 50);
  await world.advance(10_000);
  expect([evicted, freed.times]).toEqual([["b"], 2]);
});

test("what comes meanwhile is not taken, but for critical pods and, short of memory alone, those that say what they need", async () => {
  const { world, set, watch } = given("memory.available<100Mi,nodefs.available<100Mi");
  expect(watch.refusalOf(podOf("x"))).toBeUndefined();
  set("memory.available", 50);
  await world.advance(0);
  const critical = podOf("dns", { priority: 2_000_000_000 });
  const burstable = podOf("web", {
    containers: [{ name: "main", image: "i", resources: { requests: { memory: "1Mi" } } }],
  });
  expect(watch.refusalOf(podOf("x"))).toBe("The node had condition: [MemoryPressure]. ");
  expect([watch.refusalOf(critical), watch.refusalOf(burstable)]).toEqual([undefined, undefined]);
  set("nodefs.available", 50);
  await world.advance(10_000);
  expect(watch.refusalOf(burstable)).toBe("The node had condition: [MemoryPressure DiskPressure]. ");
  expect(watch.refusalOf(critical)).toBeUndefined();
});
