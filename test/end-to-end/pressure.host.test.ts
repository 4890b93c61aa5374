// A node that runs out of disk for real: its folder is a small file system of its own, and a pod fills it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pod } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";

const namespace = "default";
const diskMi = 384;
const wantedMi = 128;
const before = process.env["TMPDIR"];
let disk = "";
let cluster: TestCluster;

beforeAll(async () => {
  disk = mkdtempSync(join(tmpdir(), "berth-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskMi}m`, "tmpfs", disk]);
  process.env["TMPDIR"] = disk;
  const transition = ["--eviction-pressure-transition-period", "5s"];
  const hard = ["--eviction-hard", `nodefs.available<${wantedMi}Mi`];
  cluster = await startTestCluster({
    runtime: "process",
    octet: 144,
    nodes: 1,
    agentArguments: [...hard, ...transition],
  });
});
afterAll(async () => {
  await cluster?.stop();
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  // Lazily: whoever made temporary files there may have one open still.
  execFileSync("umount", ["--lazy", disk]);
  rmSync(disk, { recursive: true });
});

const pod = (name: string, program: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: "data", emptyDir: {} }],
    containers: [
      {
        name: "main",
        image: "node:24-alpine",
        imagePullPolicy: "IfNotPresent",
        command: ["node", "--eval", program],
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
  },
});
const idle = "setInterval(() => {}, 1000)";
/** Until less is free than has to be, and then no more: what is full to the brim stops the agent as well. */
const filling = `
const fs = require("node:fs");
const chunk = Buffer.alloc(1024 * 1024, 1);
const file = fs.openSync("/data/file", "a");
const free = () => { const { bavail, bsize } = fs.statfsSync("/data"); return bavail * bsize; };
while (free() > ${wantedMi - 32} * chunk.length) fs.writeSync(file, chunk);
${idle}
`;

const nodeState = async (): Promise<{ pressure: string | undefined; taints: string[] }> => {
  const { status, spec } = await cluster.client.get("Node", "n1");
  return {
    pressure: status?.conditions?.find(({ type }) => type === "DiskPressure")?.status,
    taints: (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`),
  };
};

test("the pod that fills the disk is evicted, its neighbour stays, and the pressure goes with it", async () => {
  const { client } = cluster;
  await eventually(async () => expect(await nodeState()).toEqual({ pressure: "False", taints: [] }));
  await client.apply(pod("small", idle));
  await cluster.waitReady("app=small", 1);
  await client.apply(pod("filler", filling));
  await eventually(async () => {
    const { status } = await client.get("Pod", "filler", { namespace });
    expect(status).toMatchObject({ phase: "Failed", reason: "Evicted" });
    expect(status?.message).toContain(
      `The node was low on resource: ephemeral-storage. Threshold quantity: ${wantedMi}Mi, available: `,
    );
  });
  expect(await nodeState()).toEqual({
    pressure: "True",
    taints: ["node.kubernetes.io/disk-pressure:NoSchedule"],
  });
  const story = await client.why("Pod", "filler", { namespace });
  expect(story.text).toContain("Evicted: The node was low on resource: ephemeral-storage");
  await client.apply(pod("late", idle));
  await eventually(async () => {
    const { status } = await client.get("Pod", "late", { namespace });
    const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
    expect(scheduled?.message).toContain("untolerated taint {node.kubernetes.io/disk-pressure: }");
  });
  // Its volumes went with it: there is room again, and who waited comes.
  await cluster.waitReady("app=late", 1);
  expect(await nodeState()).toEqual({ pressure: "False", taints: [] });
  expect(await cluster.ready("app=small")).toHaveLength(1);
}, 180_000);
