// When a container that has ended is started again, and after how long.

import { describe, expect, test } from "vitest";
import type { ProgramOf } from "../runtime/mod.ts";
import { exits, podBench } from "../testkit/pod-bench.ts";
import { testPod } from "../testkit/pod-fixture.ts";

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
    expect(bench.condition("Ready")?.reason).toBe("PodCompleted");
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
