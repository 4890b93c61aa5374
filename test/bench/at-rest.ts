// What a thousand Deployments cost the leader while nothing happens, beside the heartbeats of the same hundred nodes
// without any; and what an edit of one costs it in the small and in the large cluster. CPU time of the whole master:
// turns, reads and publication.

import { progressLine, type Report } from "./progress.ts";
import { type Figure, median } from "./report.ts";
import { type BenchCluster, startBenchCluster, until } from "./support/bench-cluster.ts";
import { cpuSeconds } from "./support/process-usage.ts";
import { type ScriptedNode, startScriptedNode } from "./support/scripted-node.ts";

const nodeCount = 100;
const few = 10;
const many = 1_000;
const podsEach = 10;
const windowMs = 10_000;
const windows = 3;
const edits = 400;
const editRounds = 3;
const inFlight = 32;
const settleMs = 5_000;

export async function benchAtRest(report: Report): Promise<readonly Figure[]> {
  const cluster = await startBenchCluster({ nodes: 0, runtime: "process", octet: 59 });
  const nodes: ScriptedNode[] = [];
  try {
    while (nodes.length < nodeCount) {
      nodes.push(await startScriptedNode(cluster, `n${nodes.length + 1}`, { reports: true, usage: true }));
    }
    // What has not run yet is compiled first: neither side shall pay for that.
    await deploy(cluster, 0, few);
    await editCost(cluster, 0);
    await drop(cluster, few);
    const beats = await atRest(cluster);
    report(progressLine(`heartbeats of ${nodeCount} nodes`, { CPU: [beats * 100, "% of a core"] }));
    await deploy(cluster, 0, few);
    const small = await editCost(cluster, beats);
    report(progressLine(`an edit among ${few}`, { CPU: [small, "ms"] }));
    await deploy(cluster, few, many);
    const full = await atRest(cluster);
    report(progressLine(`${many} deployments of ${podsEach}`, { CPU: [full * 100, "% of a core"] }));
    const large = await editCost(cluster, full);
    report(progressLine(`an edit among ${many}`, { CPU: [large, "ms"] }));
    return [
      {
        name: `CPU of the leader at rest with ${many.toLocaleString("en")} Deployments of ${podsEach} on ${nodeCount} nodes, beyond heartbeats (${percent(beats)})`,
        value: Math.max(0, full - beats) * 100,
        unit: "% of a core",
        atMost: 2,
      },
      {
        name: `CPU of the leader for an edit of one of them (replicas ${podsEach} to ${podsEach + 1} and back)`,
        value: large,
        unit: "ms",
        reference: { name: `the same in a cluster of ${few}`, value: small },
        atMost: 1.25,
      },
    ];
  } finally {
    for (const node of nodes) node.stop();
    await cluster.stop();
  }
}

const percent = (cores: number): string => `${(cores * 100).toFixed(1)}%`;
const masterOf = ({ processes }: BenchCluster): number => processes.daemons.get("master-1")?.pid ?? 0;

/** Cores that the master uses. */
async function atRest(cluster: BenchCluster): Promise<number> {
  const { clock } = cluster.world;
  await clock.sleep(settleMs);
  const used: number[] = [];
  while (used.length < windows) {
    const [since, before] = [clock.monotonic(), await cpuSeconds(masterOf(cluster))];
    await clock.sleep(windowMs);
    const seconds = (clock.monotonic() - since) / 1000;
    used.push(((await cpuSeconds(masterOf(cluster))) - before) / seconds);
  }
  return median(used);
}

const deployments = { group: "apps", resource: "deployments", namespace: "default" } as const;
const nameOf = (number: number): string => `app-${number}`;

async function deploy(cluster: BenchCluster, from: number, to: number): Promise<void> {
  let next = from;
  const create = async (): Promise<void> => {
    for (let number = next++; number < to; number = next++) {
      await cluster.request({ verb: "create", ...deployments }, { object: deployment(nameOf(number)) });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, create));
  for (let number = from; number < to; number++) await allReady(cluster, nameOf(number), podsEach);
}

async function drop(cluster: BenchCluster, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await cluster.request({ verb: "delete", ...deployments, name: nameOf(number) });
  }
  await until(cluster.world, "all pods to be gone", async () => {
    const reply = await cluster.request({ verb: "list", resource: "pods", namespace: "default" });
    return reply.type === "list" && reply.items.length === 0;
  });
}

const deployment = (name: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    replicas: podsEach,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "web", image: "web:1", resources: { requests: { cpu: "1m" } } }] },
    },
  },
});

async function allReady(cluster: BenchCluster, name: string, count: number): Promise<void> {
  await until(cluster.world, `${count} ready pods of ${name}`, async () => {
    const reply = await cluster.request({ verb: "get", ...deployments, name });
    if (reply.type !== "object") return false;
    const { readyReplicas, replicas } = (reply.object.status ?? {}) as Readonly<Record<string, unknown>>;
    return readyReplicas === count && replicas === count;
  });
}

/** Milliseconds of CPU for one edit, until its pods have come or gone; what the master uses at rest is taken off. */
async function editCost(cluster: BenchCluster, rest: number): Promise<number> {
  const { clock } = cluster.world;
  const costs: number[] = [];
  while (costs.length < editRounds) {
    const [since, before] = [clock.monotonic(), await cpuSeconds(masterOf(cluster))];
    for (let edit = 0; edit < edits; edit++) {
      const replicas = podsEach + ((edit + 1) % 2);
      const target = { verb: "patch", ...deployments, name: nameOf(0), subresource: "scale" } as const;
      await cluster.request(target, { patch: { spec: { replicas } } });
    }
    await allReady(cluster, nameOf(0), podsEach);
    const seconds = (clock.monotonic() - since) / 1000;
    const used = (await cpuSeconds(masterOf(cluster))) - before - rest * seconds;
    costs.push((used * 1000) / edits);
  }
  return median(costs);
}
