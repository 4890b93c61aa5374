// From the apply of a controller to all of its containers running on Docker, beside the same containers (pause
// included, cloned from what Berth made) created and started through the engine's API, as many at a time as the agent
// starts. Both are seen alike: by the time of the engine's own event of the last start.

import type Dockerode from "dockerode";
import { defaultParallelStarts } from "../../node-agent/mod.ts";
import { connect, whyNoEngine } from "../support/docker-engine.ts";
import { importBusybox } from "../support/images.ts";
import { progressLine, type Report } from "./progress.ts";
import { type Outcome, paired } from "./report.ts";
import { type BenchCluster, startBenchCluster, until } from "./support/bench-cluster.ts";
import { benchLabel, listed, removeClones, startClones, templatesOf } from "./support/docker-clones.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { watchStarts } from "./support/watch-starts.ts";

const pods = 20;
const rounds = 5;
const name = "bench";

export async function benchDockerStart(report: Report): Promise<Outcome> {
  const missing = await whyNoEngine();
  if (missing !== undefined) return { skipped: missing };
  const docker = connect();
  const image = await importBusybox(docker);
  // Services are not measured, and this host's rules are not ours to change.
  process.env["BERTH_PROXY"] = "none";
  const cluster = await startBenchCluster({ nodes: 1, runtime: "docker", octet: 53 });
  const settled = onInterrupt(() => removeClones(docker));
  try {
    await until(cluster.world, "the node to be ready", () => isReady(cluster));
    const seconds = { berth: [] as number[], direct: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      const berth = await startByBerth(cluster, docker, image);
      const templates = await templatesOf(docker, cluster.name);
      await removeController(cluster, docker);
      const direct = await startDirectly(docker, templates);
      await removeClones(docker);
      // The first round fills caches: of the engine, and of both compilers.
      if (round === 0) continue;
      seconds.berth.push(berth);
      seconds.direct.push(direct);
      report(
        progressLine(`round ${round}/${rounds}`, { Berth: [berth, "s"], "Docker's API": [direct, "s"] }),
      );
    }
    return [
      {
        name: `from apply to ${pods} pods of one container running on Docker`,
        ...paired(
          seconds.berth,
          seconds.direct,
          `the same containers through Docker's API, ${defaultParallelStarts} at a time`,
        ),
        unit: "s",
        atMost: 1.25,
      },
    ];
  } finally {
    await removeClones(docker);
    settled();
    await cluster.stop();
  }
}

async function isReady(cluster: BenchCluster): Promise<boolean> {
  const reply = await cluster.request({ verb: "list", resource: "nodes" });
  return reply.type === "list" && reply.items.length === 1;
}

const controller = (image: string) => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name, namespace: "default" },
  spec: {
    replicas: pods,
    selector: { app: name },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "main", image, command: ["sleep", "1000000"] }],
      },
    },
  },
});

async function startByBerth(cluster: BenchCluster, docker: Dockerode, image: string): Promise<number> {
  const label = [`io.berth.cluster=${cluster.name}`, "io.berth.kind=container"];
  const starts = await watchStarts(docker, label, pods);
  const begun = Date.now();
  await cluster.request(
    { verb: "apply", resource: "replicationcontrollers", namespace: "default", name },
    { object: controller(image) },
  );
  return ((await starts.last) - begun) / 1000;
}

async function removeController(cluster: BenchCluster, docker: Dockerode): Promise<void> {
  await cluster.request({ verb: "delete", resource: "replicationcontrollers", namespace: "default", name });
  await until(cluster.world, "the containers to be gone", async () => {
    return (await listed(docker, `io.berth.cluster=${cluster.name}`)).length === 0;
  });
  await until(cluster.world, "the pods to be gone", async () => {
    const reply = await cluster.request({ verb: "list", resource: "pods", namespace: "default" });
    return reply.type === "list" && reply.items.length === 0;
  });
}

async function startDirectly(
  docker: Dockerode,
  templates: Awaited<ReturnType<typeof templatesOf>>,
): Promise<number> {
  const starts = await watchStarts(docker, [`${benchLabel}=container`], pods);
  const begun = Date.now();
  await startClones(docker, templates, pods);
  return ((await starts.last) - begun) / 1000;
}
