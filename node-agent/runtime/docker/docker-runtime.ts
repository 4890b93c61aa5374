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
  type RuntimeErrorCode,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeInfo,
  type SandboxId,
  type SandboxSpec,
  type SandboxState,
  type StoredImage,
} from "../runtime.ts";
import { pathInfo, readArchive, writeArchive } from "./archive.ts";
import { attachTo } from "./attach.ts";
import { containerOptions, sandboxOptions, type SandboxPlace } from "./create-options.ts";
import {
  CallQueue,
  connectEngine,
  type EngineAddress,
  messageOf,
  readVersions,
  statusOf,
  toRuntimeError,
} from "./engine.ts";
import { EventStream, type OwnDoing } from "./event-stream.ts";
import { execToEnd, startExec } from "./exec.ts";
import { ensurePauseImage, findImage, listImages, pullImage, removeImage, withTag } from "./images.ts";
import { labelNames, type Owner, ownerFilter } from "./labels.ts";
import { readContainerLog } from "./logs.ts";
import { Ownership } from "./ownership.ts";
import { readGateway } from "./gateway.ts";
import { containerStatus, inspectedSandbox, sandboxPlace, sandboxState, stateOf } from "./status.ts";
import { DockerUsage, writtenBytes } from "./usage.ts";
import { dockerVolumes } from "./volumes.ts";

/** A removal that another call has begun is waited for so often, with such a pause. */
const removalPolls = 200;
const removalPollMs = 50;

/** So long what was seen of a running container is believed, as long as nothing was heard of it. */
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
  readonly #docker: Dockerode;
  readonly #owner: Owner;
  readonly #world: World;
  readonly #network: string;
  readonly #calls: CallQueue;
  readonly #hub: EventHub;
  readonly #events: EventStream;
  readonly #sandboxes = new Map<SandboxId, SandboxPlace>();
  /** Ended containers never change again: they are inspected once. */
  readonly #ended = new Map<ContainerId, ContainerStatusInfo>();
  /** Seen running, by id: a look at all of them costs the engine one call and not one for each. */
  readonly #running = new Map<string, { readonly status: ContainerStatusInfo; readonly at: number }>();
  /** What is being done to a container here and now: whoever asked for it learns of it by the call. */
  readonly #doing = new Map<string, OwnDoing>();
  readonly #own: Ownership;
  readonly #usage: DockerUsage;
  #pauseImage: Promise<string> | undefined;
  readonly volumes: EngineVolumes;

  constructor(options: DockerRuntimeOptions) {
    const { cluster, node, host, socketPath } = options;
    this.fence = {
      type: "docker",
      cluster,
      node,
      ...(host !== undefined && { host }),
      ...(socketPath !== undefined && { socketPath }),
    };
    this.#docker = connectEngine(options);
    this.#owner = { cluster: options.cluster, node: options.node };
    this.#world = options.world;
    this.#calls = new CallQueue(options.world.clock);
    this.#usage = new DockerUsage(this.#docker, this.#calls);
    this.#own = new Ownership(this.#docker, this.#calls, this.#owner);
    this.volumes = dockerVolumes(this.#docker, this.#calls, this.#owner);
    this.#network = options.network ?? "bridge";
    this.#hub = new EventHub(options.world.logger);
    this.#events = new EventStream(this.#docker, this.#owner, options.world, {
      emit: (event) => {
        if (event.type === "resync") this.#running.clear();
        this.#hub.emit(event);
      },
      isOwnDoing: (id, action) => this.#doing.get(id) === action,
    });
  }

  /** One call to the engine, in its turn, its failure in our words. */
  async #call<Value>(
    what: string,
    call: () => Promise<Value>,
    otherwise: RuntimeErrorCode = "RunContainerError",
  ): Promise<Value> {
    try {
      return await this.#calls.run(call);
    } catch (error) {
      throw toRuntimeError(error, what, otherwise);
    }
  }

  async info(): Promise<RuntimeInfo> {
    const [versions, gateway, info] = await Promise.all([
      this.#call("asking for versions", () => readVersions(this.#docker), "Unavailable"),
      this.#call("asking for the network", () => readGateway(this.#docker, this.#network), "Unavailable"),
      this.#call<{ NCPU: number; MemTotal: number; Driver: string; DockerRootDir: string }>(
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

  #pause(): Promise<string> {
    this.#pauseImage ??= this.#call("importing the pause image", () => ensurePauseImage(this.#docker)).catch(
      (error: unknown) => {
        this.#pauseImage = undefined;
        throw error;
      },
    );
    return this.#pauseImage;
  }

  async runSandbox(spec: SandboxSpec): Promise<SandboxState> {
    const id = (await this.#createPause(spec)) as SandboxId;
    const container = this.#docker.getContainer(id);
    const info = await this.#doingTo(id, "start", async () => {
      await this.#call(`starting the sandbox of ${spec.pod.name}`, () => started(container));
      return await this.#call(`looking at the sandbox of ${spec.pod.name}`, () => container.inspect());
    });
    const state = inspectedSandbox(info);
    const { pod, attempt } = spec;
    this.#sandboxes.set(state.id, { id, pod, attempt });
    return state;
  }

  async #doingTo<Value>(id: string, action: OwnDoing, work: () => Promise<Value>): Promise<Value> {
    this.#doing.set(id, action);
    try {
      return await work();
    } finally {
      this.#doing.delete(id);
    }
  }

  async #createPause(spec: SandboxSpec): Promise<string> {
    const image = await this.#pause();
    try {
      return await this.#create(sandboxOptions(spec, image, this.#network), spec.pod.name);
    } catch (error) {
      if (!(error instanceof RuntimeError && /no such image/i.test(error.message))) throw error;
      // Someone cleared the engine's images since.
      this.#pauseImage = undefined;
      return await this.#create(sandboxOptions(spec, await this.#pause(), this.#network), spec.pod.name);
    }
  }

  /** Creates a container, or answers the one of ours that has its name already. */
  async #create(options: Dockerode.ContainerCreateOptions, what: string): Promise<string> {
    const name = options.name ?? "";
    try {
      const { id } = await this.#calls.run(() => this.#docker.createContainer(options));
      this.#own.add(id);
      return id;
    } catch (error) {
      if (statusOf(error) !== 409)
        throw toRuntimeError(error, `creating ${what}`, "CreateContainerConfigError");
      const info = await this.#call(`looking at ${name}`, () => this.#docker.getContainer(name).inspect());
      if (this.#own.note(info.Id, info.Config.Labels)) return info.Id;
      throw new RuntimeError("AlreadyExists", `the name ${name} is taken by a container that is not ours`);
    }
  }

  async stopSandbox(id: SandboxId): Promise<void> {
    if (!(await this.#own.has(id))) return;
    const members = await this.#members(id);
    await Promise.all([...members.map((member) => this.#kill(member)), this.#kill(id)]);
  }

  async removeSandbox(id: SandboxId): Promise<void> {
    const members = await this.#members(id);
    await Promise.all(members.map((member) => this.removeContainer(member)));
    await this.#remove(id);
    this.#sandboxes.delete(id);
  }

  async #members(id: SandboxId): Promise<readonly ContainerId[]> {
    const members = await this.#list([`${labelNames.sandbox}=${id}`]);
    return members.map((each) => each.Id as ContainerId);
  }

  async #list(labels: readonly string[]): Promise<readonly ContainerInfo[]> {
    const filters = { label: [...ownerFilter(this.#owner), ...labels] };
    const list = await this.#call(
      "listing containers",
      () => this.#docker.listContainers({ all: true, filters }),
      "Unavailable",
    );
    for (const each of list) this.#own.add(each.Id);
    return list;
  }

  async listSandboxes(pod?: Uid): Promise<readonly SandboxState[]> {
    const list = await this.#list([`${labelNames.kind}=sandbox`, ...ofPod(pod)]);
    return list.map(sandboxState);
  }

  async createContainer(sandbox: SandboxId, spec: ContainerSpec): Promise<ContainerId> {
    const place = await this.#place(sandbox);
    if (spec.security?.nonRoot) {
      const image = await this.#call(`image of ${spec.name}`, () =>
        this.#docker.getImage(withTag(spec.image)).inspect(),
      );
      checkNonRoot(spec, image.Config.User);
    }
    return (await this.#create(containerOptions(place, spec), `container ${spec.name}`)) as ContainerId;
  }

  async #place(id: SandboxId): Promise<SandboxPlace> {
    const known = this.#sandboxes.get(id);
    if (known) return known;
    const info = await this.#call(`sandbox ${id}`, () => this.#docker.getContainer(id).inspect());
    if (!this.#own.note(info.Id, info.Config.Labels))
      throw new RuntimeError("NotFound", `no sandbox ${id} of ours`);
    const place = sandboxPlace(info);
    this.#sandboxes.set(id, place);
    return place;
  }

  async startContainer(id: ContainerId): Promise<void> {
    await this.#own.require(id);
    await this.#call(`starting container ${id}`, () => started(this.#docker.getContainer(id)));
  }

  async stopContainer(id: ContainerId, graceMs: number): Promise<void> {
    if (!(await this.#own.has(id))) return;
    if (graceMs <= 0) return await this.#kill(id);
    // The engine counts whole seconds. Not in the queue of calls: it lasts as long as the container takes.
    await ignoring([304, 404], `stopping container ${id}`, () =>
      this.#docker.getContainer(id).stop({ t: Math.ceil(graceMs / 1000) }),
    );
  }

  async #kill(id: ContainerId | SandboxId): Promise<void> {
    // 409: it does not run.
    await ignoring([404, 409], `killing container ${id}`, () =>
      this.#calls.run(() => this.#docker.getContainer(id).kill({ signal: "SIGKILL" })),
    );
  }

  async removeContainer(id: ContainerId): Promise<void> {
    await this.#remove(id);
    this.#ended.delete(id);
    this.#running.delete(id);
    this.#usage.forget(id);
  }

  async #remove(id: ContainerId | SandboxId): Promise<void> {
    if (await this.#own.has(id)) await this.#doingTo(id, "removal", () => this.#removeOwn(id));
  }

  async #removeOwn(id: ContainerId | SandboxId): Promise<void> {
    const container = this.#docker.getContainer(id);
    for (let poll = 0; ; poll += 1) {
      try {
        await this.#calls.run(() => container.remove({ force: true, v: true }));
        break;
      } catch (error) {
        if (statusOf(error) === 404) break;
        if (statusOf(error) !== 409 || !/already in progress/.test(messageOf(error))) {
          throw toRuntimeError(error, `removing container ${id}`, "RunContainerError");
        }
      }
      if (poll === removalPolls)
        throw new RuntimeError("Timeout", `the engine has not removed container ${id}`);
      await this.#world.clock.sleep(removalPollMs);
    }
    this.#own.delete(id);
  }

  async listContainers(pod?: Uid): Promise<readonly ContainerStatusInfo[]> {
    const list = await this.#list([`${labelNames.kind}=container`, ...ofPod(pod)]);
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
      if (!this.#own.note(info.Id, info.Config.Labels)) return undefined;
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
    await this.#own.require(id);
    return await startExec(this.#docker, id, options, this.#world.clock);
  }

  async execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number; readonly output: string }> {
    await this.#own.require(id);
    return await execToEnd(this.#docker, id, command, { timeoutMs, clock: this.#world.clock });
  }

  async attach(id: ContainerId, options: AttachOptions): Promise<ExecSession> {
    await this.#own.require(id);
    return await attachTo(this.#docker, id, options);
  }

  async pathInfo(id: ContainerId, path: string): Promise<PathInfo | undefined> {
    await this.#own.require(id);
    return await pathInfo(this.#docker, id, path);
  }

  async *readArchive(id: ContainerId, path: string): AsyncGenerator<Uint8Array> {
    await this.#own.require(id);
    yield* readArchive(this.#docker, id, path);
  }

  async writeArchive(id: ContainerId, directory: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#own.require(id);
    await writeArchive(this.#docker, id, directory, archive);
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<LogLine> {
    await this.#own.require(id);
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
    if (!(await this.#own.has(id))) return 0;
    return await this.#calls.run(() => writtenBytes(this.#docker, id));
  }

  async usage(id: ContainerId): Promise<ContainerUsage | undefined> {
    return (await this.#own.has(id)) ? await this.#usage.of(id) : undefined;
  }

  close(): Promise<void> {
    this.#events.stop();
    this.#hub.clear();
    return Promise.resolve();
  }
}

const ofPod = (pod: Uid | undefined): string[] => (pod === undefined ? [] : [`${labelNames.podUid}=${pod}`]);

/** Running already (304) is fine. */
async function started(container: Dockerode.Container): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    if (statusOf(error) !== 304) throw error;
  }
}

async function ignoring(
  statuses: readonly number[],
  what: string,
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && statuses.includes(status)) return;
    throw toRuntimeError(error, what, "RunContainerError");
  }
}
