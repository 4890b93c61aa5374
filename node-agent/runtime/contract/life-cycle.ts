// Sandboxes and containers from their making to their end.

import { expect, it, vi } from "vitest";
import type { ContractBench } from "./bench.ts";
import { waitOptions } from "../../testkit/runtime-pods.ts";
import type { ContainerId, RuntimeEvent } from "../runtime.ts";

const clockToleranceMs = 1000;

export function describeLifeCycle(bench: ContractBench): void {
  it("tells its name, versions and what the host offers", async () => {
    const info = await bench.runtime.info();
    expect(info.name).toBe(bench.harness.name);
    expect(info.version).not.toBe("");
    expect(info.capacity.cpuMilli).toBeGreaterThan(0);
    expect(info.capacity.memoryBytes).toBeGreaterThan(0);
  });

  it("makes a sandbox once per pod and attempt, lists it, stops it, removes it", async () => {
    const spec = bench.sandboxSpec();
    const first = await bench.pod(spec);
    expect(first).toMatchObject({ pod: spec.pod, attempt: 0, ready: true });
    expect(first.ip).not.toBe("");
    expect((await bench.runtime.runSandbox(spec)).id).toBe(first.id);
    const again = await bench.pod({ ...spec, attempt: 1 });
    expect(again.id).not.toBe(first.id);
    const listed = (await bench.runtime.listSandboxes()).filter((each) => each.pod.uid === spec.pod.uid);
    expect(listed.map((each) => each.attempt).sort((a, b) => a - b)).toEqual([0, 1]);
    expect(listed.find((each) => each.attempt === 0)).toMatchObject({
      pod: spec.pod,
      ready: true,
      ip: first.ip,
    });

    await bench.runtime.stopSandbox(first.id);
    await bench.runtime.stopSandbox(first.id);
    expect((await bench.runtime.listSandboxes()).find((each) => each.id === first.id)?.ready).toBe(false);
    await bench.runtime.removeSandbox(first.id);
    await bench.runtime.removeSandbox(first.id);
    expect((await bench.runtime.listSandboxes()).map((each) => each.id)).not.toContain(first.id);
  });

  it("takes a container through created, running, exited and says so by events", async () => {
    const sandbox = await bench.pod();
    const events: RuntimeEvent[] = [];
    const stop = bench.runtime.onEvent((event) => events.push(event));
    const id = await bench.runtime.createContainer(
      sandbox.id,
      bench.containerSpec({ type: "exit", code: 0 }),
    );
    expect(await bench.runtime.inspectContainer(id)).toMatchObject({
      id,
      sandbox: sandbox.id,
      pod: sandbox.pod.uid,
      name: "main",
      attempt: 0,
      image: bench.harness.image,
      state: "created",
    });
    await bench.runtime.startContainer(id);
    const status = await bench.ended(id);
    expect(status).toMatchObject({ exitCode: 0, reason: "Completed" });
    // An engine's clock and ours are read apart, so the two may stand some milliseconds the wrong way round.
    expect(status.startedAt).toBeGreaterThanOrEqual(status.createdAt - clockToleranceMs);
    expect(status.finishedAt).toBeGreaterThanOrEqual((status.startedAt ?? Number.NaN) - clockToleranceMs);
    await vi.waitFor(() => {
      const ours = events.filter((event) => event.type === "container-changed" && event.container === id);
      expect(ours.length).toBeGreaterThanOrEqual(2);
      expect(ours.every((event) => event.pod === sandbox.pod.uid)).toBe(true);
    }, waitOptions);
    stop();
  });

  it("reports the exit code of a program that fails", async () => {
    const id = await bench.run(await bench.pod(), { type: "exit", code: 3 });
    expect(await bench.ended(id)).toMatchObject({ exitCode: 3, reason: "Error" });
  });

  it("knows a container by sandbox, name and attempt", async () => {
    const sandbox = await bench.pod();
    const spec = bench.containerSpec({ type: "steady" });
    const id = await bench.runtime.createContainer(sandbox.id, spec);
    expect(await bench.runtime.createContainer(sandbox.id, spec)).toBe(id);
    await bench.runtime.startContainer(id);
    await bench.runtime.startContainer(id);
    expect(await bench.runtime.createContainer(sandbox.id, { ...spec, attempt: 1 })).not.toBe(id);
    expect(await bench.runtime.createContainer(sandbox.id, { ...spec, name: "side" })).not.toBe(id);
    const listed = (await bench.runtime.listContainers()).filter((each) => each.sandbox === sandbox.id);
    expect(listed.map((each) => `${each.name}/${each.attempt}`).sort()).toEqual([
      "main/0",
      "main/1",
      "side/0",
    ]);
  });

  it("answers NotFound for what is not there, and nothing for stopping it", async () => {
    const spec = bench.containerSpec({ type: "steady" });
    const gone = await bench.pod();
    await bench.runtime.removeSandbox(gone.id);
    await expect(bench.runtime.createContainer(gone.id, spec)).rejects.toMatchObject({ code: "NotFound" });
    const id = "0".repeat(64) as ContainerId;
    await expect(bench.runtime.startContainer(id)).rejects.toMatchObject({ code: "NotFound" });
    await expect(bench.runtime.execSync(id, ["true"], 1000)).rejects.toMatchObject({ code: "NotFound" });
    expect(await bench.runtime.inspectContainer(id)).toBeUndefined();
    await bench.runtime.stopContainer(id, 0);
    await bench.runtime.removeContainer(id);
  });

  it("refuses a program that does not exist", async () => {
    const sandbox = await bench.pod();
    await expect(bench.run(sandbox, { type: "missing" })).rejects.toMatchObject({
      code: "CreateContainerConfigError",
    });
  });

  it("stops with the stop signal and lets the program decide its exit code", async () => {
    const sandbox = await bench.pod();
    const plain = await bench.run(sandbox, { type: "steady" });
    const polite = await bench.run(sandbox, { type: "exit-on-term", code: 7 }, { name: "polite" });
    await bench.said(plain, "ready");
    await bench.said(polite, "ready");
    await Promise.all([
      bench.runtime.stopContainer(plain, 20_000),
      bench.runtime.stopContainer(polite, 20_000),
    ]);
    expect(await bench.ended(plain)).toMatchObject({ exitCode: 143, reason: "Error" });
    expect(await bench.ended(polite)).toMatchObject({ exitCode: 7, reason: "Error" });
    await bench.runtime.stopContainer(plain, 1000);
  });

  it("kills what ignores the stop signal once the grace is over", async () => {
    const id = await bench.run(await bench.pod(), { type: "ignore-term" });
    await bench.said(id, "ready");
    await bench.runtime.stopContainer(id, 200);
    expect(await bench.ended(id)).toMatchObject({ exitCode: 137 });
  });

  it("ends a pod's containers with its sandbox", async () => {
    const sandbox = await bench.pod();
    const id = await bench.run(sandbox, { type: "ignore-term" });
    await bench.runtime.stopSandbox(sandbox.id);
    expect(await bench.ended(id)).toMatchObject({ exitCode: 137 });
  });

  it("removes a running container, log and all, and nothing else of the pod", async () => {
    const sandbox = await bench.pod();
    const id = await bench.run(sandbox, { type: "steady" });
    const side = await bench.run(sandbox, { type: "steady" }, { name: "side" });
    await bench.runtime.removeContainer(id);
    await bench.runtime.removeContainer(id);
    expect(await bench.runtime.inspectContainer(id)).toBeUndefined();
    expect(await bench.runtime.inspectContainer(side)).toMatchObject({ state: "running" });
  });
}
