// Sandboxes on a Docker engine: a pause container each, which owns the pod's network, made by the engine or the agent.

import type { ContainerInfo, ContainerInspectInfo } from "dockerode";
import type { Uid } from "../../../protocol/mod.ts";
import {
  type ContainerId,
  RuntimeError,
  type SandboxId,
  type SandboxSpec,
  type SandboxState,
} from "../runtime.ts";
import { type SandboxNetwork, sandboxOptions, type SandboxPlace } from "./create-options.ts";
import { ensurePauseImage } from "./images.ts";
import { labelNames, type Labels, ofPod } from "./labels.ts";
import type { AgentNetwork, Link } from "./network/agent-network.ts";
import { writeNetworkFiles } from "./network/network-files.ts";
import type { OwnContainers } from "./own-containers.ts";
import { inspectedSandbox, sandboxPlace, sandboxState } from "./status.ts";

export interface SandboxesOptions {
  readonly containers: OwnContainers;
  /** The engine's network for pods. */
  readonly network: string;
  readonly links: AgentNetwork;
}

export class Sandboxes {
  readonly #containers: OwnContainers;
  readonly #network: string;
  readonly #links: AgentNetwork;
  readonly #places = new Map<SandboxId, SandboxPlace>();
  #pauseImage: Promise<string> | undefined;

  constructor({ containers, network, links }: SandboxesOptions) {
    this.#containers = containers;
    this.#network = network;
    this.#links = links;
  }

  async run(spec: SandboxSpec): Promise<SandboxState> {
    const info = await this.#started(spec, (await this.#links.networkFor(spec)) ?? this.#network);
    const link = linkOf(info.Id, info.Config.Labels);
    if (!link) return this.#known(info);
    try {
      await writeNetworkFiles(spec.networkDirectory ?? "", spec, link.address);
      await this.#links.link(link, info.State.Pid);
      return this.#known(info);
    } catch (error) {
      this.#links.failed(link, error);
    }
    await this.#containers.remove(link.id);
    return this.#known(await this.#started(spec, this.#network));
  }

  #known(info: ContainerInspectInfo): SandboxState {
    const state = inspectedSandbox(info);
    this.#places.set(state.id, sandboxPlace(info));
    return state;
  }

  async #started(spec: SandboxSpec, network: SandboxNetwork): Promise<ContainerInspectInfo> {
    const containers = this.#containers;
    const what = `the sandbox of ${spec.pod.name}`;
    const id = (await this.#createPause(spec, network)) as SandboxId;
    return await containers.doingTo(id, "start", async () => {
      await containers.start(id, what);
      return await containers.call(`looking at ${what}`, () => containers.docker.getContainer(id).inspect());
    });
  }

  async #createPause(spec: SandboxSpec, network: SandboxNetwork): Promise<string> {
    const image = await this.#pause();
    try {
      return await this.#containers.create(sandboxOptions(spec, image, network), spec.pod.name);
    } catch (error) {
      if (!(error instanceof RuntimeError && /no such image/i.test(error.message))) throw error;
      // Someone cleared the engine's images since.
      this.#pauseImage = undefined;
      return await this.#containers.create(sandboxOptions(spec, await this.#pause(), network), spec.pod.name);
    }
  }

  #pause(): Promise<string> {
    const { docker } = this.#containers;
    this.#pauseImage ??= this.#containers
      .call("importing the pause image", () => ensurePauseImage(docker))
      .catch((error: unknown) => {
        this.#pauseImage = undefined;
        throw error;
      });
    return this.#pauseImage;
  }

  /** Its containers and itself are killed. */
  async stop(id: SandboxId): Promise<void> {
    if (!(await this.#containers.own.has(id))) return;
    const members = await this.members(id);
    await Promise.all([...members, id].map((each) => this.#containers.kill(each)));
    this.#links.release(id);
  }

  /** After its containers. */
  async remove(id: SandboxId): Promise<void> {
    await this.#containers.remove(id);
    this.#places.delete(id);
    this.#links.release(id);
  }

  async members(id: SandboxId): Promise<readonly ContainerId[]> {
    const members = await this.#containers.list([`${labelNames.sandbox}=${id}`]);
    return members.map((each) => each.Id as ContainerId);
  }

  async list(pod?: Uid): Promise<readonly SandboxState[]> {
    const list = await this.#containers.list([`${labelNames.kind}=sandbox`, ...ofPod(pod)]);
    const states = list.map(sandboxState);
    const running = new Set(states.filter(({ ready }) => ready).map(({ id }) => id));
    const unlinked = await this.#links.unlinked(linksOf(list).filter(({ id }) => running.has(id)));
    return states.map((state) => (unlinked.has(state.id) ? { ...state, ready: false, ip: "" } : state));
  }

  /** What a container needs to know of it. */
  async place(id: SandboxId): Promise<SandboxPlace> {
    const known = this.#places.get(id);
    if (known) return known;
    const containers = this.#containers;
    const info = await containers.call(`sandbox ${id}`, () => containers.docker.getContainer(id).inspect());
    if (!containers.own.note(info.Id, info.Config.Labels))
      throw new RuntimeError("NotFound", `no sandbox ${id} of ours`);
    const place = sandboxPlace(info);
    this.#places.set(id, place);
    return place;
  }
}

const linksOf = (list: readonly ContainerInfo[]): readonly Link[] =>
  list.map(({ Id, Labels }) => linkOf(Id, Labels)).filter((link) => link !== undefined);

/** Undefined where the engine has made its network. */
const linkOf = (id: string, labels: Labels): Link | undefined => {
  const address = labels[labelNames.address];
  if (labels[labelNames.networkFiles] === undefined || !address) return undefined;
  return { id: id as SandboxId, address };
};
