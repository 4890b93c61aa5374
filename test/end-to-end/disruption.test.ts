// What may take a pod away, on a living cluster of processes: drains that budgets hold back, two budgets on one pod,
// and a pod that matters more.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { DrainStep } from "../../client/mod.ts";
import type { Deployment, PodDisruptionBudget } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { webDeployment } from "./rollout-manifests.ts";

const namespace = "default";
const web = "app=web";
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ runtime: "process", octet: 142, nodes: 3 });
});
afterAll(async () => {
  await cluster?.stop();
});

const budget = (name: string, app: string, minAvailable: number): PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name, namespace },
  spec: { minAvailable, selector: { matchLabels: { app } } },
});

/** Lowest number of healthy pods that the budget's status ever told. */
function watchHealth(name: string): { readonly lowest: () => number; stop(): Promise<void> } {
  const over = new AbortController();
  let lowest = Number.POSITIVE_INFINITY;
  const watching = (async () => {
    const fieldSelector = `metadata.name=${name}`;
    for await (const event of cluster.client.watch("PodDisruptionBudget", {
      namespace,
      fieldSelector,
      signal: over.signal,
    })) {
      if (event.type === "BOOKMARK" || event.type === "DELETED") continue;
      lowest = Math.min(lowest, event.object.status?.currentHealthy ?? lowest);
    }
  })();
  return {
    lowest: () => lowest,
    stop: async () => {
      over.abort();
      await watching;
    },
  };
}

test("two drains at once, in the middle of a rollout, leave as many pods as the budget says", async () => {
  const { client } = cluster;
  await client.apply(webDeployment({ version: "1", replicas: 3 }));
  await cluster.waitReady(web, 3);
  await client.apply(budget("quorum", "web", 2));
  await eventually(async () => {
    const { status } = await client.get("PodDisruptionBudget", "quorum", { namespace });
    expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1 });
  });
  const health = watchHealth("quorum");
  await client.apply(webDeployment({ version: "2", replicas: 3 }));
  const steps: DrainStep[] = [];
  const drain = async (node: string): Promise<void> => {
    for await (const step of client.drain(node, { timeoutMs: 90_000 })) steps.push(step);
  };
  await Promise.all([drain("n1"), drain("n2")]);
  const pods = await cluster.waitReady(web, 3);
  expect(new Set(pods.map(({ spec }) => spec?.nodeName))).toEqual(new Set(["n3"]));
  const cordoned = steps.flatMap((step) => (step.type === "cordoned" ? [step.node] : []));
  expect(cordoned.sort()).toEqual(["n1", "n2"]);
  // Every pod that was to go has gone.
  const podsOf = (type: "evicting" | "evicted") =>
    steps.flatMap((step) => (step.type === type ? [step.pod] : [])).sort();
  expect(podsOf("evicted")).toEqual(podsOf("evicting"));
  expect(podsOf("evicted").length).toBeGreaterThanOrEqual(1);
  await health.stop();
  expect(health.lowest()).toBeGreaterThanOrEqual(2);
  for (const node of ["n1", "n2"]) await client.uncordon(node);
}, 180_000);

test("a budget without room refuses, a second one on the same pod is an error, and a dry run changes nothing", async () => {
  const { client } = cluster;
  await client.apply(budget("quorum", "web", 3));
  const [pod] = await cluster.waitReady(web, 3);
  const name = pod?.metadata.name ?? "";
  await expect(client.evict(name, { namespace })).rejects.toMatchObject({
    code: "DisruptionBudget",
    status: 429,
    message: expect.stringContaining("The disruption budget quorum needs 3 healthy pods and has 3 currently"),
  });
  await client.apply(budget("second", "web", 1));
  await expect(client.evict(name, { namespace })).rejects.toThrow(
    "more than one PodDisruptionBudget (quorum, second)",
  );
  for (const each of ["quorum", "second"]) await client.delete("PodDisruptionBudget", each, { namespace });
  await client.evict(name, { namespace, dryRun: true });
  expect((await cluster.ready(web)).map(({ metadata }) => metadata.name)).toContain(name);
});

const sleeper = (name: string, cpu: string, replicas: number, priorityClassName?: string): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        ...(priorityClassName !== undefined && { priorityClassName }),
        containers: [
          {
            name: "main",
            image: "node:24-alpine",
            imagePullPolicy: "IfNotPresent",
            command: ["node", "--eval", "setInterval(() => {}, 1000)"],
            resources: { requests: { cpu } },
          },
        ],
      },
    },
  },
});

test("a pod that matters more gets the place of one that matters less, and the log tells who went for whom", async () => {
  const { client } = cluster;
  await client.create({
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "urgent" },
    value: 1000,
  });
  await client.apply(sleeper("low", "3", 3));
  const low = await cluster.waitReady("app=low", 3);
  await client.apply(sleeper("high", "3", 1, "urgent"));
  const [high] = await cluster.waitReady("app=high", 1);
  expect(high?.spec?.priority).toBe(1000);
  const [gone, ...others] = await (async () => {
    const left = new Set((await cluster.ready("app=low")).map(({ metadata }) => metadata.name));
    return low.filter(({ metadata }) => !left.has(metadata.name));
  })();
  expect(others).toEqual([]);
  expect(gone?.spec?.nodeName).toBe(high?.spec?.nodeName);
  const words = JSON.stringify(await client.why("Pod", gone?.metadata.name ?? "", { namespace }));
  expect(words).toContain(`preempted by default/${high?.metadata.name} (priority 1000)`);
  const story = JSON.stringify(await client.why("Pod", high?.metadata.name ?? "", { namespace }));
  expect(story).toContain(`preempts default/${gone?.metadata.name}`);
  // Its successor waits, and preempts nobody.
  await eventually(async () => {
    const pods = await client.list("Pod", { namespace, labelSelector: "app=low" });
    expect(pods.filter(({ spec, metadata }) => !spec?.nodeName && !metadata.deletionTimestamp)).toHaveLength(
      1,
    );
  });
});
