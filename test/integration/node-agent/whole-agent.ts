// The whole agent on real files, a real clock and real containers, under a scripted leader: one pod from its
// assignment to its end, and across a restart of the agent. Every runtime has a test file that calls this.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createMemoryHub, createSystemWorld, type MemoryClient, silentLogger } from "../../../actors/mod.ts";
import { type AgentHandle, type ContainerRuntime, startAgent } from "../../../node-agent/mod.ts";
import { testPod, uidOf } from "../../../node-agent/testkit/pod-fixture.ts";
import { ScriptedMaster } from "../../../node-agent/testkit/scripted-master.ts";
import {
  decode,
  type NodeName,
  type Pod,
  type StreamFrame,
  streamSubject,
  unwrap,
} from "../../../protocol/mod.ts";

const prefix = "whole";
const node = "n1" as NodeName;
const cluster = `whole-${process.pid}`;
const world = createSystemWorld(silentLogger);
const eventually = (look: () => void): Promise<void> => vi.waitFor(look, { timeout: 20_000, interval: 10 });

export interface AgentRuntime {
  readonly name: string;
  readonly image: string;
  open(directory: string): ContainerRuntime;
}

export const wholeAgent = { cluster, node, world } as const;

export function describeWholeAgent({ name, image, open }: AgentRuntime): void {
  describe(`an agent on the ${name} runtime`, () => {
    let directory: string;
    let runtime: ContainerRuntime;
    let master: ScriptedMaster;
    let bus: MemoryClient;
    let client: MemoryClient;
    let agent: AgentHandle;

    const start = async (): Promise<void> => {
      runtime = open(directory);
      agent = await startAgent({
        world,
        bus,
        prefix,
        node,
        cluster,
        runtime,
        directory,
        version: "test",
        timing: { restartInitialMs: 200, retryInitialMs: 50 },
      });
    };
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), "berth-agent-"));
      const hub = createMemoryHub(world);
      master = new ScriptedMaster(hub.connect("master"), prefix, node);
      master.podCidr = "127.77.1.0/24";
      client = hub.connect("client");
      bus = hub.connect("agent");
      await start();
    });
    afterEach(async () => {
      await agent.stop({ removePods: true });
      expect([...(await runtime.listSandboxes()), ...(await runtime.listContainers())]).toEqual([]);
      const left = existsSync(join(directory, "pods")) ? readdirSync(join(directory, "pods")) : [];
      expect(left).toEqual([]);
      await runtime.close();
      rmSync(directory, { recursive: true });
    });

    const pod = (name: string, script: string, fields: Partial<NonNullable<Pod["spec"]>> = {}): Pod =>
      testPod({
        name,
        spec: { terminationGracePeriodSeconds: 2, volumes: [{ name: "shared", emptyDir: {} }], ...fields },
        containers: [
          {
            image,
            imagePullPolicy: "IfNotPresent",
            command: ["sh", "-c", script],
            volumeMounts: [{ name: "shared", mountPath: "/shared" }],
            readinessProbe: { exec: { command: ["true"] }, periodSeconds: 1 },
          },
        ],
      });
    const status = (name: string) => master.reports.get(uidOf(name))?.status;
    const main = (name: string) => status(name)?.containerStatuses?.[0];
    const ready = (name: string): Promise<void> =>
      eventually(() => expect(main(name)?.ready, JSON.stringify(status(name))).toBe(true));

    test("runs a pod, serves its logs, restarts what ends, and removes it all", async () => {
      const uid = master.put(pod("web", "echo started $BERTH_NODE; sleep 1; exit 3"));
      master.sendDelta();
      await eventually(() => expect(main("web")?.restartCount).toBeGreaterThan(0));
      expect(main("web")?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: "Error" });
      expect(status("web")?.podIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      const frames: StreamFrame[] = [];
      client.subscribe(streamSubject(prefix, "admin", "l1", "out"), ({ data }) => {
        frames.push(unwrap(decode(data)) as StreamFrame);
      });
      const options = { follow: false, previous: true, timestamps: false };
      const base = { version: 1, stream: "l1", user: "admin", pod: uid, container: "main" };
      expect(await master.ask("stream", { ...base, kind: "logs", ...options })).toMatchObject({ ok: true });
      await eventually(() => expect(frames.at(-1)?.type).toBe("end"));
      const text = frames
        .map((frame) => (frame.type === "data" ? Buffer.from(frame.data).toString() : ""))
        .join("");
      expect(text).toBe("started n1\n");
      master.put(pod("web", "unused"), { graceSeconds: 1, reason: "deleted" });
      master.sendDelta();
      await eventually(() => expect(master.reports.get(uid)?.gone).toBe(true));
      expect(existsSync(join(directory, "pods", uid))).toBe(false);
    });

    test("containers of a pod share its volume, init containers first", async () => {
      const both = pod("pair", "cat /shared/greeting > /shared/seen; sleep 600");
      const write = ["sh", "-c", "echo hello > /shared/greeting"];
      const volumeMounts = [{ name: "shared", mountPath: "/shared" }];
      const spec = {
        ...both.spec,
        initContainers: [
          { name: "init", image, imagePullPolicy: "IfNotPresent" as const, command: write, volumeMounts },
        ],
        containers: both.spec?.containers ?? [],
      };
      const uid = master.put({ ...both, spec });
      master.sendDelta();
      await ready("pair");
      const seen = join(directory, "pods", uid, "volumes", "shared", "seen");
      await eventually(() => expect(readFileSync(seen, "utf8")).toBe("hello\n"));
    });

    test("a claim's directory survives its pods and the agent; it goes on the leader's word, not under a pod", async () => {
      const source = { type: "directory", handle: "pvc-1", begun: false } as const;
      const claimed = (name: string, script: string): Pod =>
        pod(name, script, { volumes: [{ name: "shared", persistentVolumeClaim: { claimName: "data" } }] });
      const volumes = [{ name: "shared", source }];
      const order = (): void => {
        const uid = uidOf("volume");
        master.say("delete-volumes", { version: 1, session: master.session, volumes: [{ uid, source }] });
      };
      const file = join(directory, "claims", "pvc-1", "file");
      const first = master.put(claimed("first", "echo kept > /shared/file; sleep 600"), undefined, volumes);
      master.sendDelta();
      await ready("first");
      await eventually(() => expect(readFileSync(file, "utf8")).toBe("kept\n"));
      order();
      await agent.stop({ removePods: false });
      await runtime.close();
      await start();
      order();
      const second = master.put(claimed("second", "test -f /shared/file && sleep 600"), undefined, volumes);
      master.put(claimed("first", "unused"), { graceSeconds: 0, reason: "deleted" }, volumes);
      master.sendDelta();
      await eventually(() => expect(master.reports.get(first)?.gone).toBe(true));
      await ready("second");
      expect(readFileSync(file, "utf8")).toBe("kept\n");
      expect(master.deleted).toEqual([]);
      for (const uid of [first, second]) master.remove(uid);
      master.sendDelta([first, second]);
      await vi.waitFor(
        () => {
          order();
          expect(master.deleted.length).toBeGreaterThan(0);
        },
        { timeout: 20_000, interval: 100 },
      );
      expect(master.deleted[0]).toMatchObject({ volume: uidOf("volume") });
      expect(readdirSync(join(directory, "claims"))).toEqual([]);
    });

    test("an agent that comes back adopts its containers: the same ones, never unready", async () => {
      master.put(pod("web", "sleep 600"));
      master.sendDelta();
      await ready("web");
      const before = (await runtime.listContainers()).map(({ id }) => id);
      await agent.stop({ removePods: false });
      await runtime.close();
      const seen = master.statuses.length;
      await start();
      await eventually(() =>
        expect(master.statuses.slice(seen).some(({ pods }) => pods.length > 0)).toBe(true),
      );
      const said = master.statuses.slice(seen).flatMap(({ pods }) => pods);
      expect(said.every((report) => report.status.containerStatuses?.[0]?.ready)).toBe(true);
      expect((await runtime.listContainers()).map(({ id }) => id)).toEqual(before);
    });
  });
}
