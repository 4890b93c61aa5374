// The same containers that Berth made, made and replaced through the engine's API alone: pause and container of one
// pod after each other, as a pod needs it, and so many pods at a time as the agent starts.

import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { defaultParallelStarts } from "../../../node-agent/mod.ts";

export const benchLabel = "io.berth.bench";

export interface Templates {
  readonly pause: Dockerode.ContainerCreateOptions;
  readonly main: Dockerode.ContainerCreateOptions;
}
interface Clone {
  readonly pause: Dockerode.Container;
  readonly main: Dockerode.Container;
}

export const listed = (docker: Dockerode, label: string): Promise<readonly Dockerode.ContainerInfo[]> =>
  docker.listContainers({ all: true, filters: { label: [label] } });

/** What Berth asked for, taken from what it made. */
export async function templatesOf(docker: Dockerode, cluster: string): Promise<Templates> {
  const list = await listed(docker, `io.berth.cluster=${cluster}`);
  const template = async (kind: string): Promise<Dockerode.ContainerCreateOptions> => {
    const found = list.find(({ Labels }) => Labels["io.berth.kind"] === kind);
    if (!found) throw new Error(`Berth made no ${kind}`);
    const { Config, HostConfig } = await docker.getContainer(found.Id).inspect();
    const { Image, Cmd, Entrypoint, Env } = Config;
    return {
      Image,
      Cmd,
      Env,
      ...(Entrypoint && { Entrypoint }),
      Labels: { ...Config.Labels, "io.berth.cluster": "none", [benchLabel]: kind },
      HostConfig,
    };
  };
  const main = await template("container");
  const { HostConfig } = main;
  const mounts = HostConfig?.Mounts?.map((mount) => ({ ...mount, Source: mountedFile() }));
  const pause = await template("sandbox");
  return {
    // Whoever has the engine alone gets the pod's address from it.
    pause: { ...pause, HostConfig: { ...pause.HostConfig, NetworkMode: "bridge" } },
    main: mounts ? { ...main, HostConfig: { ...HostConfig, Mounts: mounts } } : main,
  };
}

/** What is mounted leads into a pod's folder, which goes with the pod: the clones mount a file of their own. */
function mountedFile(): string {
  const path = join(tmpdir(), `berth-bench-mounted-${process.pid}`);
  writeFileSync(path, "");
  return path;
}

let made = 0;
async function startClone(docker: Dockerode, { pause, main }: Templates): Promise<Clone> {
  const pod = `berth-bench-${process.pid}-${made++}`;
  const sandbox = await docker.createContainer({ ...pause, name: `${pod}-pause` });
  await sandbox.start();
  const joined = { NetworkMode: `container:${sandbox.id}`, IpcMode: `container:${sandbox.id}` };
  const options = { ...main, name: pod, HostConfig: { ...main.HostConfig, ...joined } };
  const container = await docker.createContainer(options);
  await container.start();
  return { pause: sandbox, main: container };
}

/** So many at a time. All lanes have ended before anything is thrown: what one still creates would be left behind. */
async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: defaultParallelStarts }, lane));
  for (const outcome of ended) if (outcome.status === "rejected") throw outcome.reason;
}

export async function startClones(
  docker: Dockerode,
  templates: Templates,
  count: number,
): Promise<readonly Clone[]> {
  const clones: Clone[] = [];
  await inLanes([...Array(count).keys()], async () => {
    clones.push(await startClone(docker, templates));
  });
  return clones;
}

/** Each new one is started before its old one is stopped, with its grace, and removed. */
export async function replaceClones(
  docker: Dockerode,
  templates: Templates,
  { old, graceSeconds }: { readonly old: readonly Clone[]; readonly graceSeconds: number },
): Promise<void> {
  await inLanes(old, async ({ pause, main }) => {
    await startClone(docker, templates);
    await main.stop({ t: graceSeconds });
    await main.remove({ force: true });
    await pause.remove({ force: true });
  });
}

export async function removeClones(docker: Dockerode): Promise<void> {
  const clones = await listed(docker, benchLabel);
  // One that is being removed already makes the engine say so: it is gone all the same.
  await Promise.allSettled(clones.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  rmSync(join(tmpdir(), `berth-bench-mounted-${process.pid}`), { force: true });
}
