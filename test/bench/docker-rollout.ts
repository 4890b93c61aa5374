// A Deployment of 40 pods on one Docker host, from apply to all ready, and its rolling update, beside the same
// containers created and replaced through the engine's API, and beside Docker Swarm's service create and update. One
// image, one command, which ends at SIGTERM; one grace; no probes; new ones start before old ones stop, everywhere.
// A pod is two containers (pause, and app in its network), for Berth and through the API; a task of Swarm is one.
// Berth may have 20 pods too many and starts 8 at a time; the API's lanes are 8; Swarm replaces 20 tasks at a time.

import type Dockerode from "dockerode";
import { defaultParallelStarts } from "../../node-agent/mod.ts";
import { connect, whyNoEngine } from "../support/docker-engine.ts";
import { importBusybox } from "../support/images.ts";
import { type Outcome, paired } from "./report.ts";
import { type BenchCluster, startBenchCluster, until } from "./support/bench-cluster.ts";
import {
  benchLabel,
  listed,
  removeClones,
  replaceClones,
  startClones,
  templatesOf,
} from "./support/docker-clones.ts";
import { onInterrupt } from "./support/interrupt.ts";
import {
  beginSwarm,
  createService,
  endSwarm,
  removeService,
  type SwarmSeconds,
  updateService,
} from "./support/swarm.ts";
import { watchEvents, watchStarts } from "./support/watch-starts.ts";

const pods = 40;
const rounds = 3;
const graceSeconds = 10;
/** Half of them too many, none too few: what Swarm replaces at a time with its parallelism of 20, new ones first. */
const maxSurge = 20;
const name = "rollout";
const command = ["sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"];

interface Seconds {
  readonly start: number;
  readonly update: number;
}
type SwarmRound = Readonly<Record<keyof SwarmSeconds, Seconds>>;

export async function benchDockerRollout(report: (line: string) => void): Promise<Outcome> {
  const missing = await whyNoEngine();
  if (missing !== undefined) return { skipped: missing };
  const docker = connect();
  const image = await importBusybox(docker);
  process.env["BERTH_PROXY"] = "none";
  const noSwarm = await beginSwarm(docker);
  if (noSwarm) report(noSwarm);
  const cluster = await startBenchCluster({ nodes: 1, runtime: "docker", octet: 55 });
  const settled = onInterrupt(() => removeClones(docker));
  try {
    await until(cluster.world, "the node to be ready", () => isReady(cluster));
    const berth: Seconds[] = [];
    const direct: Seconds[] = [];
    const swarm: SwarmRound[] = [];
    for (let round = 0; round < rounds; round++) {
      const [ours, theirs] = await ownAndDirect(cluster, docker, image);
      berth.push(ours);
      direct.push(theirs);
      if (!noSwarm) swarm.push(await bySwarm(docker, image));
      const say = (what: string, one: Seconds | undefined): string =>
        one ? `${what} ${one.start.toFixed(1)} s and ${one.update.toFixed(1)} s` : "";
      const { returned, running } = swarm.at(-1) ?? {};
      const parts = [
        say("Berth", ours),
        say("directly", theirs),
        say("Swarm's commands", returned),
        say("its containers", running),
      ];
      report(`start and update of ${pods} pods ${round + 1}/${rounds}: ${parts.filter(Boolean).join(", ")}`);
    }
    return figures({ berth, direct, swarm });
  } finally {
    await removeClones(docker);
    settled();
    await cluster.stop();
    if (!noSwarm) await endSwarm(docker);
  }
}

interface Measured {
  readonly berth: readonly Seconds[];
  readonly direct: readonly Seconds[];
  readonly swarm: readonly SwarmRound[];
}

function figures({ berth, direct, swarm }: Measured): Outcome {
  const lanes = `${defaultParallelStarts} pods at a time, new ones first`;
  const pair = (
    what: string,
    of: (one: Seconds) => number,
    reference: string,
    others: readonly Seconds[],
  ) => ({
    name: what,
    ...paired(berth.map(of), others.map(of), reference),
    unit: "s",
  });
  const start = `from apply to ${pods} pods of a Deployment ready on Docker`;
  const update = `rolling update of ${pods} pods, maxSurge ${maxSurge}, to the end of the last old one`;
  const atStart = (one: Seconds): number => one.start;
  const atUpdate = (one: Seconds): number => one.update;
  const api = [
    { ...pair(start, atStart, `the same containers through Docker's API, ${lanes}`, direct), atMost: 1.3 },
    {
      ...pair(update, atUpdate, `the same containers replaced through Docker's API, ${lanes}`, direct),
      atMost: 1.3,
    },
  ];
  if (swarm.length === 0) return api;
  const settings = `${maxSurge} at a time, start-first`;
  const returned = swarm.map((one) => one.returned);
  const running = swarm.map((one) => one.running);
  return [
    ...api,
    {
      ...pair(
        start,
        atStart,
        "Swarm, until `docker service create` returns, 5 s of watching its tasks included",
        returned,
      ),
      atMost: 0.5,
    },
    {
      ...pair(
        start,
        atStart,
        "Swarm, until its last container has started: one a task, without a pause container",
        running,
      ),
      atMost: 0.5,
    },
    {
      ...pair(
        update,
        atUpdate,
        `Swarm, until \`docker service update\` returns, ${settings}, 5 s of watching included`,
        returned,
      ),
      atMost: 0.5,
    },
    {
      ...pair(
        update,
        atUpdate,
        `Swarm, until its last new container has started and old one ended, ${settings}`,
        running,
      ),
      atMost: 0.5,
    },
  ];
}

async function isReady(cluster: BenchCluster): Promise<boolean> {
  const reply = await cluster.request({ verb: "list", resource: "nodes" });
  return reply.type === "list" && reply.items.length === 1;
}

const deployment = (image: string, version: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    replicas: pods,
    selector: { matchLabels: { app: name } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: graceSeconds,
        containers: [{ name: "main", image, command, env: [{ name: "VERSION", value: version }] }],
      },
    },
  },
});

const target = { resource: "deployments", group: "apps", namespace: "default", name } as const;

async function ownAndDirect(
  cluster: BenchCluster,
  docker: Dockerode,
  image: string,
): Promise<readonly [Seconds, Seconds]> {
  const start = await applied(cluster, image, "1");
  const templates = await templatesOf(docker, cluster.name);
  const label = [`io.berth.cluster=${cluster.name}`, "io.berth.kind=container"];
  const ends = await watchEvents(docker, { event: "die", label, count: pods });
  const begun = Date.now();
  const ready = await applied(cluster, image, "2");
  const update = Math.max(ready, ((await ends.last) - begun) / 1000);
  await removed(cluster, docker);
  return [{ start, update }, await directly(docker, templates)];
}

/** Seconds until the Deployment tells that all of its pods are of this version, and ready. */
async function applied(cluster: BenchCluster, image: string, version: string): Promise<number> {
  const begun = Date.now();
  await cluster.request({ ...target, verb: "apply" }, { object: deployment(image, version) });
  await until(cluster.world, "the pods to be ready", async () => {
    const reply = await cluster.request({ ...target, verb: "get" });
    if (reply.type !== "object") return false;
    const { status, metadata } = reply.object;
    const told = (field: string): unknown => Reflect.get(status ?? {}, field);
    const complete = ["replicas", "readyReplicas", "updatedReplicas"].every((field) => told(field) === pods);
    return complete && told("observedGeneration") === metadata.generation;
  });
  return (Date.now() - begun) / 1000;
}

async function removed(cluster: BenchCluster, docker: Dockerode): Promise<void> {
  await cluster.request({ ...target, verb: "delete" });
  await until(cluster.world, "the containers to be gone", async () => {
    return (await listed(docker, `io.berth.cluster=${cluster.name}`)).length === 0;
  });
  await until(cluster.world, "the pods to be gone", async () => {
    const reply = await cluster.request({ verb: "list", resource: "pods", namespace: "default" });
    return reply.type === "list" && reply.items.length === 0;
  });
}

async function directly(
  docker: Dockerode,
  templates: Awaited<ReturnType<typeof templatesOf>>,
): Promise<Seconds> {
  const label = [`${benchLabel}=container`];
  const starts = await watchStarts(docker, label, pods);
  const begun = Date.now();
  const old = await startClones(docker, templates, pods);
  const start = ((await starts.last) - begun) / 1000;
  const ends = await watchEvents(docker, { event: "die", label, count: pods });
  const updateBegun = Date.now();
  await replaceClones(docker, templates, { old, graceSeconds });
  const update = ((await ends.last) - updateBegun) / 1000;
  await removeClones(docker);
  return { start, update };
}

async function bySwarm(docker: Dockerode, image: string): Promise<SwarmRound> {
  const { Id: imageId } = await docker.getImage(image).inspect();
  const service = { imageId, command, replicas: pods, graceSeconds, parallelism: maxSurge };
  const start = await createService(docker, { ...service, version: "1" });
  const update = await updateService(docker, { ...service, version: "2" });
  await removeService(docker);
  const both = (of: keyof SwarmSeconds): Seconds => ({ start: start[of], update: update[of] });
  return { returned: both("returned"), running: both("running") };
}
