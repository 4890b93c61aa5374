// What a pod makes of a runtime that fails, of what disappears under it, and of restarts of agent and host.

import { describe, expect, test } from "vitest";
import { exits, podBench } from "../testkit/pod-bench.ts";
import { testPod } from "../testkit/pod-fixture.ts";

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
