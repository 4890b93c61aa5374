// The network of pods that the agent itself makes, on the engine's own bridge: a link into the namespace of the pause
// container, an address, a route. The engine would start itself anew for each namespace (a third of the cost of a pod).
// Where the agent cannot, and for pods that need more of the engine (host ports), the engine does it as ever (ADR 23).

import { createHash } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import type Dockerode from "dockerode";
import type { World } from "../../../../actors/mod.ts";
import { hardwareAddress, linkName, withoutLink } from "../../../network/pod-link.ts";
import type { SandboxId, SandboxSpec } from "../../runtime.ts";
import type { OwnNetwork } from "../create-options.ts";
import { type Bridge, findBridge } from "./bridge.ts";
import { BridgeAddresses } from "./bridge-addresses.ts";
import { runLinkCommands } from "./ip-program.ts";

/** Addresses that are looked at for one pod: those that others have are passed over. */
const longestSearch = 1024;

/** After a failure the engine makes the networks for so long. */
const pauseMs = 60_000;

/** As the engine has it in networks that have none. */
const withoutIpv6 = { "net.ipv6.conf.all.disable_ipv6": "1" };

export interface AgentNetworkOptions {
  readonly docker: Dockerode;
  readonly network: string;
  /** Tells the agents of one host apart: cluster and node. */
  readonly agent: string;
  readonly world: World;
}

/** A sandbox whose network the agent makes. */
export interface Link {
  readonly id: SandboxId;
  readonly address: string;
}

export class AgentNetwork {
  readonly #options: AgentNetworkOptions;
  readonly #addresses: BridgeAddresses;
  /** Known to be linked, with their addresses. */
  readonly #linked = new Map<SandboxId, string>();
  #bridge: Promise<Bridge | undefined> | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: AgentNetworkOptions) {
    this.#options = options;
    this.#addresses = new BridgeAddresses(searchStart(options.agent));
  }

  /** What a sandbox that is to be made gets; undefined where the engine has to make its network. */
  async networkFor(spec: SandboxSpec): Promise<OwnNetwork | undefined> {
    const { hostNetwork, hostPorts, dns, networkDirectory } = spec;
    if (
      hostNetwork ||
      hostPorts.length > 0 ||
      !dns ||
      dns.servers.length === 0 ||
      networkDirectory === undefined
    )
      return undefined;
    if (this.#options.world.clock.monotonic() < this.#pausedUntil) return undefined;
    const bridge = await this.#usableBridge();
    const address = bridge && (await this.#freeAddress(bridge));
    return address === undefined ? undefined : { address, sysctls: bridge?.ipv6 ? withoutIpv6 : {} };
  }

  /** One that no other agent of this host has given out either. */
  async #freeAddress(bridge: Bridge): Promise<string | undefined> {
    for (let tries = 0; tries < longestSearch; tries++) {
      const address = this.#addresses.allocate(bridge);
      if (address === undefined || (await withoutLink([address])).length > 0) return address;
    }
    return undefined;
  }

  #usableBridge(): Promise<Bridge | undefined> {
    const { docker, network, world } = this.#options;
    this.#bridge ??= findBridge(docker, network).catch((error: unknown) => {
      world.logger.info({ error: String(error) }, "pods get their networks from the engine");
      return undefined;
    });
    return this.#bridge;
  }

  /** The engine may have another bridge now. */
  forgetBridge(): void {
    this.#bridge = undefined;
  }

  /** Idempotent. Rejects when the pod cannot have this address here. */
  async link({ id, address }: Link, pid: number): Promise<void> {
    const bridge = await this.#usableBridge();
    if (!bridge) throw new Error("there is no bridge that this agent could use");
    await mustBeNeighbour(id, pid);
    const { name, mtu, gateway, prefixLength } = bridge;
    const link = linkName(address);
    const ends = `type veth peer name eth0 mtu ${mtu} address ${hardwareAddress(address)} netns ${pid}`;
    await runLinkCommands({
      // There already: it was made by an agent that did not live to finish, or it is somebody else's, and then nothing
      // is inside.
      here: [
        `link add ${link} mtu ${mtu} master ${name} up ${ends}`,
        `link set ${link} type bridge_slave hairpin on`,
      ],
      pid,
      inside: [
        "link set eth0 up",
        `address replace ${address}/${prefixLength} dev eth0`,
        `route replace default via ${gateway}`,
      ],
    });
    this.#linked.set(id, address);
    this.#addresses.take(address);
  }

  /** The engine is asked instead, for this pod and, since it may be so for all, for a while. */
  failed({ id, address }: Link, error: unknown): void {
    const { logger, clock } = this.#options.world;
    logger.warn({ sandbox: id, address, error: String(error) }, "the network of a pod is left to the engine");
    this.#pausedUntil = clock.monotonic() + pauseMs;
    this.#addresses.release(address);
  }

  /** Which of these running sandboxes have no link: the agent that made them ended before it was there. */
  async unlinked(links: readonly Link[]): Promise<ReadonlySet<SandboxId>> {
    const unknown = links.filter(({ id }) => !this.#linked.has(id));
    if (unknown.length === 0) return new Set();
    const absent = new Set(await withoutLink(unknown.map(({ address }) => address)));
    const missing = new Set<SandboxId>();
    for (const { id, address } of unknown) {
      this.#addresses.take(address);
      if (absent.has(address)) missing.add(id);
      else this.#linked.set(id, address);
    }
    return missing;
  }

  /** Its namespace is gone, and the link with it. */
  release(id: SandboxId): void {
    const address = this.#linked.get(id);
    if (address === undefined) return;
    this.#linked.delete(id);
    this.#addresses.release(address);
  }
}

/**
 * The process must be the container's, and its engine on this very host: a pid is only that of another host's process,
 * or of a container's own count, where the agent and the engine do not share one. What has started it (the engine's
 * shim) is in the network of the engine, which must be ours.
 */
async function mustBeNeighbour(id: SandboxId, pid: number): Promise<void> {
  const [groups, stat] = await Promise.all([
    readFile(`/proc/${pid}/cgroup`, "utf8"),
    readFile(`/proc/${pid}/stat`, "utf8"),
  ]);
  if (!groups.includes(id)) throw new Error(`process ${pid} is not that of container ${id}`);
  const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [theirs, ours] = await Promise.all([
    readlink(`/proc/${parent}/ns/net`),
    readlink("/proc/self/ns/net"),
  ]);
  if (theirs !== ours) throw new Error("the engine is in another network namespace than this agent");
}

/** Where an agent begins to look for addresses: the same after a restart, and seldom that of another agent. */
const searchStart = (agent: string): number => createHash("sha256").update(agent).digest().readUInt32BE();
