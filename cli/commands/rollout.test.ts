// rollout, set image, expose, create deployment.

import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import { holding } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

type Fields = Readonly<Record<string, unknown>>;
const annotation = "deployment.kubernetes.io/revision";

const podSpec = (image: string): Fields => ({
  containers: [
    { name: "web", image, ports: [{ containerPort: 8080 }] },
    { name: "side", image: "side:1" },
  ],
});
const storedDeployment = (image: string, spec: Fields = {}, status: Fields = {}): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "web",
    namespace: "default",
    uid: "uid-web",
    resourceVersion: "7",
    generation: 1,
    creationTimestamp: "2026-01-01T00:00:00Z",
    annotations: { [annotation]: "2" },
  },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: { metadata: { labels: { app: "web" } }, spec: podSpec(image) },
    ...spec,
  },
  status: {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    ...status,
  },
});
const storedSet = (revision: number, image: string, cause?: string): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: {
    name: `web-${revision}`,
    namespace: "default",
    uid: `uid-${revision}`,
    annotations: { [annotation]: String(revision), ...(cause && { "kubernetes.io/change-cause": cause }) },
    ownerReferences: [
      { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "uid-web", controller: true },
    ],
  },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web", "pod-template-hash": "x" } }, spec: podSpec(image) },
  },
});
const cluster = (spec: Fields = {}, status: Fields = {}) =>
  terminal(
    holding([
      storedDeployment("web:2", spec, status),
      storedSet(2, "web:2"),
      storedSet(1, "web:1", "first try"),
    ]),
  );

describe("rollout status", () => {
  test.each<[string, Fields, number, string, string]>([
    ["done", {}, 0, 'deployment "web" successfully rolled out\n', ""],
    [
      "failed",
      { conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }] },
      1,
      "",
      'error: deployment "web" exceeded its progress deadline\n',
    ],
    [
      "rolled back",
      { conditions: [{ type: "Reverted", status: "True", message: "Revision 3 failed." }] },
      3,
      'deployment "web" was rolled back: Revision 3 failed.\n',
      "",
    ],
  ])("%s", async (_name, status, code, out, err) => {
    const it = cluster({}, status);
    expect(await it.run(["rollout", "status", "deploy/web", "--watch=false"])).toBe(code);
    expect([it.out(), it.err()]).toEqual([out, err]);
  });
  test("follows it until it is done, saying each thing once", async () => {
    const { start, out, world, api } = cluster({}, { updatedReplicas: 1 });
    let code: number | undefined;
    void start(["rollout", "status", "deploy/web"]).then((is) => {
      code = is;
    });
    await world.settle();
    const step = async (status: Fields): Promise<void> => {
      api.watches[0]?.send({
        type: "MODIFIED",
        object: storedDeployment("web:2", {}, status),
        position: 12 as never,
      });
      await world.settle();
    };
    await step({ updatedReplicas: 1 });
    await step({ updatedReplicas: 1, availableReplicas: 1 });
    expect(code).toBeUndefined();
    await step({});
    expect(code).toBe(0);
    expect(out()).toBe(
      'Waiting for deployment "web" rollout to finish: 1 out of 2 new replicas have been updated...\n' +
        'deployment "web" successfully rolled out\n',
    );
  });
  test("--revision fails when it is another", async () => {
    const { run, err } = cluster();
    expect(await run(["rollout", "status", "deploy/web", "--no-watch", "--revision=1"])).toBe(1);
    expect(err()).toContain("desired revision (1) is different from the running revision (2)");
  });
});

describe("rollout", () => {
  test("history lists the revisions, and shows one", async () => {
    const it = cluster();
    expect(await it.run(["rollout", "history", "deploy/web"])).toBe(0);
    expect(it.out()).toBe(
      "deployment.apps/web \nREVISION   CHANGE-CAUSE\n1          first try\n2          <none>\n\n",
    );
    const one = cluster();
    expect(await one.run(["rollout", "history", "deploy/web", "--revision=1"])).toBe(0);
    expect(one.out()).toContain("deployment.apps/web with revision #1\nPod Template:\n  Labels: ");
    expect(one.out()).toContain("web:1");
    expect(one.out()).not.toContain("pod-template-hash");
  });
  test("restarts what labels select, or all of a kind", async () => {
    for (const argv of [["deploy", "-l", "app=web"], ["deployments"]]) {
      const { run, out, api } = cluster();
      expect(await run(["rollout", "restart", ...argv])).toBe(0);
      expect(out()).toBe("deployment.apps/web restarted\n");
      expect(api.of("list")[0]?.request.labelSelector).toBe(argv[2]);
    }
  });
  test("undo on trial: nothing is written", async () => {
    const { run, out, api } = cluster();
    expect(await run(["rollout", "undo", "deploy/web", "--dry-run=server"])).toBe(0);
    expect(out()).toBe("deployment.apps/web rolled back (server dry run)\n");
    expect(api.of("update")[0]?.request.dryRun).toBe(true);
  });
  test("undo goes back to the revision before, or to the one that is asked for", async () => {
    for (const more of [[], ["--to-revision=1"]]) {
      const { run, out, api } = cluster();
      expect(await run(["rollout", "undo", "deploy/web", ...more])).toBe(0);
      expect(out()).toBe("deployment.apps/web rolled back\n");
      expect(api.of("update")[0]?.request.object).toMatchObject({
        metadata: { resourceVersion: "7" },
        spec: { replicas: 2, template: { metadata: { labels: { app: "web" } }, spec: podSpec("web:1") } },
      });
      expect(JSON.stringify(api.of("update")[0]?.request.object)).not.toContain("pod-template-hash");
    }
  });
  test.each<[string[], Fields, string]>([
    [["undo", "deploy/web", "--to-revision=9"], {}, "revision 9 of web is not kept; there are: 1, 2"],
    [["undo", "deploy/web"], { paused: true }, "resume it first"],
    [["restart", "deploy/web"], { paused: true }, "resume it first"],
    [["pause", "deploy/web"], { paused: true }, "already paused"],
    [["resume", "deploy/web"], {}, "not paused"],
  ])("%j of %j says why not", async (argv, spec, message) => {
    const { run, err, api } = cluster(spec);
    expect(await run(["rollout", ...argv])).toBe(1);
    expect(err()).toContain(message);
    expect([...api.of("update"), ...api.of("patch")]).toEqual([]);
  });
  test.each<[string, Fields, unknown]>([
    ["pause", {}, { spec: { paused: true } }],
    ["resume", { paused: true }, { spec: { paused: null } }],
    [
      "restart",
      {},
      {
        spec: {
          template: {
            metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": expect.any(String) } },
          },
        },
      },
    ],
  ])("%s", async (verb, spec, patch) => {
    const { run, out, api } = cluster(spec);
    expect(await run(["rollout", verb, "deploy/web"])).toBe(0);
    expect(out()).toMatch(/^deployment\.apps\/web (paused|resumed|restarted)\n$/);
    expect(api.of("patch")[0]?.request.patch).toEqual(patch);
  });
  test("knows which kinds roll", async () => {
    const { run, err } = cluster();
    expect(await run(["rollout", "status", "svc/web"])).toBe(2);
    expect(err()).toContain("a service has no rollouts");
  });
});

describe("set image", () => {
  test.each<[string, string[]]>([
    ["web=web:9", ["web:9", "side:1"]],
    ["*=all:1", ["all:1", "all:1"]],
  ])("%s", async (change, images) => {
    const { run, out, api } = cluster();
    expect(await run(["set", "image", "deploy/web", change])).toBe(0);
    expect(out()).toBe("deployment.apps/web image updated\n");
    const { patch, preconditions } = api.of("patch")[0]?.request ?? {};
    expect(patch).toMatchObject({
      spec: { template: { spec: { containers: images.map((image) => ({ image })) } } },
    });
    expect(preconditions).toMatchObject({ resourceVersion: "7" });
  });
  test("says nothing when nothing changes, and names containers that are not there", async () => {
    const same = cluster();
    expect(await same.run(["set", "image", "deploy", "web", "web=web:2"])).toBe(0);
    expect([same.out(), same.api.of("patch")]).toEqual(["", []]);
    const wrong = cluster();
    expect(await wrong.run(["set", "image", "deploy/web", "db=x"])).toBe(1);
    expect(wrong.err()).toContain("has no container named db");
  });
});

describe("expose and create deployment", () => {
  test("expose makes a service of the selector and the containers' ports", async () => {
    const { run, out, api } = cluster();
    expect(await run(["expose", "deploy/web", "--target-port=http", "--port=80"])).toBe(0);
    expect(out()).toBe("service/web exposed\n");
    expect(api.of("create")[0]?.request.object).toMatchObject({
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http", protocol: "TCP" }] },
    });
    const plain = cluster();
    expect(await plain.run(["expose", "deploy/web", "--name=front", "--dry-run=client", "-o", "name"])).toBe(
      0,
    );
    expect([plain.out(), plain.api.of("create")]).toEqual(["service/front\n", []]);
  });
  test("create deployment", async () => {
    const { run, out, api } = cluster();
    const argv = ["create", "deployment", "shop", "--image=team/shop:1", "--replicas=3", "--port=80"];
    expect(await run([...argv, "--", "serve", "--fast"])).toBe(0);
    expect(out()).toBe("deployment.apps/shop created\n");
    expect(api.of("create")[0]?.request.object).toMatchObject({
      kind: "Deployment",
      metadata: { name: "shop", namespace: "default", labels: { app: "shop" } },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "shop" } },
        template: {
          spec: {
            containers: [
              {
                name: "shop",
                image: "team/shop:1",
                command: ["serve", "--fast"],
                ports: [{ containerPort: 80 }],
              },
            ],
          },
        },
      },
    });
  });
});

describe("get and describe", () => {
  test("columns", async () => {
    const { run, out } = cluster({}, { readyReplicas: 1, availableReplicas: 1 });
    expect(await run(["get", "deploy", "web", "-o", "wide"])).toBe(0);
    const [titles, row] = out().split("\n");
    expect(titles?.split(/ {2,}/)).toEqual([
      "NAME",
      "READY",
      "UP-TO-DATE",
      "AVAILABLE",
      "AGE",
      "CONTAINERS",
      "IMAGES",
      "SELECTOR",
    ]);
    expect(row?.split(/ {2,}/).filter((_, index) => index !== 4)).toEqual([
      "web",
      "1/2",
      "2",
      "1",
      "web,side",
      "web:2,side:1",
      "app=web",
    ]);
  });
  test("describe tells the strategy, the conditions and the replica sets", async () => {
    const conditions = [{ type: "Available", status: "True", reason: "MinimumReplicasAvailable" }];
    const { run, out } = cluster({}, { conditions });
    expect(await run(["describe", "deploy/web", "--no-show-events"])).toBe(0);
    expect(out()).toMatch(/Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/);
    expect(out()).toMatch(/RollingUpdateStrategy: +0 max unavailable, 1 max surge/);
    expect(out()).toMatch(/Available +True +MinimumReplicasAvailable/);
    expect(out()).toMatch(/web-2 +2 +0\/0 created\n +web-1 +1 +0\/0 created/);
  });
});
