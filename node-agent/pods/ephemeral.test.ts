// Containers that join a pod while it runs: once, whatever the others do, and without a say in what becomes of the pod.

import { expect, test } from "vitest";
import type { Pod } from "../../protocol/mod.ts";
import { podBench } from "../testkit/pod-bench.ts";
import { testPod } from "../testkit/pod-fixture.ts";

const look = { name: "look", image: "tools:1" };
const withLook = (pod: Pod): Pod => ({
  ...pod,
  spec: { containers: [], ...pod.spec, ephemeralContainers: [look] },
});
const program = ({ name }: { readonly name: string }) =>
  name === "look" ? { exitAfterMs: 5000, exitCode: 3 } : {};

async function running(pod: Pod = testPod()) {
  const bench = podBench(pod, { program });
  await bench.world.advance(1000);
  return bench;
}

test("one is started beside what runs, and ends once", async () => {
  const pod = testPod();
  const bench = await running(pod);
  expect(bench.status().ephemeralContainerStatuses).toBeUndefined();
  bench.ref.send({ type: "wanted", pod: withLook(pod) });
  await bench.world.advance(1000);
  expect(bench.status().ephemeralContainerStatuses).toMatchObject([
    { name: "look", ready: false, restartCount: 0, state: { running: {} } },
  ]);
  await bench.world.advance(600_000);
  expect(bench.status()).toMatchObject({
    phase: "Running",
    containerStatuses: [{ name: "main", ready: true, restartCount: 0 }],
    ephemeralContainerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 3 } } }],
  });
});

test("one is started while an init container keeps the others waiting", async () => {
  const pod = testPod({ spec: { initContainers: [{ name: "slow", image: "app:1" }] } });
  const bench = await running(pod);
  bench.ref.send({ type: "wanted", pod: withLook(pod) });
  await bench.world.advance(1000);
  expect(bench.status()).toMatchObject({
    phase: "Pending",
    ephemeralContainerStatuses: [{ name: "look", state: { running: {} } }],
  });
});

test("one that ended before the agent came is not started again", async () => {
  const pod = withLook(testPod());
  const before = podBench(pod, { program });
  await before.world.advance(60_000);
  const status = before.status();
  expect(status.ephemeralContainerStatuses).toMatchObject([{ state: { terminated: { exitCode: 3 } } }]);
  const after = before.restart({ ...pod, status });
  await after.world.advance(60_000);
  expect(after.status().ephemeralContainerStatuses).toMatchObject([
    { restartCount: 0, state: { terminated: { exitCode: 3 } } },
  ]);
});

test("one whose image is not there waits, and the pod runs on", async () => {
  const pod = testPod();
  const bench = await running(pod);
  bench.machine.missingImages.add("tools:1");
  bench.ref.send({ type: "wanted", pod: withLook(pod) });
  await bench.world.advance(1000);
  expect(bench.status()).toMatchObject({
    phase: "Running",
    ephemeralContainerStatuses: [{ state: { waiting: { reason: "ErrImagePull" } } }],
  });
});

test("one ends with its pod", async () => {
  const pod = testPod({ spec: { terminationGracePeriodSeconds: 2 } });
  const bench = await running(pod);
  bench.ref.send({ type: "wanted", pod: withLook(pod) });
  await bench.world.advance(1000);
  bench.ref.send({ type: "wanted", pod: withLook(pod), stop: { graceSeconds: 2, reason: "deleted" } });
  await bench.world.advance(10_000);
  expect(bench.reports.at(-1)?.gone).toBe(true);
});
