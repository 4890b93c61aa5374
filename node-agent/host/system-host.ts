// The machine that this process runs on. The one place of the agent that asks the operating system.

import { readFile } from "node:fs/promises";
import { hostname, machine, networkInterfaces, platform, release, uptime } from "node:os";
import { join, resolve } from "node:path";
import { configFiles } from "../configs/config-cache.ts";
import { systemLeaseHost } from "../leases/system-lease-host.ts";
import { networkProber } from "../pods/prober.ts";
import { nodeSignals } from "../pressure/node-signals.ts";
import { nodeUsage } from "../stats/node-usage.ts";
import { claimVolumes } from "../volumes/claim-volumes.ts";
import { volumeDirectory } from "../volumes/volume-directory.ts";
import type { AgentHost, HostFacts } from "./agent-host.ts";
import { recordFile } from "./record-file.ts";

export function systemHost(path: string): AgentHost {
  // Mounts need absolute paths, whatever the working directory becomes.
  const directory = resolve(path);
  return {
    facts: systemFacts,
    usage: nodeUsage(),
    signals: (images) => nodeSignals({ directory, images }),
    record: recordFile(directory, "agent.json"),
    key: recordFile(directory, "node.key"),
    images: recordFile(directory, "images.json"),
    configs: configFiles(join(directory, "configs")),
    volumes: volumeDirectory(directory),
    claims: (runtime) => claimVolumes(directory, runtime.volumes),
    leases: systemLeaseHost(directory),
    prober: networkProber,
  };
}

async function systemFacts(): Promise<HostFacts> {
  const image = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(await textOf("/etc/os-release"))?.[1];
  return {
    hostname: hostname(),
    bootId: (await textOf("/proc/sys/kernel/random/boot_id")).trim() || bootTime(),
    machineId: (await textOf("/etc/machine-id")).trim(),
    platform: platform(),
    arch: kubernetesArch(machine()),
    kernel: release(),
    ...(image !== undefined && { image }),
    addresses: hostAddresses(),
  };
}

const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

/** Where the kernel draws no boot id: the time of boot, coarse enough to come out the same every time. */
function bootTime(): string {
  const minutes = Math.round((new Date().getTime() / 1000 - uptime()) / 60);
  return `boot-${minutes}`;
}

/** Go's names, as Kubernetes labels nodes with them. */
function kubernetesArch(machineName: string): string {
  const names: Readonly<Record<string, string>> = {
    x86_64: "amd64",
    aarch64: "arm64",
    armv7l: "arm",
    i686: "386",
  };
  return names[machineName] ?? machineName;
}

/** Bridges and virtual ends of containers are not where others reach this host. */
const containerInterface = /^(docker|br-|veth|cni|virbr|berth|lo)/;

function hostAddresses(): string[] {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    containerInterface.test(name) ? [] : (entries ?? []),
  );
  return addresses
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
