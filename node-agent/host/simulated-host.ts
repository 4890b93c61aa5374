// A machine on virtual time: its record is in memory, its volumes are names, its probes reach only the runtime.

import { type ConfigCache, memoryConfigs } from "../configs/config-cache.ts";
import { execProbe, type Prober } from "../pods/prober.ts";
import type { Signals } from "../pressure/signals.ts";
import type { ContainerRuntime } from "../runtime/runtime.ts";
import { simulatedClaims } from "../volumes/simulated-claims.ts";
import type { LeaseHost } from "../leases/lease-host.ts";
import { simulatedVolumes } from "../volumes/simulated-volumes.ts";
import type { AgentHost, RecordStore } from "./agent-host.ts";

export interface SimulatedHostOptions {
  readonly hostname: string;
  readonly address: string;
  readonly bootId?: string;
  /** Hand in the same store to let a new agent find the former one's record. */
  readonly record?: RecordStore;
  readonly key?: RecordStore;
  readonly configs?: ConfigCache;
  /** Volumes that are on its disk: hand in the same set to let a new agent find them. */
  readonly claims?: Set<string>;
  /** What is left on it; nothing is measured by default. */
  readonly signals?: () => Signals;
  /** By default only commands can be asked: a simulated container answers no http, tcp or grpc probe. */
  readonly prober?: Prober;
  /** By default no guard ever runs, and so no pod with a lease. */
  readonly leases?: LeaseHost;
}

const noLeases: LeaseHost = {
  uptimeMs: () => 0,
  bootId: "simulated-boot",
  load: () => undefined,
  save: () => undefined,
  startGuard: () => undefined,
  guarded: () => false,
};

export function simulatedHost(options: SimulatedHostOptions): AgentHost {
  const { hostname, address, bootId = "simulated-boot" } = options;
  return {
    facts: () =>
      Promise.resolve({
        hostname,
        bootId,
        machineId: hostname,
        platform: "linux",
        arch: "amd64",
        kernel: "simulated",
        addresses: [address],
      }),
    usage: () => ({ cpuMilli: 0, memoryBytes: 0 }),
    signals: () => Promise.resolve(options.signals?.() ?? {}),
    record: options.record ?? memoryRecord(),
    key: options.key ?? memoryRecord(),
    images: memoryRecord(),
    configs: options.configs ?? memoryConfigs(),
    volumes: simulatedVolumes(),
    claims: () => simulatedClaims(options.claims),
    leases: options.leases ?? noLeases,
    prober: (runtime) => options.prober ?? execOnlyProber(runtime),
  };
}

export function memoryRecord(): RecordStore {
  let text: string | undefined;
  return {
    load: () => Promise.resolve(text),
    save(next) {
      text = next;
      return Promise.resolve();
    },
  };
}

const execOnlyProber = (runtime: ContainerRuntime): Prober => ({
  probe(probe, target) {
    if (probe.exec) return execProbe(runtime, probe.exec.command ?? [], target);
    return Promise.resolve({
      healthy: false,
      message: "connection refused: nothing listens in a simulated network",
    });
  },
});
