// One scenario for every runtime: what a cluster must do when containers, pods, agents, nodes and masters die.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectNats, createLogger, createSystemWorld } from "../../actors/mod.ts";
import type { Stored } from "../../client/mod.ts";
import { logStreamName, logSubject } from "../../protocol/mod.ts";
import { ask } from "../support/ask.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { foldLog } from "../support/fold-log.ts";
import { sharingPod, webController, webService } from "./manifests.ts";

export interface RuntimeHooks {
  readonly runtime: "docker" | "process";
  readonly octet: number;
  /** Runs once before the cluster starts: images and the like. */
  prepare(): Promise<void>;
  /** Kills the main process of one container from outside, as a crash would. */
  killContainer(containerId: string): Promise<void>;
  /** Identity of everything that runs for the cluster: pid or container id with its start time. */
  running(cluster: TestCluster): Promise<readonly string[]>;
}

const names = (pods: readonly Stored<"Pod">[]): string[] => pods.map((pod) => pod.metadata.name ?? "").sort();
const containerIdOf = (pod: Stored<"Pod">): string => pod.status?.containerStatuses?.[0]?.containerID ?? "";
const restartsOf = (pod: Stored<"Pod">): number => pod.status?.containerStatuses?.[0]?.restartCount ?? 0;

export function describeScenario(hooks: RuntimeHooks): void {
  describe(`a cluster on the ${hooks.runtime} runtime`, () => {
    let cluster: TestCluster;
    const web = "app=web";

    beforeAll(async () => {
      await hooks.prepare();
      cluster = await startTestCluster({ runtime: hooks.runtime, octet: hooks.octet, nodes: 3, masters: 2 });
    });
    afterAll(async () => {
      await cluster?.stop();
    });

    const pod = (name: string) => cluster.client.get("Pod", name, { namespace: "default" });
    /** The daemon that leads: a master's id is its name and an end drawn at its start. */
    const leading = async (): Promise<string> => {
      const { leader } = await cluster.client.status();
      return leader.slice(0, leader.lastIndexOf("-"));
    };
    const address = async (): Promise<string> =>
      (await cluster.client.get("Service", "web", { namespace: "default" })).spec?.clusterIP ?? "";

    test("containers of a pod share its address and a volume, after its init container", async () => {
      await cluster.client.apply(sharingPod);
      await cluster.waitReady("app=sharing", 1);
      await eventually(async () => {
        let text = "";
        for await (const { data } of cluster.client.logs("sharing", {
          namespace: "default",
          container: "reader",
        })) {
          text += Buffer.from(data).toString();
        }
        expect(text).toBe("file: from init, then server\nnetwork: from server\n");
      });
    });

    test("exec runs in a container and gives its exit code", async () => {
      const done = await cluster.client.run(
        "sharing",
        ["node", "-e", "console.log(6 * 7); process.exit(3)"],
        {
          namespace: "default",
          container: "server",
        },
      );
      expect(done.stdout.trim()).toBe("42");
      expect(done.exitCode).toBe(3);
      await cluster.client.delete("Pod", "sharing", { namespace: "default" });
    });

    test("a controller's pods spread over the nodes, and its service reaches them all", async () => {
      await cluster.client.apply(webService);
      await cluster.client.apply(webController(3));
      const pods = await cluster.waitReady(web, 3);
      expect(new Set(pods.map(({ spec }) => spec?.nodeName)).size).toBe(3);
      const vip = await address();
      await eventually(async () => {
        const answers = new Set<string>();
        for (let number = 0; number < 30; number++) answers.add(await ask(vip));
        expect([...answers].sort()).toEqual(names(pods));
      });
    });

    test("a killed container is restarted in its pod, and `why` knows it", async () => {
      const [victim] = await cluster.ready(web);
      if (!victim) throw new Error("no pod is ready");
      await hooks.killContainer(containerIdOf(victim));
      await eventually(async () => {
        const found = await pod(victim.metadata.name ?? "");
        expect(restartsOf(found)).toBe(1);
        expect(found.status?.containerStatuses?.[0]?.ready).toBe(true);
        expect(found.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(137);
      });
      const story = JSON.stringify(
        await cluster.client.why("Pod", victim.metadata.name ?? "", { namespace: "default" }),
      );
      expect(story).toContain("137");
      expect(story).toContain("ReplicationController");
    });

    test("a deleted pod is replaced while every request is answered", async () => {
      const before = await cluster.waitReady(web, 3);
      const vip = await address();
      let failures = 0;
      let answered = 0;
      let going = true;
      const load = Array.from({ length: 4 }, async () => {
        while (going) {
          await ask(vip).then(
            () => answered++,
            () => failures++,
          );
        }
      });
      const victim = before[0]?.metadata.name ?? "";
      await cluster.client.delete("Pod", victim, { namespace: "default" });
      await eventually(async () => {
        expect(names(await cluster.ready(web))).not.toContain(victim);
        expect(await cluster.ready(web)).toHaveLength(3);
      });
      going = false;
      await Promise.all(load);
      expect(answered).toBeGreaterThan(0);
      expect(failures).toBe(0);
    });

    test("kill -9 of an agent and its restart disturb no container", async () => {
      await cluster.waitReady(web, 3);
      const before = await hooks.running(cluster);
      expect(before.length).toBeGreaterThan(0);
      await cluster.kill("n1");
      expect(await hooks.running(cluster)).toEqual(before);
      cluster.processes.restart("n1");
      await eventually(async () => {
        const { nodes } = await cluster.client.status();
        expect(nodes.find(({ name }) => name === "n1")).toMatchObject({ state: "Ready", inSync: true });
      });
      expect(await hooks.running(cluster)).toEqual(before);
      const pods = await cluster.waitReady(web, 3);
      expect(pods.map(restartsOf).filter((count) => count > 1)).toEqual([]);
    });

    test("pods of a lost node are replaced on others, and ended there when it is back", async () => {
      await cluster.waitReady(web, 3);
      await cluster.kill("n2");
      await eventually(async () => {
        const pods = await cluster.ready(web);
        expect(pods).toHaveLength(3);
        expect(pods.map(({ spec }) => spec?.nodeName)).not.toContain("n2");
      });
      const replaced = await cluster.ready(web);
      cluster.processes.restart("n2");
      await eventually(async () => {
        const { nodes } = await cluster.client.status();
        expect(nodes.find(({ name }) => name === "n2")).toMatchObject({ state: "Ready", inSync: true });
        expect(await hooks.running(cluster)).toHaveLength(3);
      });
      expect(names(await cluster.ready(web))).toEqual(names(replaced));
    });

    test("scaling from 1 to 20 to 3, with a rolling restart of the masters in the middle", async () => {
      await cluster.client.scale("ReplicationController", "web", 1, { namespace: "default" });
      await cluster.waitReady(web, 1);
      await cluster.client.scale("ReplicationController", "web", 20, { namespace: "default" });
      const leader = await leading();
      const order = ["master-1", "master-2"].sort((a, b) => Number(b === leader) - Number(a === leader));
      for (const master of order) {
        await cluster.terminate(master);
        await eventually(async () => expect(await leading()).not.toBe(master));
        cluster.processes.restart(master);
        await eventually(async () => expect((await cluster.client.status()).masters).toHaveLength(2));
      }
      await cluster.waitReady(web, 20);
      await cluster.client.scale("ReplicationController", "web", 3, { namespace: "default" });
      await eventually(async () => {
        const pods = await cluster.client.list("Pod", { namespace: "default", labelSelector: web });
        expect(pods).toHaveLength(3);
        expect(await cluster.ready(web)).toHaveLength(3);
      });
    });

    test("a killed leader is followed by the other master, and the retried command takes effect once", async () => {
      const leader = await leading();
      await cluster.kill(leader);
      await cluster.client.scale("ReplicationController", "web", 4, { namespace: "default" });
      await cluster.waitReady(web, 4);
      expect(await leading()).not.toBe(leader);
      cluster.processes.restart(leader);
      await cluster.waitReady(web, 4);
    });

    test("replaying the log gives the identical state", async () => {
      await eventually(async () => {
        const connection = await connectNats(
          { servers: [cluster.url], name: "replay" },
          createSystemWorld(createLogger({ level: "silent" })),
        );
        try {
          const log = connection.eventLog({ stream: logStreamName("berth"), subject: logSubject("berth") });
          const first = await foldLog(log);
          const second = await foldLog(log);
          expect(second.digest()).toBe(first.digest());
          for (const kind of ["Pod", "ReplicationController", "Service", "Endpoints", "Namespace"] as const) {
            const { items, position } = await cluster.client.listAt(kind, { allNamespaces: true });
            expect(first.position).toBeGreaterThanOrEqual(position);
            const key = (object: { metadata: { uid?: string } }): string => object.metadata.uid ?? "";
            const sorted = (objects: Iterable<{ metadata: { uid?: string } }>) =>
              [...objects].sort((a, b) => key(a).localeCompare(key(b)));
            expect(sorted(items)).toEqual(sorted(first.list(kind)));
          }
        } finally {
          await connection.close();
        }
      });
    });

    test("draining a node moves its pods away, and uncordon lets new ones in", async () => {
      const messages: unknown[] = [];
      for await (const step of cluster.client.drain("n3", { force: true, deleteEmptyDirData: true }))
        messages.push(step);
      await eventually(async () => {
        const pods = await cluster.ready(web);
        expect(pods).toHaveLength(4);
        expect(pods.map(({ spec }) => spec?.nodeName)).not.toContain("n3");
      });
      await cluster.client.uncordon("n3");
      const node = await cluster.client.get("Node", "n3");
      expect(node.spec?.unschedulable ?? false).toBe(false);
    });

    test("deleting everything leaves no container", async () => {
      await cluster.client.delete("ReplicationController", "web", { namespace: "default" });
      await cluster.client.delete("Service", "web", { namespace: "default" });
      await eventually(async () => {
        expect(await cluster.client.list("Pod", { namespace: "default" })).toEqual([]);
        expect(await hooks.running(cluster)).toEqual([]);
      });
    });
  });
}
