import { describe, expect, test } from "vitest";
import type { PodCondition } from "../../protocol/mod.ts";
import type { ProgramOf } from "../runtime/mod.ts";
import { podBench } from "../testkit/pod-bench.ts";
import { testPod } from "../testkit/pod-fixture.ts";

const condition = (conditions: readonly PodCondition[] | undefined, type: string): PodCondition | undefined =>
  conditions?.find((candidate) => candidate.type === type);

/** Exits with these codes, attempt by attempt; the last one for ever. */
const exits =
  (...codes: number[]): ProgramOf =>
  (spec) => ({ exitAfterMs: 1000, exitCode: codes[Math.min(spec.attempt, codes.length - 1)] ?? 0 });

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
    expect(condition(bench.status().conditions, "Initialized")).toMatchObject({
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

describe("restart policies", () => {
  test("Always: the first restart at once, then 10 s doubling to 5 min, as CrashLoopBackOff", async () => {
    const starts: number[] = [];
    const bench = podBench(testPod(), {
      program: (spec) => {
        if (spec.name === "main") starts.push(bench.world.clock.monotonic());
        return { exitAfterMs: 1000, exitCode: 1 };
      },
    });
    await bench.world.advance(1_500_000);
    const gaps = starts.slice(1).map((at, index) => Math.round((at - (starts[index] ?? 0)) / 1000) - 1);
    expect(gaps.slice(0, 8)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(bench.status().phase).toBe("Running");
    expect(bench.main()).toMatchObject({
      ready: false,
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: "back-off 5m0s restarting failed container=main pod=web_default(uid-web)",
        },
      },
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
    });
  });

  test("a container that ran ten minutes starts its back-off afresh", async () => {
    const program: ProgramOf = (spec) => ({ exitAfterMs: spec.attempt === 3 ? 700_000 : 1000, exitCode: 1 });
    const bench = podBench(testPod(), { program });
    await bench.world.runUntil(
      () => bench.main().restartCount === 3 && bench.main().state?.running !== undefined,
    );
    await bench.world.runUntil(
      () => bench.main().restartCount === 4 && bench.main().state?.running !== undefined,
      701_000,
    );
  });

  test("OnFailure restarts until it succeeds; the pod is Succeeded then", async () => {
    const bench = podBench(testPod({ spec: { restartPolicy: "OnFailure" } }), { program: exits(3, 0) });
    await bench.world.runUntil(() => bench.status().phase === "Succeeded");
    expect(bench.main()).toMatchObject({
      restartCount: 1,
      ready: false,
      state: { terminated: { reason: "Completed" } },
    });
    expect(condition(bench.status().conditions, "Ready")?.reason).toBe("PodCompleted");
    await bench.world.advance(60_000);
    // Its sandbox is stopped, its containers stay for their logs.
    expect([...bench.machine.sandboxes.values()][0]?.ready).toBe(false);
    expect(bench.machine.containers.size).toBeGreaterThan(0);
  });

  test("Never: one attempt, Failed by its exit code", async () => {
    const bench = podBench(testPod({ spec: { restartPolicy: "Never" } }), { program: exits(2) });
    await bench.world.runUntil(() => bench.status().phase === "Failed");
    await bench.world.advance(600_000);
    expect(bench.main()).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 2, reason: "Error" } },
    });
  });

  test("a program that does not exist counts as an attempt that ended with 128", async () => {
    const never = podBench(testPod({ spec: { restartPolicy: "Never" } }), {
      program: () => ({ missing: true }),
    });
    await never.world.runUntil(() => never.status().phase === "Failed");
    expect(never.main().state?.terminated).toMatchObject({ exitCode: 128, reason: "StartError" });
    const always = podBench(testPod(), { program: () => ({ missing: true }) });
    await always.world.advance(5000);
    expect(always.main().state?.waiting?.reason).toBe("CrashLoopBackOff");
  });

  test("only two attempts are kept for their logs", async () => {
    const bench = podBench(testPod(), { program: exits(1) });
    await bench.world.advance(400_000);
    expect(bench.main().restartCount).toBeGreaterThan(4);
    expect(bench.machine.containers.size).toBe(2);
  });

  test("activeDeadlineSeconds fails the pod and stops its containers", async () => {
    const bench = podBench(testPod({ spec: { activeDeadlineSeconds: 60 } }));
    await bench.world.advance(65_000);
    expect(bench.status()).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
    expect(bench.main().state?.terminated).toMatchObject({ exitCode: 143, reason: "Error" });
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

describe("failures of the host", () => {
  test("a sandbox that cannot be made is tried again, and says why", async () => {
    const bench = podBench(testPod());
    bench.machine.fail("runSandbox", "Unavailable", { times: 2 });
    await bench.world.advance(500);
    expect(bench.status().message).toContain("runSandbox");
    await bench.world.runUntil(() => bench.main().ready);
    expect(bench.status().message).toBeUndefined();
  });

  test("a sandbox that dies is made anew with its address, and its containers restart", async () => {
    const bench = podBench(testPod());
    await bench.world.runUntil(() => bench.main().ready);
    await bench.world.advance(1000);
    const [sandbox] = bench.machine.sandboxes.values();
    if (!sandbox) throw new Error("no sandbox");
    bench.machine.sandboxes.set(sandbox.id, { ...sandbox, ready: false });
    for (const container of bench.machine.containers.values()) container.exit(137);
    await bench.world.runUntil(() => bench.main().restartCount === 1 && bench.main().ready);
    const after = [...bench.machine.sandboxes.values()];
    expect(after.map(({ attempt, ready }) => ({ attempt, ready }))).toEqual([{ attempt: 1, ready: true }]);
    expect(bench.status().podIP).toBe(sandbox.ip);
  });

  test("a container that somebody removed is restarted, its end unknown", async () => {
    const bench = podBench(testPod());
    await bench.world.runUntil(() => bench.main().ready);
    bench.machine.containers.clear();
    await bench.world.runUntil(() => bench.main().restartCount === 1 && bench.main().ready, 30_000);
    expect(bench.main().lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: "ContainerStatusUnknown",
    });
  });

  test("adoption: the same container goes on, its restart count and back-off too", async () => {
    const bench = podBench(testPod(), { program: exits(1) });
    await bench.world.runUntil(() => bench.main().restartCount === 4);
    await bench.world.runUntil(() => bench.main().state?.waiting?.reason === "CrashLoopBackOff");
    const next = bench.restart({ ...testPod(), status: bench.status() });
    await next.world.advance(1000);
    expect(next.main().restartCount).toBe(4);
    expect(next.main().state?.waiting?.message).toContain("back-off 1m20s");
  });

  test("after a reboot nothing is there: Always runs again, Never has failed", async () => {
    const always = podBench(testPod());
    await always.world.runUntil(() => always.main().ready);
    always.machine.containers.clear();
    always.machine.sandboxes.clear();
    const again = always.restart({ ...testPod(), status: always.status() });
    await again.world.runUntil(() => again.main().ready && again.main().restartCount === 1);
    const pod = testPod({ spec: { restartPolicy: "Never" } });
    const never = podBench(pod);
    await never.world.runUntil(() => never.main().ready);
    never.machine.containers.clear();
    never.machine.sandboxes.clear();
    const failed = never.restart({ ...pod, status: never.status() });
    await failed.world.runUntil(() => failed.status().phase === "Failed", 10_000);
    expect(failed.machine.containers.size).toBe(0);
  });

  test("a pod that had ended is not run again", async () => {
    const status = { phase: "Succeeded", containerStatuses: [] } as const;
    const bench = podBench(testPod({ status: { phase: "Succeeded" } }));
    await bench.world.advance(60_000);
    expect(bench.machine.containers.size).toBe(0);
    expect(bench.status().phase).toBe(status.phase);
  });
});

describe("probes", () => {
  const probe = (command: string, rest: object = {}) => ({
    exec: { command: [command] },
    periodSeconds: 1,
    ...rest,
  });

  test("readiness decides Ready, with its thresholds, and never restarts", async () => {
    let healthy = false;
    const pod = testPod({
      containers: [{ readinessProbe: probe("ready", { failureThreshold: 3, initialDelaySeconds: 2 }) }],
    });
    const bench = podBench(pod, { program: () => ({ exec: () => ({ exitCode: healthy ? 0 : 1 }) }) });
    await bench.world.advance(5000);
    expect(bench.story()).toEqual(["ContainerCreating", "running"]);
    expect(condition(bench.status().conditions, "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message:
        "containers with unready status: [main]; readiness probe of main failed: command exited with code 1",
    });
    healthy = true;
    await bench.world.advance(1500);
    expect(bench.main().ready).toBe(true);
    healthy = false;
    await bench.world.advance(2100);
    expect(bench.main().ready).toBe(true);
    await bench.world.advance(2000);
    expect(bench.main().ready).toBe(false);
    expect(bench.main().restartCount).toBe(0);
  });

  test("liveness restarts with the grace of the pod, and says why", async () => {
    let healthy = true;
    const pod = testPod({
      spec: { terminationGracePeriodSeconds: 4 },
      containers: [{ livenessProbe: probe("alive", { failureThreshold: 2 }) }],
    });
    const bench = podBench(pod, {
      program: () => ({
        stopAfterMs: Number.POSITIVE_INFINITY,
        exec: () => ({ exitCode: healthy ? 0 : 1, stderr: "sick" }),
      }),
    });
    await bench.world.advance(5000);
    expect(bench.main().restartCount).toBe(0);
    healthy = false;
    await bench.world.advance(3000);
    healthy = true;
    await bench.world.runUntil(() => bench.main().restartCount === 1 && bench.main().ready, 10_000);
    expect(bench.main().lastState?.terminated).toMatchObject({
      exitCode: 137,
      message: expect.stringContaining("Liveness probe failed: sick"),
    });
  });

  test("liveness restarts under OnFailure even if the program then ends well", async () => {
    const pod = testPod({
      spec: { restartPolicy: "OnFailure" },
      containers: [{ livenessProbe: probe("alive", { failureThreshold: 1 }) }],
    });
    const bench = podBench(pod, {
      program: (spec) => ({ stopExitCode: 0, exec: () => ({ exitCode: spec.attempt === 0 ? 1 : 0 }) }),
    });
    await bench.world.runUntil(() => bench.main().restartCount === 1 && bench.main().ready, 60_000);
  });

  test("startup gates the others: nothing else is asked before it succeeds", async () => {
    const asked: string[] = [];
    let started = false;
    const pod = testPod({
      containers: [
        {
          startupProbe: probe("startup", { failureThreshold: 100 }),
          livenessProbe: probe("liveness"),
          readinessProbe: probe("readiness"),
        },
      ],
    });
    const bench = podBench(pod, {
      program: () => ({
        exec: ([name = ""]) => {
          asked.push(name);
          return { exitCode: name === "startup" && !started ? 1 : 0 };
        },
      }),
    });
    await bench.world.advance(10_000);
    expect(new Set(asked)).toEqual(new Set(["startup"]));
    expect(bench.main()).toMatchObject({ started: false, ready: false });
    started = true;
    await bench.world.advance(3000);
    expect(bench.main()).toMatchObject({ started: true, ready: true });
  });

  test("a probe that takes too long has failed", async () => {
    const pod = testPod({
      containers: [{ livenessProbe: probe("slow", { timeoutSeconds: 1, failureThreshold: 1 }) }],
    });
    const bench = podBench(pod, { program: () => ({ exec: () => ({ exitCode: 0, afterMs: 5000 }) }) });
    await bench.world.runUntil(() => bench.main().restartCount > 0, 60_000);
  });

  test("a wall clock that is set back stops no probe", async () => {
    let asked = 0;
    const pod = testPod({ containers: [{ livenessProbe: probe("alive") }] });
    const bench = podBench(pod, {
      program: () => ({
        exec: () => {
          asked += 1;
          return { exitCode: 0 };
        },
      }),
    });
    await bench.world.advance(10_000);
    bench.world.jumpWallClock(-3_600_000);
    const before = asked;
    await bench.world.advance(120_000);
    expect(asked - before).toBeGreaterThan(30);
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
