// What probes make of a pod: restarts, readiness, the wait for a slow start.

import { describe, expect, test } from "vitest";
import { podBench } from "../testkit/pod-bench.ts";
import { testPod } from "../testkit/pod-fixture.ts";

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
    expect(bench.condition("Ready")).toMatchObject({
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
