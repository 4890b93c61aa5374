// The container runtime interface, after the CRI's verbs. Knows nothing of Docker or of processes.
// Every driver passes contract.ts. A driver touches only what it made (its own labels or directory).

import type { Uid } from "../../protocol/mod.ts";

export type SandboxId = string & { readonly __sandbox: never };
export type ContainerId = string & { readonly __container: never };

/** Code of a runtime failure; the pod's state machine decides by it. */
export type RuntimeErrorCode =
  | "NotFound"
  | "AlreadyExists"
  /** Pull policy Never and the image is not here. */
  | "ErrImageNeverPull"
  | "ErrImagePull"
  | "InvalidImageName"
  /** The command does not exist or may not be executed, a mount is wrong, ... : starting again may not help. */
  | "CreateContainerConfigError"
  | "RunContainerError"
  /** The engine does not answer. */
  | "Unavailable"
  | "Timeout"
  | "Unsupported";

export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;
  constructor(code: RuntimeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RuntimeError";
    this.code = code;
  }
}

export interface RuntimeInfo {
  readonly name: "docker" | "process" | "simulated";
  readonly version: string;
  /** Versions of parts (containerd, runc, kernel) for `berth status`. */
  readonly details: Readonly<Record<string, string>>;
  /** What the host offers to pods. */
  readonly capacity: { readonly cpuMilli: number; readonly memoryBytes: number };
  /** "loopback": pods get addresses of their own in 127.0.0.0/8; "bridge": in the runtime's own network. */
  readonly addressing: "loopback" | "bridge";
  /** Where pods reach this host, in a network of the runtime's own. */
  readonly gateway?: string;
  /** Where it keeps images and what containers write; absent where it keeps none. */
  readonly root?: string;
}

/** Whose things these are; stands in labels (or in the directory) of everything a driver makes. */
export interface PodIdentity {
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: Uid;
}

export interface PortMapping {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp?: string;
  readonly protocol: "TCP" | "UDP";
}

export interface SandboxSpec {
  readonly pod: PodIdentity;
  /** Counts how often this pod's sandbox was made anew. */
  readonly attempt: number;
  readonly hostname: string;
  readonly hostNetwork: boolean;
  readonly hostPorts: readonly PortMapping[];
  /** Address to use where the agent assigns addresses (addressing "loopback"); drivers with a network of their own ignore it. */
  readonly address?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly logDirectory: string;
  /** A folder of the pod on this host for what its network needs; a driver that needs none ignores it. */
  readonly networkDirectory?: string;
  readonly dns?: {
    readonly servers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly string[];
  };
  /** Further lines of the pod's hosts file, where the runtime gives it one. */
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  /** The pod's own domain: with it, its hosts file has its full name. */
  readonly domain?: string;
  readonly hostPid?: boolean;
  /** Containers of the pod share the sandbox's process namespace. */
  readonly sharedProcesses?: boolean;
  readonly hostIpc?: boolean;
  /** Kernel settings of the pod's own namespaces. */
  readonly sysctls?: Readonly<Record<string, string>>;
}

export interface SandboxState {
  readonly id: SandboxId;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly ready: boolean;
  /** Empty until it has one. */
  readonly ip: string;
  readonly createdAt: number;
}

export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readOnly: boolean;
  /** A volume of the engine's own, mounted instead of the host path. */
  readonly engineVolume?: string;
}

/** Volumes that the container engine keeps, made by its volume drivers. */
export interface EngineVolumes {
  /** Idempotent. Rejects when data was there once (`begun`) and the engine has no such volume. */
  ensure(volume: {
    readonly handle: string;
    readonly driver: string;
    readonly options: Readonly<Record<string, string>>;
    readonly begun: boolean;
  }): Promise<{ readonly hostPath: string; readonly engineVolume?: string }>;
  /** Nothing there is fine; a volume that is not this cluster's and node's is not touched. */
  remove(handle: string): Promise<void>;
}

export interface ContainerSpec {
  readonly name: string;
  /** Counts restarts of this container in this pod; name and attempt identify it. */
  readonly attempt: number;
  readonly image: string;
  /** Replaces the image's entrypoint; empty means the image's. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDirectory?: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly resources: {
    readonly cpuRequestMilli?: number;
    readonly cpuLimitMilli?: number;
    readonly memoryLimitBytes?: number;
  };
  readonly tty: boolean;
  readonly stdin: boolean;
  /** Its input ends with the first one who was attached to it. */
  readonly stdinOnce?: boolean;
  readonly security?: {
    readonly user?: number;
    /** No user was asked for: the image's must not be root, or the container is not made. */
    readonly nonRoot?: boolean;
    readonly group?: number;
    readonly privileged?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilitiesAdd?: readonly string[];
    readonly capabilitiesDrop?: readonly string[];
    readonly supplementalGroups?: readonly number[];
    readonly noNewPrivileges?: boolean;
    /** Without the engine's filter of system calls. */
    readonly unconfined?: boolean;
    /** With the parts of /proc that are hidden by default. */
    readonly unmaskedProc?: boolean;
  };
  /** Process namespace: of the pod, of the host, or (absent) its own. Host processes are all in the host's. */
  readonly processes?: "pod" | "host" | { readonly of: ContainerId };
  readonly hostIpc?: boolean;
  /** SIGTERM by default. */
  readonly stopSignal?: string;
}

export interface ContainerStatusInfo {
  readonly id: ContainerId;
  readonly sandbox: SandboxId;
  readonly pod: Uid;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  readonly imageId: string;
  readonly state: "created" | "running" | "exited" | "unknown";
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode?: number;
  readonly signal?: number;
  /** "OOMKilled", "Completed", "Error", or the runtime's word. */
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerUsage {
  /** CPU time since the container's start. */
  readonly cpuMs: number;
  /** Without pages of files that can be dropped at any time. */
  readonly memoryBytes: number;
  /** Where that is known at no cost. */
  readonly processes?: number;
}

/** Something changed at a container or sandbox; the receiver looks at the state, it trusts no event's content. */
export interface RuntimeEvent {
  readonly type: "container-changed" | "sandbox-changed" | "resync";
  readonly pod?: Uid;
  readonly container?: ContainerId;
}

export interface ExecSession {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  write(data: Uint8Array): Promise<void>;
  endInput(): void;
  resize(columns: number, rows: number): Promise<void>;
  readonly exitCode: Promise<number>;
  /** Ends the session; kills the command where the runtime can. */
  close(): void;
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Also what it has written so far. */
  readonly replay: boolean;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly tailLines?: number;
  readonly sinceMs?: number;
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
}
export interface LogLine {
  readonly at: number;
  readonly stream: "stdout" | "stderr";
  /** Without its newline. */
  readonly text: Uint8Array;
  /** No newline stood behind it: it was cut (16 KiB) and goes on in the next one of its stream, or it is the last. */
  readonly partial?: boolean;
}

export interface PathInfo {
  readonly type: "file" | "directory" | "symlink" | "other";
  readonly sizeBytes: number;
}

/** Never in a log line or an error. */
export interface RegistryCredentials {
  readonly server: string;
  readonly username?: string;
  readonly password?: string;
  /** In place of a password, where the registry gave one out. */
  readonly identityToken?: string;
}

export interface ImageInfo {
  readonly reference: string;
  readonly id: string;
  readonly sizeBytes: number;
}

/** Ends pods past the agent, which may not be there: for the guard of leases. */
export interface Fence {
  /** The stop signal to every container of the pod; resolves when it was sent. */
  stop(pod: Uid): Promise<void>;
  /** SIGKILL to all of them, and nothing starts any more in the sandboxes that it has. Done already is fine. */
  kill(pod: Uid): Promise<void>;
}
/** What another program needs to make the fence of this runtime and node (fence.ts). */
export type FenceAddress =
  | {
      readonly type: "docker";
      readonly cluster: string;
      readonly node: string;
      readonly host?: string;
      readonly socketPath?: string;
    }
  | { readonly type: "process"; readonly cluster: string; readonly node: string; readonly directory: string }
  /** Its guard is on the same virtual time, and no program. */
  | { readonly type: "simulated" };
export interface StoredImage {
  readonly id: string;
  /** Names that lead to it: `web:1`, `web@sha256:…`. */
  readonly references: readonly string[];
  readonly sizeBytes: number;
}

export interface ContainerRuntime {
  /** Absent where nobody but the agent reaches the containers: no pod with a lease can run there. */
  readonly fence?: FenceAddress;
  info(): Promise<RuntimeInfo>;
  /** Absent where there is no engine that keeps volumes. */
  readonly volumes?: EngineVolumes;

  /** Idempotent by (pod uid, attempt): an existing one is answered. */
  runSandbox(spec: SandboxSpec): Promise<SandboxState>;
  /** Kills what is left in it; done already is fine. */
  stopSandbox(id: SandboxId): Promise<void>;
  /** With all that is in it, killed if it still runs; gone already is fine. */
  removeSandbox(id: SandboxId): Promise<void>;
  /** Everything of this cluster and node, whoever made it (a former agent too); of one pod alone where it is named. */
  listSandboxes(pod?: Uid): Promise<readonly SandboxState[]>;

  /** Idempotent by (sandbox, name, attempt). */
  createContainer(sandbox: SandboxId, spec: ContainerSpec): Promise<ContainerId>;
  startContainer(id: ContainerId): Promise<void>;
  /** Stop signal, then SIGKILL after `graceMs`; resolves when it has exited. */
  stopContainer(id: ContainerId, graceMs: number): Promise<void>;
  removeContainer(id: ContainerId): Promise<void>;
  /** As with sandboxes. */
  listContainers(pod?: Uid): Promise<readonly ContainerStatusInfo[]>;
  inspectContainer(id: ContainerId): Promise<ContainerStatusInfo | undefined>;

  /** Calls `listener` on every change, and "resync" after a gap; returns the end of listening. */
  onEvent(listener: (event: RuntimeEvent) => void): () => void;

  exec(
    id: ContainerId,
    options: { readonly command: readonly string[]; readonly stdin: boolean; readonly tty: boolean },
  ): Promise<ExecSession>;
  /** For probes and hooks: output is cut at 10 KiB; rejects with Timeout. */
  execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number; readonly output: string }>;
  /** Joins the main process: its output, and its input where the container was made with one. */
  attach(id: ContainerId, options: AttachOptions): Promise<ExecSession>;
  logs(id: ContainerId, options: LogOptions): AsyncIterable<LogLine>;

  /** What stands at a path of the container's file system; undefined for nothing. Needs no program in the container. */
  pathInfo(id: ContainerId, path: string): Promise<PathInfo | undefined>;
  /** A tar whose first entry is what stands at the path, under its own name. Rejects with NotFound. */
  readArchive(id: ContainerId, path: string): AsyncIterable<Uint8Array>;
  /** Unpacks a tar into a directory that is there; never outside of the container. */
  writeArchive(id: ContainerId, directory: string, archive: AsyncIterable<Uint8Array>): Promise<void>;

  imagePresent(reference: string): Promise<ImageInfo | undefined>;
  /** With `credentials` where the registry wants to know who asks. */
  pullImage(reference: string, credentials?: RegistryCredentials): Promise<ImageInfo>;

  /** Every image here, whoever brought it; none where a runtime has no images. */
  listImages(): Promise<readonly StoredImage[]>;
  /** By id. False when some container, of whomever, needs it: then it stays. One that is gone already is fine. */
  removeImage(id: string): Promise<boolean>;

  /** Bytes on disk that a container wrote outside of its volumes; 0 where it can't, or is gone. */
  writtenBytes(id: ContainerId): Promise<number>;
  /** Undefined when it does not run. Cheap: it is asked for every container, again and again. */
  usage(id: ContainerId): Promise<ContainerUsage | undefined>;

  /** Lets go of connections and watchers; containers run on. */
  close(): Promise<void>;
}
