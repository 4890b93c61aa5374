// Usage and autoscalers on a whole cluster of processes: what `top` shows, and a metric that somebody publishes with
// plain NATS, which replicas follow up, across a fail-over, and down.

import { connect, type NatsConnection, StringCodec } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type Ran, runProgram } from "../support/run-program.ts";

const text = StringCodec();
let cluster: TestCluster;
let nats: NatsConnection;

beforeAll(async () => {
  cluster = await startTestCluster({
    runtime: "process",
    nodes: 2,
    masters: 2,
    octet: 192,
    masterArguments: ["--horizontal-pod-autoscaler-sync-period", "500ms"],
    agentArguments: ["--usage-interval", "500ms"],
  });
  nats = await connect({ servers: cluster.url });
});
afterAll(async () => {
  await nats?.close();
  await cluster?.stop();
});

const berth = (...args: string[]): Promise<Ran> =>
  runProgram("cli/main.ts", args, "", { BERTH_SERVER: cluster.url });

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "worker" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "worker" } },
    template: {
      metadata: { labels: { app: "worker" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: "main",
            image: "shell",
            command: ["sleep", "3600"],
            resources: { requests: { cpu: "10m", memory: "8Mi" } },
          },
        ],
      },
    },
  },
} as const;

const autoscaler = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "worker" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "worker" },
    minReplicas: 1,
    maxReplicas: 4,
    metrics: [
      {
        type: "External",
        external: {
          metric: { name: "orders_waiting" },
          target: { type: "AverageValue", averageValue: "10" },
        },
      },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 1 } },
  },
} as const;

const say = (value: number): void => {
  nats.publish("berth.metrics.default._._.orders_waiting", text.encode(String(value)));
};
const condition = async (type: string): Promise<string> => {
  const { status } = await cluster.client.get("HorizontalPodAutoscaler", "worker");
  const found = status?.conditions?.find((each) => each.type === type);
  return `${found?.status} ${found?.reason}`;
};

test("top shows what nodes, pods and containers use, and anyone can watch it", async () => {
  const heard: unknown[] = [];
  nats.subscribe("berth.node.*.usage", {
    callback: (_, { data }) => heard.push(JSON.parse(text.decode(data))),
  });
  await cluster.client.apply(deployment);
  await cluster.waitReady("app=worker", 1);
  await eventually(async () => {
    const { items } = await cluster.client.topPods();
    expect(items.map(({ containers }) => containers.map(({ name }) => name))).toEqual([["main"]]);
    expect(items[0]?.memoryBytes).toBeGreaterThan(0);
  });
  expect((await berth("top", "pods")).out).toMatch(
    /^NAME +CPU\(cores\) +MEMORY\(bytes\)\nworker-\S+ +\d+m +\d+Mi\n$/,
  );
  const nodes = (await berth("top", "nodes")).out;
  expect(nodes).toMatch(
    /^NAME +CPU\(cores\) +CPU\(%\) +MEMORY\(bytes\) +MEMORY\(%\)\nn1 +\d+m +\d+% +\d+Mi +\d+%\nn2 /,
  );
  expect(await berth("top", "pod", "none")).toMatchObject({ code: 1 });
  const [pod] = await cluster.ready("app=worker");
  expect((await berth("describe", "pod", pod?.metadata.name ?? "")).out).toMatch(
    /Usage: +cpu \d+m, memory \d+Mi/,
  );
  expect(heard).toContainEqual(expect.objectContaining({ version: 1, intervalMs: 500 }));
});

test("a metric that nobody has published yet scales nothing, and is said to be missing", async () => {
  await cluster.client.apply(autoscaler);
  await eventually(async () =>
    expect(await condition("ScalingActive")).toBe("False FailedGetExternalMetric"),
  );
  expect((await berth("get", "hpa")).out).toMatch(
    /worker +Deployment\/worker +<unknown>\/10 \(avg\) +1 +4 +1 /,
  );
});

test("a published metric scales up, and `why` tells the computation", async () => {
  say(35);
  await cluster.waitReady("app=worker", 4);
  await eventually(async () =>
    expect((await berth("get", "hpa", "worker")).out).toMatch(/8750m\/10 \(avg\) +1 +4 +4 /),
  );
  const story = await berth("why", "deployment/worker");
  expect(story.out).toMatch(
    /scaled 1 -> 4: orders_waiting 35 of 10 a pod \(controller:horizontal-pod-autoscaler\)/,
  );
  expect((await berth("describe", "hpa", "worker")).out).toContain(
    '"orders_waiting" (external):  8750m / 10 (avg)',
  );
});

test("at rest the log stays as it is, whatever is published", async () => {
  const { position } = await cluster.client.listAt("HorizontalPodAutoscaler");
  for (const value of [36, 38, 34]) {
    say(value);
    const shown = `${(value * 1000) / 4}m`;
    await eventually(async () => {
      const { status } = await cluster.client.get("HorizontalPodAutoscaler", "worker");
      const current = status?.currentMetrics?.[0]?.external?.current.averageValue;
      expect(current).toBe(value === 36 ? "9" : shown);
    });
  }
  const events = await cluster.client.events({
    kind: "HorizontalPodAutoscaler",
    name: "worker",
    since: position,
  });
  expect(events).toEqual([]);
});

test("a new leader goes on with what is published", async () => {
  const { leader } = await cluster.client.status();
  await cluster.kill(leader.slice(0, leader.lastIndexOf("-")));
  await eventually(async () => {
    say(5);
    expect(await cluster.ready("app=worker")).toHaveLength(1);
  });
  cluster.processes.restart(leader.slice(0, leader.lastIndexOf("-")));
});

test("autoscale makes an autoscaler, and apply takes one of version 1", async () => {
  await cluster.client.delete("HorizontalPodAutoscaler", "worker");
  const made = await berth("autoscale", "deployment/worker", "--min=2", "--max=3", "--cpu=60%");
  expect(made).toEqual({
    code: 0,
    out: "horizontalpodautoscaler.autoscaling/worker autoscaled\n",
    err: "",
  });
  await cluster.waitReady("app=worker", 2);
  const { status } = await cluster.client.get("HorizontalPodAutoscaler", "worker");
  expect(status?.desiredReplicas).toBe(2);
  const { object } = await cluster.client.apply({
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "worker" },
    spec: {
      scaleTargetRef: autoscaler.spec.scaleTargetRef,
      minReplicas: 1,
      maxReplicas: 2,
      targetCPUUtilizationPercentage: 90,
    },
  });
  expect(object).toMatchObject({
    apiVersion: "autoscaling/v2",
    spec: { maxReplicas: 2, metrics: [{ resource: { target: { averageUtilization: 90 } } }] },
  });
});
