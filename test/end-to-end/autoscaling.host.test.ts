// An autoscaler under real load on Docker: containers that burn CPU, bounded by their limits, while a file says so.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { importBusybox } from "../support/images.ts";

const waitMs = 120_000;
/** Burns while the file is there; 100m at most. */
const burner = `
trap 'exit 0' TERM
while true; do
  while [ -f /load/on ]; do :; done
  sleep 0.1
done`;
let cluster: TestCluster;
let folder: string;
let image: string;

beforeAll(async () => {
  image = await importBusybox(new Docker());
  folder = await mkdtemp(join(tmpdir(), "berth-load-"));
  cluster = await startTestCluster({
    runtime: "docker",
    nodes: 1,
    octet: 194,
    masterArguments: ["--horizontal-pod-autoscaler-sync-period", "1s"],
    agentArguments: ["--usage-interval", "1s"],
  });
}, waitMs);
afterAll(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("replicas follow the CPU that their containers burn, up and down", { timeout: 2 * waitMs }, async () => {
  const { client } = cluster;
  await client.apply({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "burner" },
    spec: {
      selector: { matchLabels: { app: "burner" } },
      template: {
        metadata: { labels: { app: "burner" } },
        spec: {
          terminationGracePeriodSeconds: 1,
          volumes: [{ name: "load", hostPath: { path: folder } }],
          containers: [
            {
              name: "main",
              image,
              imagePullPolicy: "IfNotPresent",
              command: ["sh", "-c", burner],
              volumeMounts: [{ name: "load", mountPath: "/load" }],
              resources: { requests: { cpu: "50m", memory: "8Mi" }, limits: { cpu: "100m", memory: "32Mi" } },
            },
          ],
        },
      },
    },
  });
  await cluster.waitReady("app=burner", 1);
  await client.apply({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "burner" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "burner" },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ],
      behavior: {
        scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 5 }] },
        scaleDown: { stabilizationWindowSeconds: 3 },
      },
    },
  });
  const reasons = async (): Promise<string[]> => {
    const events = await client.events({ kind: "Deployment", name: "burner" });
    return events.flatMap((event) =>
      event.type === "ObjectUpdated" && event.operation === "Scale" ? [event.reason ?? ""] : [],
    );
  };
  const utilization = async (): Promise<number | undefined> => {
    const { status } = await client.get("HorizontalPodAutoscaler", "burner");
    return status?.currentMetrics?.[0]?.resource?.current.averageUtilization;
  };
  await eventually(async () => expect(await utilization()).toBeLessThan(50), waitMs);

  await writeFile(join(folder, "on"), "");
  await eventually(async () => expect(await cluster.ready("app=burner")).toHaveLength(3), waitMs);
  await eventually(async () => expect(await utilization()).toBeGreaterThan(80), waitMs);
  const [first = "", second = ""] = await reasons();
  expect(first).toMatch(/^scaled 1 -> 2: cpu \d+% of 80%/);
  expect(second).toMatch(/^scaled 2 -> 3: cpu \d+% of 80%/);
  const { items } = await client.topPods({ labelSelector: "app=burner" });
  // The limit holds: no container burns more than a tenth of a core, but for a period's rounding.
  for (const { cpuMilli } of items) expect(cpuMilli).toBeLessThan(150);

  await rm(join(folder, "on"));
  await eventually(async () => expect(await cluster.ready("app=burner")).toHaveLength(1), waitMs);
  expect((await reasons()).at(-1)).toMatch(/^scaled [23] -> 1: cpu \d+% of 80%/);
});
