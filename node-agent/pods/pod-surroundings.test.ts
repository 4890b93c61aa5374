// What a pod's life cycle does about config maps, hooks, last words and volumes that grow.

import { describe, expect, test } from "vitest";
import type { ConfigReference, Container, Position } from "../../protocol/mod.ts";
import type { ConfigSource } from "../configs/config-source.ts";
import type { ProgramOf } from "../runtime/mod.ts";
import { podBench, type PodBench } from "../testkit/pod-bench.ts";
import { testPod } from "../testkit/pod-fixture.ts";

const running = (bench: PodBench) => (): boolean => bench.status().phase === "Running";

describe("config maps", () => {
  const env: Container["env"] = [
    { name: "COLOUR", valueFrom: { configMapKeyRef: { name: "settings", key: "colour" } } },
  ];
  const configs: ConfigSource = {
    values: (_namespace, { position }) =>
      Promise.resolve(position === undefined ? undefined : { colour: Buffer.from("blue") }),
  };
  const reference: ConfigReference = { kind: "ConfigMap", name: "settings" };

  test("a container waits for one, and starts as soon as it is there", async () => {
    const pod = testPod({ containers: [{ env }] });
    const seen: string[] = [];
    const program: ProgramOf = (spec) => {
      seen.push(spec.environment.find(({ name }) => name === "COLOUR")?.value ?? "");
      return {};
    };
    const bench = podBench(pod, { configs, program });
    await bench.world.advance(100);
    expect(bench.main().state?.waiting).toEqual({
      reason: "CreateContainerConfigError",
      message: 'configmap "settings" not found',
    });
    bench.ref.send({ type: "wanted", pod, configs: [{ ...reference, position: 12 as Position }] });
    await bench.world.advance(100);
    const waits = ["ContainerCreating", "CreateContainerConfigError"];
    expect(bench.story()).toEqual([...waits, "ContainerCreating", "running ready"]);
    expect(seen).toEqual(["blue"]);
  });

  test("a volume waits for one, and says so in the pod's own message", async () => {
    const pod = testPod({ spec: { volumes: [{ name: "config", configMap: { name: "settings" } }] } });
    const bench = podBench(pod, { configs });
    await bench.world.advance(100);
    expect(bench.status()).toMatchObject({
      phase: "Pending",
      message: 'volume config: configmap "settings" not found',
      qosClass: "BestEffort",
    });
    bench.ref.send({ type: "wanted", pod, configs: [{ ...reference, position: 12 as Position }] });
    await bench.world.runUntil(running(bench), 100);
    expect(bench.status().message).toBeUndefined();
  });
});

describe("hooks", () => {
  const commands: string[] = [];
  const program =
    (exitCode: number, afterMs = 0): ProgramOf =>
    () => ({
      exec: (command) => {
        commands.push(command.join(" "));
        return { exitCode, afterMs, stderr: "no such table" };
      },
      stopAfterMs: 500,
    });

  test("a container counts as started when its postStart has ended", async () => {
    const lifecycle = { postStart: { sleep: { seconds: 5 } } };
    const bench = podBench(testPod({ containers: [{ lifecycle }] }));
    await bench.world.advance(4000);
    expect(bench.main()).toMatchObject({ ready: false, state: { waiting: { reason: "ContainerCreating" } } });
    await bench.world.advance(2000);
    expect(bench.main()).toMatchObject({ ready: true, state: { running: {} } });
  });

  test("a container whose postStart fails is stopped, with why", async () => {
    const lifecycle = { postStart: { exec: { command: ["migrate"] } } };
    const pod = testPod({ spec: { restartPolicy: "Never" }, containers: [{ lifecycle }] });
    const bench = podBench(pod, { program: program(1) });
    await bench.world.advance(5000);
    expect(bench.main().state?.terminated?.message).toBe("PostStartHookError: no such table");
    expect(bench.status().phase).toBe("Failed");
  });

  test("preStop runs once before the signal, within the grace", async () => {
    commands.length = 0;
    const lifecycle = { preStop: { exec: { command: ["drain"] } } };
    const bench = podBench(testPod({ containers: [{ lifecycle }] }), { program: program(0, 3000) });
    await bench.world.runUntil(running(bench), 1000);
    bench.stop(30);
    await bench.world.advance(2000);
    expect([commands, bench.reports.at(-1)?.gone]).toEqual([["drain"], undefined]);
    bench.stop(10);
    await bench.world.advance(2000);
    expect([commands, bench.reports.at(-1)?.gone]).toEqual([["drain"], true]);
  });

  test("a preStop that takes all of the grace leaves two seconds for the end", async () => {
    const lifecycle = { preStop: { sleep: { seconds: 60 } } };
    const bench = podBench(testPod({ containers: [{ lifecycle }] }), { program: program(0) });
    await bench.world.runUntil(running(bench), 1000);
    bench.stop(4);
    await bench.world.advance(4400);
    expect(bench.reports.at(-1)?.gone).toBeUndefined();
    await bench.world.advance(2000);
    expect(bench.reports.at(-1)?.gone).toBe(true);
  });

  test("without grace there is no preStop", async () => {
    commands.length = 0;
    const lifecycle = { preStop: { exec: { command: ["drain"] } } };
    const bench = podBench(testPod({ containers: [{ lifecycle }] }), { program: program(0) });
    await bench.world.runUntil(running(bench), 1000);
    bench.stop(0);
    await bench.world.advance(1000);
    expect([commands, bench.reports.at(-1)?.gone]).toEqual([[], true]);
  });
});

describe("last words", () => {
  const logged: ProgramOf = () => ({
    exitAfterMs: 1000,
    exitCode: 1,
    output: [
      { atMs: 10, stream: "stdout", text: "starting" },
      { atMs: 20, stream: "stderr", text: "no such table" },
    ],
  });
  const main = { terminationMessagePath: "/dev/termination-log" } as const;

  test.each([
    ["FallbackToLogsOnError", "starting\nno such table"],
    ["File", undefined],
  ] as const)("with %s and nothing in the file: %s", async (terminationMessagePolicy, message) => {
    const containers = [{ ...main, terminationMessagePolicy }];
    const bench = podBench(testPod({ spec: { restartPolicy: "Never" }, containers }), { program: logged });
    await bench.world.advance(5000);
    expect(bench.main().state?.terminated).toMatchObject({ exitCode: 1 });
    expect(bench.main().state?.terminated?.message).toBe(message);
    // The log takes the end of a pod once: it is told with the words, never before.
    expect(bench.reports.filter(({ status }) => status.phase === "Failed")).toHaveLength(1);
  });
});

test("a pod whose emptyDir outgrows its limit is evicted", async () => {
  let used = 500;
  const volumes = [{ name: "cache", emptyDir: { sizeLimit: "1Ki" } }];
  const bench = podBench(testPod({ spec: { volumes } }), { usedBytes: () => used });
  await bench.world.advance(60_000);
  expect(bench.status().phase).toBe("Running");
  used = 1025;
  await bench.world.advance(60_000);
  expect(bench.status()).toMatchObject({
    phase: "Failed",
    reason: "Evicted",
    message: 'Usage of EmptyDir volume "cache" exceeds the limit "1Ki". ',
  });
});
