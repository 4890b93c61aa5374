import { beforeEach, describe, expect, it } from "vitest";
import { createVirtualWorld, type VirtualWorld } from "../../../actors/mod.ts";
import type { Uid } from "../../../protocol/mod.ts";
import { testContainer, testSandbox } from "../../testkit/runtime-fixture.ts";
import type { ContainerId, RuntimeEvent, SandboxState } from "../runtime.ts";
import type { SimulatedProgram } from "./program.ts";
import { createSimulatedRuntime, type SimulatedRuntime } from "./simulated-runtime.ts";

describe("the simulated runtime", () => {
  let world: VirtualWorld;
  let runtime: SimulatedRuntime;
  let program: SimulatedProgram;

  beforeEach(() => {
    world = createVirtualWorld({ seed: 1 });
    program = {};
    runtime = createSimulatedRuntime({ cluster: "c", node: "n", world, program: () => program });
  });

  const spec = (name = "main") => testContainer({ name, command: ["web"] });
  const pod = (uid = "u1"): Promise<SandboxState> =>
    runtime.runSandbox(
      testSandbox({ pod: { cluster: "c", node: "n", namespace: "default", name: uid, uid: uid as Uid } }),
    );
  const start = async (): Promise<ContainerId> => {
    const id = await runtime.createContainer((await pod()).id, spec());
    await runtime.startContainer(id);
    return id;
  };

  it("gives every pod an address of its own", async () => {
    expect((await pod("a")).ip).toBe("10.88.0.2");
    expect((await pod("b")).ip).toBe("10.88.0.3");
  });

  it("runs programs on virtual time", async () => {
    program = { exitAfterMs: 5000, exitCode: 2, output: [{ atMs: 1000, stream: "stdout", text: "up" }] };
    const id = await start();
    const startedAt = world.clock.now();
    await world.advance(4999);
    expect(await runtime.inspectContainer(id)).toMatchObject({ state: "running", startedAt });
    await world.advance(1);
    expect(await runtime.inspectContainer(id)).toMatchObject({ exitCode: 2, finishedAt: startedAt + 5000 });
    const lines = await Array.fromAsync(runtime.logs(id, { follow: true }));
    expect(lines.map((line) => line.at)).toEqual([startedAt + 1000]);
  });

  it("takes the time that a call was set to take", async () => {
    runtime.machine.setLatency("startContainer", 300);
    const id = await runtime.createContainer((await pod()).id, spec());
    let done = false;
    void runtime.startContainer(id).then(() => (done = true));
    await world.advance(299);
    expect(done).toBe(false);
    await world.advance(1);
    expect(done).toBe(true);
  });

  it("fails as often as told, where told, and then works", async () => {
    const { id } = await pod();
    runtime.machine.fail("createContainer", "Unavailable", { times: 2, subject: "side" });
    await expect(runtime.createContainer(id, spec("side"))).rejects.toMatchObject({ code: "Unavailable" });
    await runtime.createContainer(id, spec("main"));
    await expect(runtime.createContainer(id, spec("side"))).rejects.toMatchObject({ code: "Unavailable" });
    await runtime.createContainer(id, spec("side"));
  });

  it("hangs until released", async () => {
    runtime.machine.hang("listContainers");
    let done = false;
    void runtime.listContainers().then(() => (done = true));
    await world.advance(1_000_000);
    expect(done).toBe(false);
    runtime.machine.release();
    await world.settle();
    expect(done).toBe(true);
  });

  it("crashes a container with an event", async () => {
    const id = await start();
    const events: RuntimeEvent[] = [];
    runtime.onEvent((event) => events.push(event));
    await world.settle();
    events.length = 0;
    runtime.machine.crash(id, 139, "Error");
    await world.settle();
    expect(events).toEqual([{ type: "container-changed", pod: "u1", container: id }]);
    expect(await runtime.inspectContainer(id)).toMatchObject({ state: "exited", exitCode: 139 });
  });

  it("kills at the end of the grace what ignores the stop signal", async () => {
    program = { stopAfterMs: Number.POSITIVE_INFINITY };
    const id = await start();
    const stopped = runtime.stopContainer(id, 30_000);
    await world.advance(29_999);
    expect(await runtime.inspectContainer(id)).toMatchObject({ state: "running" });
    await world.advance(1);
    await stopped;
    expect(await runtime.inspectContainer(id)).toMatchObject({ exitCode: 137 });
  });

  it("answers commands by the program, in time or not", async () => {
    program = { exec: ([word]) => ({ exitCode: word === "check" ? 0 : 1, stdout: "ok", afterMs: 700 }) };
    const id = await start();
    const outcome = Promise.all([
      runtime.execSync(id, ["check"], 1000),
      expect(runtime.execSync(id, ["check"], 500)).rejects.toMatchObject({ code: "Timeout" }),
    ]);
    await world.advance(1000);
    expect((await outcome)[0]).toEqual({ exitCode: 0, output: "ok" });
  });

  it("loses everything that ran with the power, and keeps the records", async () => {
    const id = await start();
    runtime.machine.powerOff();
    expect(await runtime.inspectContainer(id)).toMatchObject({
      exitCode: 137,
      reason: "ContainerStatusUnknown",
    });
    expect((await runtime.listSandboxes()).map((each) => each.ready)).toEqual([false]);
  });

  it("does not carry out after a boot what was asked before it", async () => {
    const id = await runtime.createContainer((await pod()).id, spec());
    runtime.machine.hang("startContainer");
    const starting = runtime.startContainer(id);
    runtime.machine.powerOff();
    runtime.machine.release();
    await expect(starting).rejects.toMatchObject({ code: "Unavailable" });
    expect(await runtime.inspectContainer(id)).toMatchObject({ state: "created" });
  });

  it("answers nothing while its engine is down, and keeps its containers where they run on", async () => {
    const id = await start();
    runtime.machine.stopEngine({ containersRunOn: true });
    await expect(runtime.listContainers()).rejects.toMatchObject({ code: "Unavailable" });
    runtime.machine.startEngine();
    expect(await runtime.inspectContainer(id)).toMatchObject({ state: "running" });
    runtime.machine.stopEngine({ containersRunOn: false });
    runtime.machine.startEngine();
    expect(await runtime.inspectContainer(id)).toMatchObject({ exitCode: 137 });
  });

  it("gives a host port to one sandbox at a time, and none that another program has", async () => {
    const withPort = async (uid: string, hostPort: number): Promise<SandboxState> =>
      runtime.runSandbox({
        pod: { cluster: "c", node: "n", namespace: "default", name: uid, uid: uid as Uid },
        attempt: 0,
        hostname: uid,
        hostNetwork: false,
        hostPorts: [{ containerPort: 80, hostPort, protocol: "TCP" }],
        labels: {},
        annotations: {},
        logDirectory: "",
      });
    runtime.machine.takenPorts.add(81);
    const { id } = await withPort("a", 80);
    await expect(withPort("b", 80)).rejects.toMatchObject({ code: "Unavailable" });
    await expect(withPort("b", 81)).rejects.toMatchObject({ code: "Unavailable" });
    await runtime.stopSandbox(id);
    expect(await withPort("b", 80)).toMatchObject({ ready: true });
  });

  it("makes nothing while its disk is full", async () => {
    runtime.machine.diskFull = true;
    await expect(pod()).rejects.toMatchObject({ code: "Unavailable" });
    runtime.machine.diskFull = false;
    expect(await pod()).toMatchObject({ ready: true });
  });

  it("pulls what it lacks, but for what no registry has", async () => {
    runtime.machine.presentImages = new Set(["here:1"]);
    runtime.machine.missingImages.add("nowhere:1");
    expect(await runtime.imagePresent("here:1")).toMatchObject({ reference: "here:1" });
    expect(await runtime.imagePresent("there:1")).toBeUndefined();
    await runtime.pullImage("there:1");
    expect(await runtime.imagePresent("there:1")).toMatchObject({ reference: "there:1" });
    await expect(runtime.pullImage("nowhere:1")).rejects.toMatchObject({ code: "ErrImagePull" });
  });
});
