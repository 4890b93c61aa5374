// What the Docker driver promises beyond the contract: shared namespaces, foreign containers, limits, pull errors.

import { randomUUID } from "node:crypto";
import { connect as connectTcp, createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import {
  type ContainerId,
  type ContainerRuntime,
  type ContainerSpec,
  createDockerRuntime,
  probeDocker,
  type RuntimeEvent,
  type SandboxSpec,
  type SandboxState,
} from "../../../node-agent/runtime/mod.ts";
import type { Uid } from "../../../protocol/mod.ts";
import { testContainer, testSandbox } from "../../../node-agent/testkit/runtime-fixture.ts";
import { RuntimePods, waitOptions } from "../../../node-agent/testkit/runtime-pods.ts";
import { connect, engineAddress, whyNoEngine } from "../../support/docker-engine.ts";
import { importBusybox } from "../../support/images.ts";

const missing = await whyNoEngine();

describe.skipIf(missing)(`docker driver${missing ? ` (${missing})` : ""}`, () => {
  const cluster = `driver-${process.pid}`;
  const world = createSystemWorld(silentLogger);
  const docker = connect();
  let image: string;
  let runtime: ContainerRuntime;
  const pods = new RuntimePods(() => runtime);
  const foreign: string[] = [];

  beforeAll(async () => {
    image = await importBusybox(docker);
    runtime = createDockerRuntime({ cluster, node: "one", world, ...engineAddress });
  });
  afterEach(async () => {
    await pods.clear();
    for (const id of foreign.splice(0)) await docker.getContainer(id).remove({ force: true });
  });
  afterAll(async () => {
    await runtime?.close();
  });

  const sandboxSpec = (change: Partial<SandboxSpec> = {}): SandboxSpec =>
    testSandbox({
      pod: { cluster, node: "one", namespace: "default", name: "pod", uid: randomUUID() as Uid },
      hostname: "pod-host",
      ...change,
    });
  const pod = (change: Partial<SandboxSpec> = {}): Promise<SandboxState> => pods.sandbox(sandboxSpec(change));
  const run = (sandbox: SandboxState, name: string, script: string, change: Partial<ContainerSpec> = {}) =>
    pods.start(sandbox, testContainer({ name, image, command: ["sh", "-c"], args: [script], ...change }));

  it("finds the engine and its parts' versions", async () => {
    const probe = await probeDocker(engineAddress);
    expect(probe).toMatchObject({ ok: true, value: { version: expect.stringMatching(/^\d+\./) } });
    const { details } = await runtime.info();
    expect(Object.keys(details)).toEqual(expect.arrayContaining(["kernel", "containerd", "runc"]));
  });

  it("says where no engine is", async () => {
    const probe = await probeDocker({ socketPath: "/nowhere/docker.sock" });
    expect(probe).toMatchObject({ ok: false, error: { code: "Unavailable" } });
    const lost = createDockerRuntime({ cluster, node: "x", world, socketPath: "/nowhere/docker.sock" });
    await expect(lost.listSandboxes()).rejects.toMatchObject({ code: "Unavailable" });
    await expect(lost.runSandbox(sandboxSpec())).rejects.toMatchObject({ code: "Unavailable" });
    await lost.close();
  });

  it("joins a pod's containers to one network namespace, hostname and resolver", async () => {
    const sandbox = await pod({
      dns: { servers: ["10.9.8.7"], searches: ["default.svc"], options: ["ndots:5"] },
    });
    const steady = "trap 'exit 0' TERM; while :; do sleep 1 & wait; done";
    await run(sandbox, "server", `nc -l -p 8080 -e echo hello & ${steady}`);
    const client = await run(
      sandbox,
      "client",
      "until nc 127.0.0.1 8080 </dev/null; do sleep 0.1; done; hostname; grep -v '^#' /etc/resolv.conf; hostname -i",
    );
    await pods.ended(client);
    const said = await pods.text(client);
    expect(said).toContain("hello\npod-host\n");
    expect(said).toContain("nameserver 10.9.8.7");
    expect(said).toContain("search default.svc");
    expect(said).toContain(sandbox.ip);
  });

  it("keeps process namespaces apart", async () => {
    const sandbox = await pod();
    const id = await run(sandbox, "main", "echo $$");
    await pods.ended(id);
    expect(await pods.text(id)).toBe("1\n");
  });

  it("publishes host ports", async () => {
    const hostPort = await freePort();
    const sandbox = await pod({
      hostPorts: [{ containerPort: 8080, hostPort, hostIp: "127.0.0.1", protocol: "TCP" }],
    });
    await run(sandbox, "main", "while :; do nc -l -p 8080 -e echo hello; done");
    await vi.waitFor(async () => expect(await readAll(hostPort)).toBe("hello\n"), waitOptions);
  });

  it("tells a container that ran out of memory from one that failed", async () => {
    const sandbox = await pod();
    const resources = { memoryLimitBytes: 16 * 1024 * 1024, cpuLimitMilli: 500, cpuRequestMilli: 100 };
    const id = await run(sandbox, "main", "tail /dev/zero", { resources });
    expect(await pods.ended(id)).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });

  it("runs as the user that was asked for, on a root that can't be written", async () => {
    const sandbox = await pod();
    const security = { user: 65534, group: 65534, readOnlyRootFilesystem: true, capabilitiesDrop: ["ALL"] };
    const id = await run(sandbox, "main", "id -u; id -g; touch /tmp/x 2>/dev/null || echo refused", {
      security,
    });
    await pods.ended(id);
    expect(await pods.text(id)).toBe("65534\n65534\nrefused\n");
  });

  it("never lists, answers, or changes a foreign container", async () => {
    const other = await docker.createContainer({
      Image: image,
      Cmd: ["sleep", "1000"],
      Labels: { "io.berth.cluster": "x" },
    });
    foreign.push(other.id);
    await other.start();
    expect((await runtime.listContainers()).map((each) => each.id)).not.toContain(other.id);
    expect(await runtime.inspectContainer(other.id as ContainerId)).toBeUndefined();
    const id = other.id as ContainerId;
    await expect(runtime.startContainer(id)).rejects.toMatchObject({ code: "NotFound" });
    await runtime.stopContainer(id, 0);
    await runtime.removeContainer(id);
    await runtime.removeSandbox(id as unknown as SandboxState["id"]);
    expect((await other.inspect()).State.Running).toBe(true);
  });

  it("refuses a name that a foreign container has taken", async () => {
    const spec = sandboxSpec();
    const other = await docker.createContainer({
      name: `berth_${spec.pod.name}_${spec.pod.namespace}_${spec.pod.uid}_POD_0`,
      Image: image,
    });
    foreign.push(other.id);
    await expect(runtime.runSandbox(spec)).rejects.toMatchObject({ code: "AlreadyExists" });
  });

  it("notices a sandbox that someone else killed", async () => {
    const events: RuntimeEvent[] = [];
    const stop = runtime.onEvent((event) => events.push(event));
    await vi.waitFor(() => expect(events).toContainEqual({ type: "resync" }), waitOptions);
    const sandbox = await pod();
    await docker.getContainer(sandbox.id).kill();
    await vi.waitFor(async () => {
      const seen = events.filter(
        (event) => event.type === "sandbox-changed" && event.pod === sandbox.pod.uid,
      );
      expect(seen).not.toEqual([]);
      const found = (await runtime.listSandboxes()).find((each) => each.id === sandbox.id);
      expect(found).toMatchObject({ ready: false, ip: "" });
    }, waitOptions);
    stop();
  });

  it("tells why an image can't be had", async () => {
    expect(await runtime.imagePresent(image)).toMatchObject({ reference: image });
    expect(await runtime.imagePresent("berth-test/absent:1")).toBeUndefined();
    await expect(runtime.imagePresent("Not A Name")).rejects.toMatchObject({ code: "InvalidImageName" });
    await expect(runtime.pullImage("Not A Name")).rejects.toMatchObject({ code: "InvalidImageName" });
    // Nothing listens there, and nothing outside this host is asked.
    await expect(runtime.pullImage("127.0.0.1:1/absent:1")).rejects.toMatchObject({ code: "ErrImagePull" });
    const sandbox = await pod();
    await expect(run(sandbox, "main", "true", { image: "berth-test/absent:1" })).rejects.toMatchObject({
      code: "ErrImagePull",
    });
  });

  it("ends a command that took too long", async () => {
    const sandbox = await pod();
    const id = await run(sandbox, "main", "while :; do sleep 1; done");
    await expect(runtime.execSync(id, ["sleep", "1234"], 300)).rejects.toMatchObject({ code: "Timeout" });
    await vi.waitFor(async () => {
      const { output } = await runtime.execSync(id, ["ps"], 10_000);
      expect(output).not.toContain("1234");
    }, waitOptions);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

async function readAll(port: number): Promise<string> {
  const socket = connectTcp(port, "127.0.0.1");
  let all = "";
  for await (const chunk of socket) all += String(chunk);
  return all;
}
