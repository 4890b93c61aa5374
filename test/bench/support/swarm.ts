// A service of Docker Swarm on the same engine. Only on an engine of the bench's own: a swarm is the whole engine's.

import type Dockerode from "dockerode";
import { watchEvents, watchStarts } from "./watch-starts.ts";

const name = "berth-bench";
const serviceLabel = `com.docker.swarm.service.name=${name}`;

export interface SwarmService {
  /** By its id: by its name every task would first ask a registry for it. */
  readonly imageId: string;
  readonly command: readonly string[];
  readonly replicas: number;
  readonly graceSeconds: number;
  /** Tasks that are replaced at a time, each new one first. */
  readonly parallelism: number;
  readonly version: string;
}

const specOf = ({ imageId, command, replicas, graceSeconds, parallelism, version }: SwarmService) => ({
  Name: name,
  TaskTemplate: {
    ContainerSpec: {
      Image: imageId,
      Command: [...command],
      Env: [`VERSION=${version}`],
      StopGracePeriod: graceSeconds * 1e9,
    },
  },
  Mode: { Replicated: { Replicas: replicas } },
  UpdateConfig: { Parallelism: parallelism, Order: "start-first" as const, Delay: 0 },
});

/** Why there is no swarm to compare with; undefined when it was begun. */
export async function beginSwarm(docker: Dockerode): Promise<string | undefined> {
  if (!process.env["BERTH_OWN_HOST"]) return "a swarm is begun on an engine of the bench's own alone";
  await docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  return undefined;
}

export const endSwarm = (docker: Dockerode): Promise<void> => docker.swarmLeave({ force: true });

/** Seconds from `service create` to the start of its last container. */
export async function createService(docker: Dockerode, service: SwarmService): Promise<number> {
  const starts = await watchStarts(docker, [serviceLabel], service.replicas);
  const begun = Date.now();
  await docker.createService(specOf(service));
  return ((await starts.last) - begun) / 1000;
}

/** Seconds from `service update` until all new ones have started and all old ones have ended. */
export async function updateService(docker: Dockerode, service: SwarmService): Promise<number> {
  const { replicas: count } = service;
  const starts = await watchStarts(docker, [serviceLabel], count);
  const ends = await watchEvents(docker, { event: "die", label: [serviceLabel], count });
  const own = docker.getService(name);
  const { Version }: { Version: { Index: number } } = await own.inspect();
  const begun = Date.now();
  await own.update({ version: Version.Index, ...specOf(service) });
  return (Math.max(await starts.last, await ends.last) - begun) / 1000;
}

export async function removeService(docker: Dockerode): Promise<void> {
  await docker.getService(name).remove();
  for (;;) {
    const left = await docker.listContainers({ all: true, filters: { label: [serviceLabel] } });
    if (left.length === 0) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 200));
  }
}
