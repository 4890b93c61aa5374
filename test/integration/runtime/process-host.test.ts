// What the process driver does with the host's help: limits, users, strays; and what it leaves behind: nothing.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import {
  type ContainerRuntime,
  type ContainerSpec,
  createProcessRuntime,
  type SandboxState,
} from "../../../node-agent/runtime/mod.ts";
import { testContainer, testSandbox } from "../../../node-agent/testkit/runtime-fixture.ts";
import { RuntimePods, waitOptions } from "../../../node-agent/testkit/runtime-pods.ts";
import type { Uid } from "../../../protocol/mod.ts";

const isRoot = process.getuid?.() === 0;

describe("the process driver on this host", () => {
  let directory: string;
  let runtime: ContainerRuntime;
  let sandbox: SandboxState;
  const pods = new RuntimePods(() => runtime);

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "berth-host-"));
    const world = createSystemWorld(silentLogger);
    runtime = createProcessRuntime({ cluster: "host", node: "one", directory, world });
    sandbox = await pods.sandbox(
      testSandbox({
        pod: { cluster: "host", node: "one", namespace: "default", name: "pod", uid: "pod-uid" as Uid },
        address: "127.0.79.1",
      }),
    );
  });
  afterEach(async () => {
    await pods.clear();
    await runtime.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = (command: readonly string[], change: Partial<ContainerSpec> = {}) =>
    pods.start(sandbox, testContainer({ image: "node:24-alpine", command, ...change }));
  const alive = (pid: number): boolean => {
    try {
      return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
      return false;
    }
  };

  it("runs `node` on the agent's own Node, without an image", async () => {
    const id = await run(["node", "-p", "process.version + process.cwd().slice(-5)"]);
    await pods.ended(id);
    expect(await pods.text(id)).toBe(`${process.version}/root\n`);
  });

  it("enforces a memory limit where the host allows it, and says so", async () => {
    const { details } = await runtime.info();
    const resources = { memoryLimitBytes: 32 * 1024 * 1024, cpuLimitMilli: 500, cpuRequestMilli: 100 };
    const id = await run(["sh", "-c", "echo started; sleep 0.1; tail /dev/zero | cat"], { resources });
    if (!details["limits"]?.startsWith("enforced")) {
      await runtime.stopContainer(id, 0);
      return;
    }
    const main = await pods.ended(id);
    expect(main.reason === "OOMKilled" || main.exitCode === 0).toBe(true);
    const direct = await run(["tail", "/dev/zero"], { name: "direct", resources });
    expect(await pods.ended(direct)).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });

  it.skipIf(!isRoot)("runs as the user that was asked for", async () => {
    const id = await run(["sh", "-c", "id -u; id -g; id -G"], { security: { user: 65534, group: 65533 } });
    await pods.ended(id);
    expect(await pods.text(id)).toBe("65534\n65533\n65533\n");
  });

  it.skipIf(process.platform !== "linux")("kills what left the container's process group", async () => {
    const id = await run(["sh", "-c", "setsid sleep 1000 & sleep 0.1; echo $!; exit 0"]);
    await pods.ended(id);
    const pid = Number(await pods.text(id));
    expect(pid).toBeGreaterThan(1);
    await vi.waitFor(() => expect(alive(pid)).toBe(false), waitOptions);
  });

  it("leaves no process, file or control group behind, and foreign processes alone", async () => {
    const stranger = spawn("sleep", ["1000"], { stdio: "ignore" });
    await once(stranger, "spawn");
    const script = "setsid sleep 1000 & sleep 1000 & trap '' TERM; echo $$; while :; do sleep 1; done";
    const id = await run(["sh", "-c", script], { resources: { memoryLimitBytes: 64 * 1024 * 1024 } });
    let pid = 0;
    for await (const line of runtime.logs(id, { follow: true })) {
      pid = Number(Buffer.from(line.text).toString());
      break;
    }
    const marked = (): readonly string[] =>
      readdirSync("/proc").filter((name) => {
        try {
          return readFileSync(`/proc/${name}/environ`, "utf8").includes(`BERTH_CONTAINER=host/one/${id}`);
        } catch {
          return false;
        }
      });
    expect(alive(pid)).toBe(true);
    expect(marked().length).toBeGreaterThanOrEqual(4);
    await runtime.removeSandbox(sandbox.id);
    await vi.waitFor(() => expect(marked()).toEqual([]), waitOptions);
    expect(readdirSync(join(directory, "sandboxes"))).toEqual([]);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill("SIGKILL");
  });

  it("starts 20 containers at a time", async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, index) => run(["sleep", "1000"], { name: `c${index}` })),
    );
    const states = (await runtime.listContainers()).map((each) => each.state);
    expect(states).toEqual(ids.map(() => "running"));
    await Promise.all(ids.map((id) => runtime.stopContainer(id, 10_000)));
    for (const id of ids) expect(await runtime.inspectContainer(id)).toMatchObject({ exitCode: 143 });
  });
});
