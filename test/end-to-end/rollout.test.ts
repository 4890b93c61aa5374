// Rollouts on a living cluster of processes: no request is lost on the way, a version that does not work is stopped
// and taken back, and the command line tells each end by its exit code.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stored } from "../../client/mod.ts";
import { ask } from "../support/ask.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type Ran, runProgram } from "../support/run-program.ts";
import { logDaemon, webController, webDeployment, webService } from "./rollout-manifests.ts";

const web = "app=web";

interface Load {
  readonly answered: () => number;
  /** Stops it; resolves with the errors of requests that were not answered. */
  stop(): Promise<readonly string[]>;
}

function startLoad(address: string, clients = 4): Load {
  let going = true;
  let answered = 0;
  const failures: string[] = [];
  const running = Array.from({ length: clients }, async () => {
    while (going) {
      await ask(address).then(
        () => answered++,
        (error: unknown) => failures.push(String(error)),
      );
    }
  });
  return {
    answered: () => answered,
    stop: async () => {
      going = false;
      await Promise.all(running);
      return failures;
    },
  };
}

describe("rollouts", () => {
  let cluster: TestCluster;
  let address = "";

  const berth = (...args: readonly string[]): Promise<Ran> =>
    runProgram("cli/main.ts", ["--server", cluster.url, ...args]);
  const deployment = (): Promise<Stored<"Deployment">> =>
    cluster.client.get("Deployment", "web", { namespace: "default" });
  const versions = async (): Promise<readonly string[]> => {
    const found = new Set<string>();
    for (let number = 0; number < 20; number++) found.add((await ask(address)).split(" ")[0] ?? "");
    return [...found].sort();
  };
  const sets = async (): Promise<readonly Stored<"ReplicaSet">[]> =>
    await cluster.client.list("ReplicaSet", { namespace: "default", labelSelector: web });

  beforeAll(async () => {
    cluster = await startTestCluster({ runtime: "process", octet: 84, nodes: 2, masters: 1 });
    await cluster.client.apply(webService);
    await cluster.client.apply(webDeployment({ version: "v1", replicas: 3 }));
    const service = await cluster.client.get("Service", "web", { namespace: "default" });
    address = service.spec?.clusterIP ?? "";
  });
  afterAll(async () => {
    await cluster?.stop();
  });

  test("`rollout status` follows the first rollout to its end", async () => {
    const done = await berth("rollout", "status", "deploy/web");
    expect(done.code).toBe(0);
    expect(done.out).toContain('deployment "web" successfully rolled out');
  });

  test("a rolling update under load drops no request", async () => {
    await eventually(async () => expect(await versions()).toEqual(["v1"]));
    const load = startLoad(address);
    await cluster.client.apply(webDeployment({ version: "v2", replicas: 3 }));
    const done = await berth("rollout", "status", "deployment", "web");
    expect([done.code, done.err]).toEqual([0, ""]);
    await eventually(async () => expect(await versions()).toEqual(["v2"]));
    expect(await load.stop()).toEqual([]);
    expect(load.answered()).toBeGreaterThan(20);
  });

  test("undo, restart and a scaling in the middle of it drop none either", async () => {
    const load = startLoad(address);
    expect((await berth("rollout", "undo", "deploy/web")).out).toBe("deployment.apps/web rolled back\n");
    expect((await berth("scale", "deploy/web", "--replicas", "5")).code).toBe(0);
    expect((await berth("rollout", "status", "deploy/web")).code).toBe(0);
    await eventually(async () => expect(await versions()).toEqual(["v1"]));
    const before = (await cluster.waitReady(web, 5)).map(({ metadata }) => metadata.uid);
    expect((await berth("rollout", "restart", "deploy/web")).out).toBe("deployment.apps/web restarted\n");
    expect((await berth("rollout", "status", "deploy/web")).code).toBe(0);
    const after = (await cluster.waitReady(web, 5)).map(({ metadata }) => metadata.uid);
    expect(after.filter((uid) => before.includes(uid))).toEqual([]);
    expect(await load.stop()).toEqual([]);
    const history = (await berth("rollout", "history", "deploy/web")).out;
    expect(history).toMatch(/^deployment\.apps\/web \nREVISION +CHANGE-CAUSE\n2 +<none>\n3 +<none>\n/);
  });

  test("a paused deployment keeps its pods until it is resumed", async () => {
    expect((await berth("rollout", "pause", "deploy/web")).out).toBe("deployment.apps/web paused\n");
    const count = (await sets()).length;
    await cluster.client.apply(webDeployment({ version: "v4", replicas: 3 }));
    await eventually(async () => {
      const { metadata, status } = await deployment();
      expect(status?.observedGeneration).toBe(metadata.generation);
      expect(status?.replicas).toBe(3);
    });
    expect(await sets()).toHaveLength(count);
    expect((await berth("rollout", "resume", "deploy/web")).code).toBe(0);
    expect((await berth("rollout", "status", "deploy/web")).code).toBe(0);
    await eventually(async () => expect(await versions()).toEqual(["v4"]));
  });

  test("a version that does not work is stopped, its failure is an exit code, and undo mends it", async () => {
    const load = startLoad(address, 2);
    const broken = { version: "v5", replicas: 3, broken: true, progressDeadlineSeconds: 3 };
    await cluster.client.apply(webDeployment(broken));
    const failed = await berth("rollout", "status", "deploy/web");
    expect([failed.code, failed.err]).toEqual([
      1,
      'error: deployment "web" exceeded its progress deadline\n',
    ]);
    expect(await versions()).toEqual(["v4"]);
    expect((await berth("rollout", "undo", "deploy/web")).code).toBe(0);
    expect((await berth("rollout", "status", "deploy/web")).code).toBe(0);
    expect(await load.stop()).toEqual([]);
  });

  test("with auto-revert it is taken back by itself, and `rollout status` says so", async () => {
    const annotations = { "berth.io/auto-revert": "true" };
    await cluster.client.apply(webDeployment({ version: "v6", replicas: 3, annotations }));
    expect((await berth("rollout", "status", "deploy/web")).code).toBe(0);
    const broken = { version: "v7", replicas: 3, broken: true, annotations, progressDeadlineSeconds: 3 };
    await cluster.client.apply(webDeployment(broken));
    await eventually(async () => {
      const { status } = await deployment();
      expect(status?.conditions?.find(({ type }) => type === "Reverted")?.status).toBe("True");
    });
    const ended = await berth("rollout", "status", "deploy/web");
    expect(ended.code).toBe(3);
    expect(ended.out).toContain("was rolled back: Revision ");
    expect(await versions()).toEqual(["v6"]);
  });

  test("`why` tells a pod's story through its replica set", async () => {
    const [pod] = await cluster.waitReady(web, 3);
    const story = await berth("why", "pod", pod?.metadata.name ?? "");
    expect(story.out).toMatch(/created for ReplicaSet web-/);
    const set = await berth("why", "rs", pod?.metadata.ownerReferences?.[0]?.name ?? "");
    expect(set.out).toMatch(/revision \d+ of web/);
  });

  test("a daemon set has a pod on each node, and rolls node by node", async () => {
    await cluster.client.apply(logDaemon("v1"));
    expect((await berth("rollout", "status", "ds/log")).code).toBe(0);
    const places = (pods: readonly Stored<"Pod">[]): string[] =>
      pods.map(({ spec }) => spec?.nodeName ?? "").sort();
    expect(places(await cluster.waitReady("app=log", 2))).toEqual(["n1", "n2"]);
    const set = await berth("get", "ds", "log");
    expect(set.out).toMatch(
      /^NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\nlog +2 +2 +2 +2 +2 +<none>/,
    );
    await cluster.client.apply(logDaemon("v2"));
    expect((await berth("rollout", "status", "ds/log")).code).toBe(0);
    expect((await berth("rollout", "undo", "ds/log")).code).toBe(0);
    expect((await berth("rollout", "status", "ds/log")).code).toBe(0);
    const [pod] = await cluster.waitReady("app=log", 2);
    expect(pod?.spec?.containers[0]?.env?.at(-1)?.value).toBe("v1");
  });

  test("a replication controller is replaced pod by pod, and keeps its name", async () => {
    await cluster.client.apply(webController("v8", 2));
    await cluster.waitReady("app=old", 2);
    const rolled = await berth("rolling-update", "old", "--image", "other:1");
    expect([rolled.code, rolled.err]).toEqual([0, ""]);
    expect(rolled.out).toBe(
      "Created old-next\n" +
        "Scaling old-next up to 1\nScaling old down to 1\nScaling old-next up to 2\nScaling old down to 0\n" +
        "Update succeeded. Deleting old\nRenaming old-next to old\n" +
        'replicationcontroller/old rolling updated to "old"\n',
    );
    const pods = await cluster.waitReady("app=old", 2);
    expect(pods.map(({ spec }) => spec?.containers[0]?.image)).toEqual(["other:1", "other:1"]);
    const { metadata } = await cluster.client.get("ReplicationController", "old", { namespace: "default" });
    await eventually(async () => {
      const owners = (await cluster.ready("app=old")).map((pod) => pod.metadata.ownerReferences?.[0]?.uid);
      expect(owners).toEqual([metadata.uid, metadata.uid]);
    });
  });

  test("deleting the deployment takes replica sets and pods along", async () => {
    expect((await berth("delete", "deploy", "web", "--cascade", "foreground")).code).toBe(0);
    expect(await sets()).toEqual([]);
    expect(await cluster.client.list("Pod", { namespace: "default", labelSelector: web })).toEqual([]);
  });
});
