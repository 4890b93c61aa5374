// A service of Docker Swarm on the same engine, made and updated by the commands that its users type. They return once
// all tasks run and have been watched for five seconds (the default, which hardly anybody sets); beside that stands
// the time to the engine's own word of the last container. Without settings of its own a service is updated as Swarm
// does it when nobody says how: one task at a time, the old one first. On an overlay network its tasks have what a pod
// has: an address of their own in the cluster and a name with a virtual address; without one they are on the engine's
// own bridge. Only on an engine of the bench's own: a swarm is the whole engine's.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { watchEvents, watchStarts } from "./watch-starts.ts";

const run = promisify(execFile);
const name = "berth-bench";
const serviceLabel = `com.docker.swarm.service.name=${name}`;

export interface SwarmService {
  /** By its id: by its name every task would first ask a registry for it. */
  readonly imageId: string;
  readonly command: readonly string[];
  readonly replicas: number;
  readonly version: string;
  readonly network?: string;
  /** Tasks that are replaced at a time, each new one first; Swarm's own way without it. */
  readonly parallelism?: number;
}

/** Both in seconds since the command was begun. */
export interface SwarmSeconds {
  /** Until the command returned. */
  readonly returned: number;
  /** Until the last new container had started, and the last old one had ended. */
  readonly running: number;
}

/** Why there is no swarm to compare with; undefined when it was begun. */
export async function beginSwarm(docker: Dockerode): Promise<string | undefined> {
  if (!process.env["BERTH_OWN_HOST"]) return "a swarm is begun on an engine of the bench's own alone";
  const noClient = await run("docker", ["--version"]).then(
    () => undefined,
    () => "no docker command to compare with",
  );
  if (noClient) return noClient;
  await docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  return undefined;
}

export const endSwarm = (docker: Dockerode): Promise<void> => docker.swarmLeave({ force: true });

/** `docker network create -d overlay`. It goes with the swarm. */
export async function createOverlay(network: string): Promise<void> {
  await run("docker", ["network", "create", "-d", "overlay", network]);
}

export async function createService(docker: Dockerode, service: SwarmService): Promise<SwarmSeconds> {
  const { replicas, network, parallelism, version, imageId, command } = service;
  const starts = await watchStarts(docker, [serviceLabel], replicas);
  const flags = [`--name=${name}`, `--replicas=${replicas}`, `--env=VERSION=${version}`];
  if (network !== undefined) flags.push(`--network=${network}`);
  if (parallelism !== undefined) {
    flags.push(`--update-parallelism=${parallelism}`, "--update-order=start-first", "--update-delay=0s");
  }
  return await timed(["create", ...flags], [imageId, ...command], () => starts.last);
}

export async function updateService(docker: Dockerode, service: SwarmService): Promise<SwarmSeconds> {
  const { replicas: count, version } = service;
  const starts = await watchStarts(docker, [serviceLabel], count);
  const ends = await watchEvents(docker, { event: "die", label: [serviceLabel], count });
  return await timed(["update", `--env-add=VERSION=${version}`], [name], async () =>
    Math.max(await starts.last, await ends.last),
  );
}

async function timed(
  command: readonly string[],
  args: readonly string[],
  last: () => Promise<number>,
): Promise<SwarmSeconds> {
  const begun = Date.now();
  await run("docker", ["service", ...command, "--detach=false", "--quiet", "--no-resolve-image", ...args]);
  const returned = (Date.now() - begun) / 1000;
  return { returned, running: ((await last()) - begun) / 1000 };
}

export async function removeService(docker: Dockerode): Promise<void> {
  await docker.getService(name).remove();
  for (;;) {
    const left = await docker.listContainers({ all: true, filters: { label: [serviceLabel] } });
    if (left.length === 0) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 200));
  }
}
