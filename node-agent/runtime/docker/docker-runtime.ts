// The runtime on a Docker engine: a pod is a pause container, and its containers joined to that one's namespaces.
// Touches only containers with this cluster's and this node's labels.

import type Dockerode from "dockerode";
import type { ContainerInfo } from "dockerode";
import type { World } from "../../../actors/mod.ts";
import type { Uid } from "../../../protocol/mod.ts";
import { EventHub } from "../event-hub.ts";
import { checkNonRoot } from "../non-root.ts";
import {
  type AttachOptions,
  type ContainerId,
  type ContainerRuntime,
  type ContainerSpec,
  type ContainerStatusInfo,
  type ContainerUsage,
  type EngineVolumes,
  type ExecSession,
  type FenceAddress,
  type ImageInfo,
  type LogLine,
  type LogOptions,
  type PathInfo,
  type RegistryCredentials,
  type RuntimeEvent,
  type RuntimeInfo,
  type SandboxId,
  type SandboxSpec,
  type SandboxState,
  type StoredImage,
} from "../runtime.ts";
import { pathInfo, readArchive, writeArchive } from "./archive.ts";
import { attachTo } from "./attach.ts";
import { containerOptions } from "./create-options.ts";
import {
  CallQueue,
  connectEngine,
  type EngineAddress,
  readVersions,
  statusOf,
  toRuntimeError,
} from "./engine.ts";
import { EventStream } from "./event-stream.ts";
import { execToEnd, startExec } from "./exec.ts";
import { findImage, listImages, pullImage, removeImage, withTag } from "./images.ts";
import { labelNames, ofPod, type Owner } from "./labels.ts";
import { readContainerLog } from "./logs.ts";
import { AgentNetwork } from "./network/agent-network.ts";
import { ignoring, OwnContainers } from "./own-containers.ts";
import { readGateway } from "./gateway.ts";
import { Sandboxes } from "./sandboxes.ts";
import { containerStatus, stateOf } from "./status.ts";
import { DockerUsage, writtenBytes } from "./usage.ts";
import { dockerVolumes } from "./volumes.ts";

/** What was seen of a running container is believed for this long, unless an event tells of a change. */
const recentMs = 5000;

export interface DockerRuntimeOptions extends EngineAddress {
  readonly cluster: string;
  readonly node: string;
  readonly world: World;
  /** The engine's network for pods; its default bridge by default. */
  readonly network?: string;
}

export function createDockerRuntime(options: DockerRuntimeOptions): ContainerRuntime {
  return new DockerRuntime(options);
}

class DockerRuntime implements ContainerRuntime {
  readonly fence: FenceAddress;
  readonly volumes: EngineVolumes;
  readonly #docker: Dockerode;
  readonly #world: World;
  readonly #network: string;
  readonly #calls: CallQueue;
  readonly #hub: EventHub;
  readonly #events: EventStream;
  readonly #containers: OwnContainers;
  readonly #sandboxes: Sandboxes;
  /** Ended containers never change again: they are inspected once. */
  readonly #ended = new Map<ContainerId, ContainerStatusInfo>();
  /** Seen running, by id: a look at all of them costs the engine one call and not one for each. */
  readonly #running = new Map<string, { readonly status: ContainerStatusInfo; readonly at: number }>();
  readonly #usage: DockerUsage;

  constructor(options: DockerRuntimeOptions) {
    const { cluster, node, host, socketPath, world } = options;
    const owner: Owner = { cluster, node };
    const address = { ...(host !== undefined && { host }), ...(socketPath !== undefined && { socketPath }) };
    this.fence = { type: "docker", cluster, node, ...address };
    const docker = connectEngine(options);
    this.#docker = docker;
    this.#world = world;
    this.#network = options.network ?? "bridge";
    this.#calls = new CallQueue(world.clock);
    this.#containers = new OwnContainers({ docker, calls: this.#calls, owner, clock: world.clock });
    const links = new AgentNetwork({ docker, network: this.#network, agent: `${cluster}/${node}`, world });
    this.#sandboxes = new Sandboxes({ containers: this.#containers, network: this.#network, links });
    this.#usage = new DockerUsage(docker, this.#calls);
    this.volumes = dockerVolumes(docker, this.#calls, owner);
    this.#hub = new EventHub(world.logger);
    this.#events = new EventStream(docker, owner, world, {
      emit: (event) => {
        if (event.type === "resync") {
          this.#running.clear();
          links.forgetBridge();
        }
        this.#hub.emit(event);
      },
      isOwnDoing: (id, action) => this.#containers.isDoing(id, action),
    });
  }

  async info(): Promise<RuntimeInfo> {
    const [versions, gateway, info] = await Promise.all([
      this.#containers.call("asking for versions", () => readVersions(this.#docker), "Unavailable"),
      this.#containers.call(
        "asking for the network",
        () => readGateway(this.#docker, this.#network),
        "Unavailable",
      ),
      this.#containers.call<{ NCPU: number; MemTotal: number; Driver: string; DockerRootDir: string }>(
        "asking for the host's size",
        () => this.#docker.info(),
        "Unavailable",
      ),
    ]);
    return {
      name: "docker",
      version: versions.version,
      details: { ...versions.components, api: versions.apiVersion, storage: info.Driver },
      capacity: { cpuMilli: info.NCPU * 1000, memoryBytes: info.MemTotal },
      addressing: "bridge",
      ...(gateway !== undefined && { gateway }),
      root: info.DockerRootDir,
    };
  }

  runSandbox(spec: SandboxSpec): Promise<SandboxState> {
    return this.#sandboxes.run(spec);
  }

  stopSandbox(id: SandboxId): Promise<void> {
    return this.#sandboxes.stop(id);
  }

  async removeSandbox(id: SandboxId): Promise<void> {
    const members = await this.#sandboxes.members(id);
    await Promise.all(members.map((member) => this.removeContainer(member)));
    await this.#sandboxes.remove(id);
  }

  listSandboxes(pod?: Uid): Promise<readonly SandboxState[]> {
    return this.#sandboxes.list(pod);
  }

  async createContainer(sandbox: SandboxId, spec: ContainerSpec): Promise<ContainerId> {
    const place = await this.#sandboxes.place(sandbox);
    if (spec.security?.nonRoot) {
      const image = await this.#containers.call(`image of ${spec.name}`, () =>
        this.#docker.getImage(withTag(spec.image)).inspect(),
      );
      checkNonRoot(spec, image.Config.User);
    }
    return (await this.#containers.create(
      containerOptions(place, spec),
      `container ${spec.name}`,
    )) as ContainerId;
  }

  async startContainer(id: ContainerId): Promise<void> {
    await this.#containers.own.require(id);
    await this.#containers.start(id, `container ${id}`);
  }

  async stopContainer(id: ContainerId, graceMs: number): Promise<void> {
    if (!(await this.#containers.own.has(id))) return;
    if (graceMs <= 0) return await this.#containers.kill(id);
    // The engine counts whole seconds. Not in the queue of calls: it lasts as long as the container takes.
    await ignoring([304, 404], `stopping container ${id}`, () =>
      this.#docker.getContainer(id).stop({ t: Math.ceil(graceMs / 1000) }),
    );
  }

  async removeContainer(id: ContainerId): Promise<void> {
    await this.#containers.remove(id);
    this.#ended.delete(id);
    this.#running.delete(id);
    this.#usage.forget(id);
  }

  async listContainers(pod?: Uid): Promise<readonly ContainerStatusInfo[]> {
    const list = await this.#containers.list([`${labelNames.kind}=container`, ...ofPod(pod)]);
    if (pod === undefined) this.#forgetMissing(list);
    const statuses = await Promise.all(
      list.map(
        async ({ Id, State }) =>
          this.#recent(Id, stateOf(State)) ?? (await this.inspectContainer(Id as ContainerId)),
      ),
    );
    return statuses.filter((status) => status !== undefined);
  }

  #forgetMissing(list: readonly ContainerInfo[]): void {
    const there = new Set(list.map(({ Id }) => Id));
    for (const id of this.#running.keys()) if (!there.has(id)) this.#running.delete(id);
  }

  /** What was seen of a container a moment ago and that the engine's list still tells to be so. */
  #recent(id: string, state: ContainerStatusInfo["state"]): ContainerStatusInfo | undefined {
    const seen = this.#running.get(id);
    const isFresh = seen !== undefined && this.#world.clock.monotonic() - seen.at < recentMs;
    return isFresh && state === "running" ? seen.status : undefined;
  }

  async inspectContainer(id: ContainerId): Promise<ContainerStatusInfo | undefined> {
    const known = this.#ended.get(id);
    if (known) return known;
    try {
      const info = await this.#calls.run(() => this.#docker.getContainer(id).inspect());
      if (!this.#containers.own.note(info.Id, info.Config.Labels)) return undefined;
      const status = containerStatus(info);
      this.#usage.note(id, info.State.Pid);
      this.#running.delete(id);
      if (status.state === "exited") this.#ended.set(id, status);
      if (status.state === "running") this.#running.set(id, { status, at: this.#world.clock.monotonic() });
      return status;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw toRuntimeError(error, `looking at container ${id}`, "Unavailable");
    }
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#events.start();
    return this.#hub.listen(listener);
  }

  async exec(
    id: ContainerId,
    options: { readonly command: readonly string[]; readonly stdin: boolean; readonly tty: boolean },
  ): Promise<ExecSession> {
    await this.#containers.own.require(id);
    return await startExec(this.#docker, id, options, this.#world.clock);
  }

  async execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number; readonly output: string }> {
    await this.#containers.own.require(id);
    return await execToEnd(this.#docker, id, command, { timeoutMs, clock: this.#world.clock });
  }

  async attach(id: ContainerId, options: AttachOptions): Promise<ExecSession> {
    await this.#containers.own.require(id);
    return await attachTo(this.#docker, id, options);
  }

  async pathInfo(id: ContainerId, path: string): Promise<PathInfo | undefined> {
    await this.#containers.own.require(id);
    return await pathInfo(this.#docker, id, path);
  }

  async *readArchive(id: ContainerId, path: string): AsyncGenerator<Uint8Array> {
    await this.#containers.own.require(id);
    yield* readArchive(this.#docker, id, path);
  }

  async writeArchive(id: ContainerId, directory: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#containers.own.require(id);
    await writeArchive(this.#docker, id, directory, archive);
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<LogLine> {
    await this.#containers.own.require(id);
    yield* readContainerLog(this.#docker, id, options);
  }

  imagePresent(reference: string): Promise<ImageInfo | undefined> {
    return this.#calls.run(() => findImage(this.#docker, reference));
  }

  /** Not in the queue of calls: a pull lasts long. */
  pullImage(reference: string, credentials?: RegistryCredentials): Promise<ImageInfo> {
    return pullImage(this.#docker, reference, credentials);
  }

  listImages(): Promise<readonly StoredImage[]> {
    return this.#calls.run(() => listImages(this.#docker));
  }

  removeImage(id: string): Promise<boolean> {
    return this.#calls.run(() => removeImage(this.#docker, id));
  }

  /** The engine walks the container's layer for this. */
  async writtenBytes(id: ContainerId): Promise<number> {
    if (!(await this.#containers.own.has(id))) return 0;
    return await this.#calls.run(() => writtenBytes(this.#docker, id));
  }

  async usage(id: ContainerId): Promise<ContainerUsage | undefined> {
    return (await this.#containers.own.has(id)) ? await this.#usage.of(id) : undefined;
  }

  close(): Promise<void> {
    this.#events.stop();
    this.#hub.clear();
    return Promise.resolve();
  }
}
