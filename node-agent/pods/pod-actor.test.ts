// One pod from its first container to its last: running, images, termination.

import { describe, expect, test } from "vitest";
import type { ProgramOf } from "../runtime/mod.ts";
import { exits, podBench } from "../testkit/pod-bench.ts";
import { testPod } from "../testkit/pod-fixture.ts";

describe("running", () => {
  test("from nothing to ready, as the kubelet words it", async () => {
    const bench = podBench(testPod());
    await bench.world.runUntil(() => bench.reports.at(-1)?.status.phase === "Running");
    expect(bench.story()).toEqual(["ContainerCreating", "running ready"]);
    const status = bench.status();
    expect(status).toMatchObject({ hostIP: "127.0.0.1", podIP: "127.7.1.2", podIPs: [{ ip: "127.7.1.2" }] });
    expect(status.startTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(status.conditions?.map(({ type, status }) => `${type} ${status}`)).toEqual([
      "Initialized True",
      "Ready True",
      "ContainersReady True",
      "PodScheduled True",
    ]);
    expect(bench.main()).toMatchObject({ started: true, restartCount: 0, image: "app:1" });
    expect(bench.main().containerID).toMatch(/^simulated:\/\//);
  });

  test("nothing is reported while nothing changes", async () => {
    const bench = podBench(testPod());
    await bench.world.advance(5000);
    const count = bench.reports.length;
    await bench.world.advance(600_000);
    expect(bench.reports).toHaveLength(count);
  });

  test("init containers run in order, and the main ones after them", async () => {
    const order: string[] = [];
    const program: ProgramOf = (spec) => {
      order.push(`${spec.name}.${spec.attempt}`);
      return spec.name.startsWith("init")
        ? { exitAfterMs: 2000, exitCode: spec.name === "init2" && spec.attempt === 0 ? 1 : 0 }
        : {};
    };
    const pod = testPod({
      spec: {
        initContainers: [
          { name: "init1", image: "a" },
          { name: "init2", image: "a" },
        ],
      },
    });
    const bench = podBench(pod, { program });
    await bench.world.advance(1000);
    expect(bench.status().phase).toBe("Pending");
    expect(bench.main().state?.waiting?.reason).toBe("PodInitializing");
    expect(bench.condition("Initialized")).toMatchObject({
      status: "False",
      message: "containers with incomplete status: [init1 init2]",
    });
    await bench.world.runUntil(() => bench.status().phase === "Running");
    expect(order).toEqual(["init1.0", "init2.0", "init2.1", "main.0"]);
    expect(bench.status().initContainerStatuses?.map(({ state }) => state?.terminated?.reason)).toEqual([
      "Completed",
      "Completed",
    ]);
  });

  test("a sidecar starts before the main containers and runs on beside them", async () => {
    const sidecar = { name: "mesh", image: "a", restartPolicy: "Always" };
    const bench = podBench(testPod({ spec: { initContainers: [sidecar] } }));
    await bench.world.runUntil(() => bench.status().phase === "Running");
    expect(bench.status().initContainerStatuses?.[0]).toMatchObject({ ready: true, state: { running: {} } });
  });
});

describe("images", () => {
  test("a pull that fails is ErrImagePull, then ImagePullBackOff, and runs when the image comes", async () => {
    const bench = podBench(testPod({ containers: [{ imagePullPolicy: "IfNotPresent" }] }));
    bench.machine.presentImages = new Set();
    bench.machine.missingImages.add("app:1");
    await bench.world.advance(25_000);
    expect(bench.story()).toEqual(["ContainerCreating", "ErrImagePull", "ImagePullBackOff"]);
    expect(bench.status().phase).toBe("Pending");
    bench.machine.missingImages.clear();
    await bench.world.runUntil(() => bench.main().ready);
    expect(bench.main().restartCount).toBe(0);
  });

  test("policy Never asks no registry", async () => {
    const bench = podBench(testPod({ containers: [{ imagePullPolicy: "Never" }] }));
    bench.machine.presentImages = new Set();
    await bench.world.advance(1000);
    expect(bench.main().state?.waiting).toEqual({
      reason: "ErrImageNeverPull",
      message: 'Container image "app:1" is not present with pull policy of Never',
    });
  });
});

describe("termination", () => {
  test("all containers at once, SIGKILL when the grace is over, then everything goes", async () => {
    const bench = podBench(testPod({ containers: [{}, {}] }), {
      program: (spec) => ({ stopAfterMs: spec.name === "main" ? Number.POSITIVE_INFINITY : 1000 }),
    });
    await bench.world.runUntil(() => bench.main().ready);
    const begun = bench.world.clock.monotonic();
    bench.stop(10);
    await bench.world.runUntil(() => bench.reports.at(-1)?.gone === true, 60_000);
    const tookMs = bench.world.clock.monotonic() - begun;
    expect(tookMs).toBeGreaterThanOrEqual(10_000);
    expect(tookMs).toBeLessThan(11_000);
    expect(bench.machine.sandboxes.size + bench.machine.containers.size).toBe(0);
    expect(bench.reports.at(-1)?.status.phase).toBe("Failed");
  });

  test("a second, shorter grace ends it sooner", async () => {
    const bench = podBench(testPod(), { program: () => ({ stopAfterMs: Number.POSITIVE_INFINITY }) });
    await bench.world.runUntil(() => bench.main().ready);
    bench.stop(300);
    await bench.world.advance(5000);
    bench.stop(0);
    await bench.world.runUntil(() => bench.reports.at(-1)?.gone === true, 2000);
  });

  test("does not wait for an image that is being pulled", async () => {
    const bench = podBench(testPod({ containers: [{ imagePullPolicy: "Always" }] }));
    bench.machine.setLatency("pullImage", 600_000);
    await bench.world.advance(5000);
    bench.stop(30);
    await bench.world.runUntil(() => bench.reports.at(-1)?.gone === true, 5000);
  });

  test("nothing restarts on the way out", async () => {
    const bench = podBench(testPod(), { program: exits(1) });
    await bench.world.advance(500);
    bench.stop(30);
    await bench.world.runUntil(() => bench.reports.at(-1)?.gone === true, 60_000);
    await bench.world.advance(60_000);
    expect(bench.machine.containers.size).toBe(0);
    expect(
      bench.reports.every(({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) === 0),
    ).toBe(true);
  });

  test("removals that fail are tried again", async () => {
    const bench = podBench(testPod());
    await bench.world.runUntil(() => bench.main().ready);
    bench.machine.fail("stopContainer", "Unavailable", { times: 2 });
    bench.machine.fail("removeSandbox", "Unavailable", { times: 2 });
    bench.stop(1);
    await bench.world.runUntil(() => bench.reports.at(-1)?.gone === true, 60_000);
  });
});
