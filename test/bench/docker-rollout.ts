// A Deployment of 40 pods and its Service on one Docker host, from apply to all ready, and its rolling update, beside
// the same containers created and replaced through the engine's API, and beside Docker Swarm's service create and
// update. One image, one command, which ends at SIGTERM; no probes. Two comparisons with Swarm:
// - out of the box, which has the bound: what either does when nobody sets anything, and both give the same: an
//   address in the cluster for each, and a name with a virtual address (for Swarm an attached overlay network);
// - at the same parallelism, for information: 20 at a time, new ones first, Swarm on the engine's own bridge.
// Each is told until the command returns, as its users see it, and, for information, until its last container runs: a
// pod is two containers (pause, and app in its network), for Berth and through the API; a task of Swarm is one.

import type Dockerode from "dockerode";
import { connect, whyNoEngine } from "../support/docker-engine.ts";
import { importBusybox } from "../support/images.ts";
import { progressLine, type Report } from "./progress.ts";
import type { Outcome } from "./report.ts";
import { type RolloutRound, rolloutFigures } from "./rollout-figures.ts";
import { type BenchCluster, startBenchCluster, until } from "./support/bench-cluster.ts";
import {
  benchLabel,
  removeClones,
  replaceClones,
  startClones,
  type Templates,
  templatesOf,
} from "./support/docker-clones.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { BerthRollout, type Rolled } from "./support/rollout-by-berth.ts";
import {
  beginSwarm,
  createOverlay,
  createService,
  endSwarm,
  removeService,
  updateService,
} from "./support/swarm.ts";
import { watchEvents, watchStarts } from "./support/watch-starts.ts";

export const pods = 40;
/** Half of them too many, none too few: what Swarm replaces at a time with a parallelism of 20, new ones first. */
export const maxSurge = 20;
const rounds = 3;
const graceSeconds = 10;
const overlay = "berth-bench";
const command = ["sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"];

export async function benchDockerRollout(report: Report): Promise<Outcome> {
  const missing = await whyNoEngine();
  if (missing !== undefined) return { skipped: missing };
  const docker = connect();
  const image = await importBusybox(docker);
  // Elsewhere the host's rules are not ours to change: then the Service has no virtual address.
  if (!process.env["BERTH_OWN_HOST"]) process.env["BERTH_PROXY"] = "none";
  const noSwarm = await beginSwarm(docker);
  if (noSwarm) report(noSwarm);
  const network = noSwarm ? undefined : await overlayNetwork(report);
  const cluster = await startBenchCluster({ nodes: 1, runtime: "docker", octet: 55 });
  const settled = onInterrupt(() => removeClones(docker));
  try {
    await until(cluster.world, "the node to be ready", () => isReady(cluster));
    const measured: RolloutRound[] = [];
    for (let round = 1; round <= rounds; round++) {
      const { templates, ...ours } = await byBerth({ cluster, docker, image, report });
      const direct = await directly(docker, templates);
      const swarm = noSwarm ? undefined : await bySwarm({ docker, image, network, first: round === 1 });
      const one = { ...ours, direct, ...(swarm && { swarm }) };
      measured.push(one);
      for (const line of roundLines(`round ${round}/${rounds}`, one)) report(line);
    }
    return rolloutFigures(measured, { pods, maxSurge, overlay: network !== undefined });
  } finally {
    await removeClones(docker);
    settled();
    await cluster.stop();
    if (!noSwarm) await endSwarm(docker);
  }
}

/** A line for each of those that took turns; what is alike stands in one column. */
function roundLines(round: string, { start, update, tuned, direct, swarm }: RolloutRound): readonly string[] {
  const lines = [
    progressLine(`${round}, Berth`, {
      start: [start, "s"],
      update: [tuned, "s"],
      "by default": [update, "s"],
    }),
    progressLine(`${round}, Docker's API`, { start: [direct.start, "s"], update: [direct.update, "s"] }),
  ];
  if (!swarm) return lines;
  const byDefault = { start: swarm.start, ...(swarm.update && { update: swarm.update }) };
  for (const [name, told] of [
    ["Swarm, tuned", { start: swarm.tunedStart, update: swarm.tunedUpdate }],
    ["Swarm by default", byDefault],
  ] as const) {
    for (const until of ["returned", "running"] as const) {
      const seconds = Object.entries(told).map(([what, one]) => [what, [one[until], "s"]] as const);
      lines.push(progressLine(`${round}, ${name}, ${until}`, Object.fromEntries(seconds)));
    }
  }
  return lines;
}

async function overlayNetwork(report: Report): Promise<string | undefined> {
  try {
    await createOverlay(overlay);
    return overlay;
  } catch (error) {
    report(`no overlay network here: Swarm's tasks are on the engine's bridge (${String(error)})`);
    return undefined;
  }
}

async function isReady(cluster: BenchCluster): Promise<boolean> {
  const reply = await cluster.request({ verb: "list", resource: "nodes" });
  return reply.type === "list" && reply.items.length === 1;
}

interface Engine {
  readonly docker: Dockerode;
  readonly image: string;
}

async function byBerth({
  cluster,
  docker,
  image,
  report,
}: Engine & { readonly cluster: BenchCluster; readonly report: Report }) {
  const rollout = new BerthRollout(cluster, docker, { name: "rollout", pods, image, command, graceSeconds });
  const tell = (what: string, { seconds, cpu }: Rolled): number => {
    const used = Array.from(cpu, ([name, cpuSeconds]) => [`CPU of ${name}`, [cpuSeconds, "s"]] as const);
    report(progressLine(`Berth, ${what}`, { took: [seconds, "s"], ...Object.fromEntries(used) }));
    return seconds;
  };
  const start = tell("start", await rollout.start("1"));
  const templates = await templatesOf(docker, cluster.name);
  const update = tell("update by default", await rollout.update("2", undefined));
  const tuned = tell(`update with maxSurge ${maxSurge}`, await rollout.update("3", maxSurge));
  await rollout.remove();
  return { start, update, tuned, templates };
}

async function directly(docker: Dockerode, templates: Templates): Promise<RolloutRound["direct"]> {
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

async function bySwarm({
  docker,
  image,
  network,
  first,
}: Engine & {
  readonly network: string | undefined;
  /** One by one, forty tasks take minutes: only the first round updates without settings. */
  readonly first: boolean;
}): Promise<NonNullable<RolloutRound["swarm"]>> {
  const { Id: imageId } = await docker.getImage(image).inspect();
  const tuned = { imageId, command, replicas: pods, parallelism: maxSurge };
  const tunedStart = await createService(docker, { ...tuned, version: "1" });
  const tunedUpdate = await updateService(docker, { ...tuned, version: "2" });
  await removeService(docker);
  const plain = { imageId, command, replicas: pods, ...(network !== undefined && { network }) };
  const start = await createService(docker, { ...plain, version: "1" });
  const update = first ? await updateService(docker, { ...plain, version: "2" }) : undefined;
  await removeService(docker);
  return { start, ...(update && { update }), tunedStart, tunedUpdate };
}
