// Several agents: one that takes over from another, one beside another, one with much to do.

import { expect, it, vi } from "vitest";
import type { ContractBench } from "./bench.ts";
import { waitOptions } from "../../testkit/runtime-pods.ts";
import type { RuntimeEvent } from "../runtime.ts";

export function describeAgents(bench: ContractBench): void {
  it("lets a second driver take over: running containers, their ends, their logs", async () => {
    const sandbox = await bench.pod();
    const steady = await bench.run(sandbox, { type: "print", lines: ["before"] });
    const done = await bench.run(sandbox, { type: "exit", code: 4 }, { name: "done" });
    const waiting = await bench.runtime.createContainer(
      sandbox.id,
      bench.containerSpec({ type: "exit", code: 6 }, { name: "waiting" }),
    );
    await bench.said(steady, "before");
    await bench.ended(done);
    await bench.restart();
    expect(await bench.runtime.inspectContainer(steady)).toMatchObject({ state: "running", name: "main" });
    expect(await bench.runtime.inspectContainer(done)).toMatchObject({ state: "exited", exitCode: 4 });
    expect((await bench.runtime.listSandboxes()).find((each) => each.id === sandbox.id)).toMatchObject({
      pod: sandbox.pod,
      ready: true,
      ip: sandbox.ip,
    });
    await bench.runtime.startContainer(waiting);
    expect(await bench.ended(waiting)).toMatchObject({ exitCode: 6 });
    const events: RuntimeEvent[] = [];
    bench.runtime.onEvent((event) => events.push(event));
    await bench.runtime.stopContainer(steady, 20_000);
    expect(await bench.ended(steady)).toMatchObject({ exitCode: 143 });
    await vi.waitFor(
      () => expect(events.some((event) => event.container === steady)).toBe(true),
      waitOptions,
    );
    expect(await bench.lines(steady)).toEqual(["before"]);
  });

  it("sees nothing of another node's pods", async () => {
    const other = await bench.another("two");
    const sandbox = await bench.pod();
    const id = await bench.run(sandbox, { type: "steady" });
    const foreign = await other.runSandbox(bench.sandboxSpec({}, "two"));
    try {
      expect((await other.listSandboxes()).map((each) => each.id)).toEqual([foreign.id]);
      expect((await other.listContainers()).map((each) => each.id)).not.toContain(id);
      expect((await bench.runtime.listSandboxes()).map((each) => each.id)).not.toContain(foreign.id);
    } finally {
      await other.removeSandbox(foreign.id);
    }
  });

  it("does many pods at a time", async () => {
    const ids = await Promise.all(
      Array.from({ length: 6 }, async () => bench.run(await bench.pod(), { type: "steady" })),
    );
    const running = (await bench.runtime.listContainers()).filter((each) => each.state === "running");
    expect(running.map((each) => each.id)).toEqual(expect.arrayContaining(ids));
  });

  it("knows what a running container uses", async () => {
    const id = await bench.run(await bench.pod(), { type: "steady" });
    await bench.said(id, "ready");
    expect((await bench.runtime.usage(id))?.memoryBytes).toBeGreaterThan(0);
    await bench.runtime.stopContainer(id, 0);
    expect(await bench.runtime.usage(id)).toBeUndefined();
  });
}
