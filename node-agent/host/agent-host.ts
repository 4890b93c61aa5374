// What an agent needs of its machine besides containers: facts, usage, a place for its record, volumes, probes.
// Implementations: system-host.ts (the real machine) and simulated-host.ts (virtual time).

import type { Clock } from "../../actors/mod.ts";
import type { Usage } from "../../protocol/mod.ts";
import type { ConfigCache } from "../configs/config-cache.ts";
import type { LeaseHost } from "../leases/lease-host.ts";
import type { ContainerRuntime } from "../runtime/runtime.ts";
import type { Signals } from "../pressure/signals.ts";
import type { Prober } from "../pods/prober.ts";
import type { ClaimVolumes } from "../volumes/claim-volumes.ts";
import type { PodVolumes } from "../volumes/pod-volumes.ts";

export interface HostFacts {
  readonly hostname: string;
  /** Changes with every boot. */
  readonly bootId: string;
  readonly machineId: string;
  readonly platform: string;
  readonly arch: string;
  readonly kernel: string;
  /** The operating system's name for people, e.g. `Debian GNU/Linux 12`. */
  readonly image?: string;
  /** IPv4, the one that other hosts reach first. */
  readonly addresses: readonly string[];
}

/** Holds one small text durably: `save` resolves when it survives a power failure. */
export interface RecordStore {
  load(): Promise<string | undefined>;
  save(text: string): Promise<void>;
}

export interface AgentHost {
  facts(): Promise<HostFacts>;
  /** Of the whole machine, since the last call. */
  usage(): Usage;
  /** What is left of memory, disk and process ids. `images` is where the runtime keeps its own. */
  signals(images: string | undefined): Promise<Signals>;
  readonly record: RecordStore;
  /** The node's private key. */
  readonly key: RecordStore;
  /** Which images were pulled, and when. */
  readonly images: RecordStore;
  /** Contents of config maps and sealed secrets. */
  readonly configs: ConfigCache;
  readonly volumes: PodVolumes;
  /** The data of claims. */
  claims(runtime: ContainerRuntime): ClaimVolumes;
  readonly leases: LeaseHost;
  prober(runtime: ContainerRuntime, clock: Clock): Prober;
}
