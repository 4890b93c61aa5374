// The cluster's DNS on one node: a server on the address by which this node's pods reach their host, and the resolver
// settings of pods. Of several agents that share a host's network one serves; the others rely on it, and take over.

import { readFile } from "node:fs/promises";
import type { Clock, Logger, World } from "../../actors/mod.ts";
import type { Pod } from "../../protocol/mod.ts";
import { acquireHostOwnership, type HostOwnership } from "../network/mod.ts";
import { ClusterZone } from "./cluster-zone.ts";
import { createForwarder, type Forwarder, type Upstream } from "./forwarder.ts";
import { type DnsListener, listenDns } from "./listener.ts";
import { readResponse } from "./message.ts";
import { recordTypes } from "./records.ts";
import { parseResolvConf, podResolver, type ResolverSettings } from "./resolv-conf.ts";
import type { ServiceSource } from "./service-names.ts";

export interface ClusterDnsOptions {
  readonly world: World;
  readonly cluster: string;
  /** As in `service.namespace.svc.<domain>`. */
  readonly domain: string;
  readonly services: ServiceSource;
  /** Agents of one host share the address: one of them serves. */
  readonly shared: boolean;
  /** The host's resolver settings; /etc/resolv.conf by default. */
  readonly hostFile?: string;
  /** 53, but in tests: where it listens, and where the host's servers do. */
  readonly port?: number;
  readonly upstreamPort?: number;
}

export interface DnsServerAddress {
  readonly address: string;
  readonly port: number;
}

export interface ClusterDns {
  /** As in `service.namespace.svc.<domain>`. */
  readonly domain: string;
  /** Where the server is to be. Again with another address: it moves. */
  listen(address: string): Promise<void>;
  /** What pods ask: address and port. Undefined while nobody answers there. */
  server(): Promise<DnsServerAddress | undefined>;
  /** Undefined leaves it to the runtime. */
  settingsOf(pod: Pod): Promise<ResolverSettings | undefined>;
  close(): Promise<void>;
}

const dnsPort = 53;
/** The host's own settings are looked at again after this. */
const hostFileMs = 5000;
const bindRetryMs = 5000;
/** A pod's start waits this often and long for a server; then no pod does for a while. */
const serverTries = 10;
const serverTryMs = 300;
const absentMs = 30_000;

export function createClusterDns(options: ClusterDnsOptions): ClusterDns {
  const { world, services, domain } = options;
  const host = hostSettings(options.hostFile ?? "/etc/resolv.conf", world.clock);
  const zone = new ClusterZone({ domain, services, random: world.random });
  const serving = new Serving(options, zone, host);
  return {
    domain,
    listen: (address) => serving.listen(address),
    server: () => serving.server(),
    settingsOf: async (pod) =>
      podResolver(pod, { server: (await serving.server())?.address, domain, host: await host() }),
    close: () => serving.close(),
  };
}

type HostSettings = () => Promise<ResolverSettings>;

function hostSettings(path: string, clock: Clock): HostSettings {
  let known: Promise<ResolverSettings> | undefined;
  let readAt = 0;
  return () => {
    if (known && clock.monotonic() - readAt < hostFileMs) return known;
    readAt = clock.monotonic();
    return (known = readFile(path, "utf8").then(parseResolvConf, () => parseResolvConf("")));
  };
}

class Serving {
  readonly #options: ClusterDnsOptions;
  readonly #zone: ClusterZone;
  readonly #host: HostSettings;
  readonly #logger: Logger;
  readonly #forwarder: Forwarder;
  #address = "";
  #listener: DnsListener | undefined;
  #ownership: HostOwnership | undefined;
  #cancel: (() => void) | undefined;
  #told = false;
  #mayNot = false;
  #absentUntil = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: ClusterDnsOptions, zone: ClusterZone, host: HostSettings) {
    this.#options = options;
    this.#zone = zone;
    this.#host = host;
    const { clock, random, logger } = options.world;
    this.#logger = logger;
    this.#forwarder = createForwarder({ clock, random, upstreams: () => this.#upstreams() });
  }

  async listen(address: string): Promise<void> {
    if (this.#closed || address === this.#address) return;
    this.#address = address;
    await this.#listener?.close();
    this.#listener = undefined;
    if (!this.#options.shared) return this.#bind();
    if (this.#ownership?.owned) return this.#bind();
    this.#ownership ??= acquireHostOwnership({
      cluster: `${this.#options.cluster}/dns`,
      clock: this.#options.world.clock,
      logger: this.#logger,
      onOwned: () => void this.#bind(),
    });
  }

  async #bind(): Promise<void> {
    if (this.#closed || this.#listener) return;
    const { world, shared } = this.#options;
    const port = this.#mayNot ? 0 : (this.#options.port ?? dnsPort);
    const address = this.#address;
    const answering = { zone: this.#zone, forwarder: this.#forwarder };
    try {
      const listener = await listenDns({
        address,
        port,
        answering,
        clock: world.clock,
        logger: this.#logger,
      });
      // It may have been closed, or have to move, while it was opening.
      if (this.#closed || address !== this.#address) return await listener.close();
      this.#listener = listener;
      this.#logger.info({ address, port: listener.port }, "the cluster's DNS is served");
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      // Who is not root may have another port: pods that are told of it by name use any.
      if (!shared && port !== 0 && /EACCES/.test(words)) {
        this.#mayNot = true;
        return this.#bind();
      }
      if (!this.#told)
        this.#logger.warn({ address, port, error: words }, "the cluster's DNS can't be served here");
      this.#told = true;
      this.#cancel = world.clock.after(bindRetryMs, () => void this.#bind());
    }
  }

  /** A pod keeps the settings that it starts with, so a server that is about to be there is waited for. */
  async server(): Promise<DnsServerAddress | undefined> {
    const { clock } = this.#options.world;
    if (clock.monotonic() < this.#absentUntil) return this.#present();
    for (let tries = 0; tries < serverTries && !this.#closed && this.#address !== ""; tries++) {
      const server = this.#present() ?? (await this.#neighbour());
      if (server) return server;
      await clock.sleep(serverTryMs);
    }
    this.#absentUntil = clock.monotonic() + absentMs;
    return undefined;
  }

  #present(): DnsServerAddress | undefined {
    return this.#listener && { address: this.#address, port: this.#listener.port };
  }

  /** Another agent of this host may serve: it is asked for what only a server of this domain knows. */
  async #neighbour(): Promise<DnsServerAddress | undefined> {
    const { port = dnsPort, domain, world } = this.#options;
    if (!this.#ownership || this.#ownership.owned) return undefined;
    const upstreams = async (): Promise<readonly Upstream[]> => [{ address: this.#address, port }];
    const asking = createForwarder({ clock: world.clock, random: world.random, upstreams });
    const answer = await asking.ask(
      { name: `dns-version.${domain}`, type: recordTypes.TXT, class: 1 },
      "udp",
    );
    const known = answer !== undefined && (readResponse(answer)?.answers.length ?? 0) > 0;
    return known ? { address: this.#address, port } : undefined;
  }

  /** Of the host; never this server itself. */
  async #upstreams(): Promise<readonly Upstream[]> {
    const { servers } = await this.#host();
    return servers
      .filter((address) => address !== this.#address)
      .map((address) => ({ address, port: this.#options.upstreamPort ?? dnsPort }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#forwarder.close();
    await this.#listener?.close();
    this.#listener = undefined;
    await this.#ownership?.release();
  }
}
