// Translates sandbox and container specs into the engine's words. Pure.

import type { ContainerCreateOptions, HostConfig, MountSettings, PortMap } from "dockerode";
import type { ContainerSpec, Mount, PodIdentity, SandboxSpec } from "../runtime.ts";
import { containerLabels, containerName, sandboxLabels, sandboxName } from "./labels.ts";
import { networkMounts } from "./network/network-files.ts";

const cpuPeriodUs = 100_000;
/** The engine refuses quotas below 1 ms a period and weights below 2. */
const leastCpuQuotaUs = 1000;
const leastCpuShares = 2;
/** Of a container's log kept by the engine: so many files of such a size. */
const logLimits = { "max-size": "10m", "max-file": "3" };

/** The engine's network of this name, or one that the agent makes. */
export type SandboxNetwork = string | OwnNetwork;
export interface OwnNetwork {
  readonly address: string;
  /** Kernel settings of every such namespace. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** The pause container: owns the pod's network and IPC namespaces, its ports, hostname and DNS. */
export function sandboxOptions(
  spec: SandboxSpec,
  image: string,
  network: SandboxNetwork,
): ContainerCreateOptions {
  const own = typeof network === "string" ? undefined : network;
  const byEngine = typeof network === "string" ? engineNetwork(spec, network) : undefined;
  return {
    name: sandboxName(spec),
    Image: image,
    ...(spec.hostNetwork ? {} : { Hostname: spec.hostname }),
    ...(spec.hostNetwork || spec.domain === undefined ? {} : { Domainname: spec.domain }),
    Labels: sandboxLabels(spec, own?.address),
    ...(byEngine ? { ExposedPorts: byEngine.exposed } : { NetworkDisabled: true }),
    HostConfig: {
      ...(byEngine?.host ?? { NetworkMode: "none" }),
      IpcMode: spec.hostIpc ? "host" : "shareable",
      ...(spec.hostPid ? { PidMode: "host" } : {}),
      ...(own || spec.sysctls ? { Sysctls: { ...own?.sysctls, ...spec.sysctls } } : {}),
      CpuShares: leastCpuShares,
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges", ...pauseFilter(spec)],
      LogConfig: { Type: "none", Config: {} },
      RestartPolicy: { Name: "no" },
    },
  };
}

/**
 * Building the filter of system calls costs a sixth of its start, for a program that makes one call, has no capability,
 * and that nobody reaches unless others share its processes. A kubelet filters its own in every pod.
 */
const pauseFilter = ({ sharedProcesses, hostPid }: SandboxSpec): string[] =>
  sharedProcesses || hostPid ? [] : ["seccomp=unconfined"];

interface EngineNetwork {
  readonly exposed: Record<string, object>;
  readonly host: HostConfig;
}

function engineNetwork(spec: SandboxSpec, network: string): EngineNetwork {
  const { dns } = spec;
  const exposed = spec.hostNetwork ? [] : spec.hostPorts;
  return {
    exposed: Object.fromEntries(exposed.map((port) => [portKey(port), {}])),
    host: {
      NetworkMode: spec.hostNetwork ? "host" : network,
      ...(spec.hostAliases ? { ExtraHosts: extraHosts(spec.hostAliases) } : {}),
      PortBindings: portBindings(exposed),
      ...(dns ? { Dns: [...dns.servers], DnsSearch: [...dns.searches], DnsOptions: [...dns.options] } : {}),
    },
  };
}

/** Containers share the hosts file of the sandbox whose network they join. */
const extraHosts = (aliases: NonNullable<SandboxSpec["hostAliases"]>): string[] =>
  aliases.flatMap(({ ip, hostnames }) => hostnames.map((name) => `${name}:${ip}`));

const portKey = (port: { readonly containerPort: number; readonly protocol: string }): string =>
  `${port.containerPort}/${port.protocol.toLowerCase()}`;

function portBindings(ports: SandboxSpec["hostPorts"]): PortMap {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const binding = { HostIp: port.hostIp ?? "", HostPort: String(port.hostPort) };
    (bindings[portKey(port)] ??= []).push(binding);
  }
  return bindings;
}

export interface SandboxPlace {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  /** Folder of its hosts file and resolver settings, where they are not the engine's. */
  readonly networkFiles?: string;
}

/** A business container, joined to the sandbox's namespaces. */
export function containerOptions(sandbox: SandboxPlace, spec: ContainerSpec): ContainerCreateOptions {
  const { security } = spec;
  return {
    name: containerName(sandbox.pod, sandbox.attempt, spec),
    Image: spec.image,
    // An entrypoint without a command also replaces the image's command (the engine's own rule, and Kubernetes').
    ...(spec.command.length > 0 ? { Entrypoint: [...spec.command] } : {}),
    ...(spec.args.length > 0 ? { Cmd: [...spec.args] } : {}),
    ...(spec.workingDirectory ? { WorkingDir: spec.workingDirectory } : {}),
    Env: spec.environment.map(({ name, value }) => `${name}=${value}`),
    Labels: containerLabels(sandbox.pod, sandbox.id, spec),
    Tty: spec.tty,
    OpenStdin: spec.stdin,
    ...(spec.stdinOnce ? { StdinOnce: true } : {}),
    ...(spec.stopSignal ? { StopSignal: spec.stopSignal } : {}),
    ...(security?.user === undefined ? {} : { User: userOf(security.user, security.group) }),
    HostConfig: hostConfig(sandbox, spec),
  };
}

const userOf = (user: number, group: number | undefined): string =>
  group === undefined ? String(user) : `${user}:${group}`;

function hostConfig(sandbox: SandboxPlace, spec: ContainerSpec): HostConfig {
  const { security } = spec;
  const { cpuLimitMilli, memoryLimitBytes } = spec.resources;
  const requestMilli = spec.resources.cpuRequestMilli ?? cpuLimitMilli ?? 0;
  return {
    // Also where the sandbox has the host's: its hosts file and resolver settings come with it.
    NetworkMode: `container:${sandbox.id}`,
    IpcMode: spec.hostIpc ? "host" : `container:${sandbox.id}`,
    ...(spec.processes ? { PidMode: pidMode(spec.processes, sandbox) } : {}),
    Mounts: [...spec.mounts, ...networkFiles(sandbox, spec)].map(bindMount),
    CpuShares: Math.max(leastCpuShares, Math.round((requestMilli * 1024) / 1000)),
    ...(cpuLimitMilli === undefined
      ? {}
      : {
          CpuPeriod: cpuPeriodUs,
          CpuQuota: Math.max(leastCpuQuotaUs, Math.round((cpuLimitMilli * cpuPeriodUs) / 1000)),
        }),
    // Without swap on top: a limit that can be swapped past is none.
    ...(memoryLimitBytes === undefined ? {} : { Memory: memoryLimitBytes, MemorySwap: memoryLimitBytes }),
    ...(security?.privileged ? { Privileged: true } : {}),
    ...(security?.readOnlyRootFilesystem ? { ReadonlyRootfs: true } : {}),
    ...(security?.capabilitiesAdd ? { CapAdd: [...security.capabilitiesAdd] } : {}),
    ...(security?.capabilitiesDrop ? { CapDrop: [...security.capabilitiesDrop] } : {}),
    ...(security?.supplementalGroups ? { GroupAdd: security.supplementalGroups.map(String) } : {}),
    ...securityOptions(security),
    ...(security?.unmaskedProc ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
    LogConfig: { Type: "json-file", Config: logLimits },
    RestartPolicy: { Name: "no" },
  };
}

const networkFiles = ({ networkFiles: folder }: SandboxPlace, { mounts }: ContainerSpec): readonly Mount[] =>
  folder === undefined ? [] : networkMounts(folder, mounts);

function securityOptions(security: ContainerSpec["security"]): Pick<HostConfig, "SecurityOpt"> {
  const options = [
    ...(security?.noNewPrivileges ? ["no-new-privileges"] : []),
    ...(security?.unconfined ? ["seccomp=unconfined"] : []),
  ];
  return options.length > 0 ? { SecurityOpt: options } : {};
}

function pidMode(processes: NonNullable<ContainerSpec["processes"]>, sandbox: SandboxPlace): string {
  if (processes === "host") return "host";
  return `container:${processes === "pod" ? sandbox.id : processes.of}`;
}

const bindMount = (mount: ContainerSpec["mounts"][number]): MountSettings => ({
  Type: mount.engineVolume === undefined ? "bind" : "volume",
  Source: mount.engineVolume ?? mount.hostPath,
  Target: mount.containerPath,
  ReadOnly: mount.readOnly,
});
