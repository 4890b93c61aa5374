// What a pod's actor knows: wanted and observed state, and the memory between them. Plain data.
// Changed by evolve.ts alone; read by decide.ts and status.ts.

import type {
  ConfigReference,
  Container,
  ContainerStatus,
  EphemeralContainer,
  Pod,
  PodCondition,
  PodStatus,
  Uid,
} from "../../protocol/mod.ts";
import type { ContainerId, ContainerStatusInfo, SandboxId } from "../runtime/runtime.ts";
import type { ProbeKind, ProbeState } from "./probes.ts";

/**
 * What waits for the leader's word: everything, and the agent only adopts; or, while it goes on by its record, those
 * that must run at most once and of which its engine has nothing. The record may be older than their end, which the
 * leader was told of: a disk can come back from a backup.
 */
export type Hold = "all" | "unknown-identities" | "none";

export interface PodState {
  readonly uid: Uid;
  readonly pod: Pod;
  /** Config maps and secrets that it uses, and where each stands. */
  readonly configs?: readonly ConfigReference[];
  /** Wanted to end, since when and how patiently. */
  readonly stop?: PodStop;
  readonly held: Hold;
  /** It has no lease, and needs one: nothing may be started. */
  readonly unleased: boolean;
  /** The runtime has been looked at once, so absence means absence. */
  readonly observed: boolean;
  /** `status.startTime`, ms since 1970. */
  readonly startedAt: number;
  readonly volumesReady: boolean;
  /** What the files of its volumes show (filesVersion). */
  readonly filesVersion: string;
  /** When its volumes were last measured, ms since 1970. */
  readonly measuredAt: number;
  readonly sandbox: SandboxMemory;
  /** Other sandboxes of this pod, older or made late, that have to go. */
  readonly staleSandboxes: readonly SandboxId[];
  /** By container name; init containers too (names are unique in a pod). */
  readonly containers: Readonly<Record<string, ContainerMemory>>;
  /** Containers of older attempts that nobody asks for any more. */
  readonly garbage: readonly ContainerId[];
  /** Keys of actions that are being done. */
  readonly busy: ReadonlySet<string>;
  /** Failed actions by key: when to try again. */
  readonly retries: Readonly<Record<string, Retry>>;
  /** The pod ended for good before this agent saw it, or for a reason of its own (a deadline). */
  readonly ended?: {
    readonly phase: "Succeeded" | "Failed";
    readonly reason?: string;
    readonly message?: string;
    /** What its containers get to end, when that is not their own. */
    readonly graceSeconds?: number;
  };
  /** Its volumes are removed although it is there still: it was evicted. */
  readonly volumesDropped?: true;
  /** Why it is not taken, if the first look shows that it is new. */
  readonly refusal?: string;
  /** Everything of it is removed. */
  readonly gone: boolean;
  /** Last conditions, for their transition times. */
  readonly conditions: readonly PodCondition[];
  /** What the log last knew of it: all that is left of what an engine has forgotten. */
  readonly recorded: PodStatus;
}

export interface PodStop {
  readonly graceSeconds: number;
  readonly reason: string;
  readonly since: number;
}

export interface Retry {
  readonly failures: number;
  readonly at: number;
  readonly message: string;
}

export interface SandboxMemory {
  readonly id?: SandboxId;
  /** The highest there has been: the next one made is above it. */
  readonly attempt: number;
  readonly ready: boolean;
  readonly ip: string;
  /** Monotonic time of the newest knowledge; older observations are ignored. */
  readonly asOf: number;
}

/** Why a container could not be started, in the words of a waiting state. */
export interface Problem {
  readonly kind: "image" | "config" | "runtime";
  readonly reason: string;
  readonly message: string;
  readonly failures: number;
  readonly retryAt: number;
}

export interface ContainerMemory {
  readonly name: string;
  readonly init: boolean;
  readonly current?: ContainerStatusInfo;
  readonly previous?: ContainerStatusInfo;
  readonly asOf: number;
  /** Restarts known from the record when the runtime has forgotten the container. */
  readonly restarts: number;
  /** Crashes since the back-off began; 0 restarts at once. */
  readonly crashes: number;
  readonly problem?: Problem;
  /** A start failed at this monotonic time and may have taken effect all the same: only a later look tells. */
  readonly doubtSince?: number;
  /** A stop signal is out: SIGKILL follows at `deadline`. `restart` is for failed probes. */
  readonly killing?: { readonly deadline: number; readonly message: string; readonly restart: boolean };
  /**
   * From when its grace counts, where the engine did not take the first signal: ms since 1970, or from the next try
   * while it has taken none.
   */
  readonly graceFrom?: number | "next-try";
  readonly probes: Readonly<Partial<Record<ProbeKind, ProbeState>>>;
  /** The ended container whose last words have been read. */
  readonly endRead?: ContainerId;
  /** The ended container that the runtime has no more, although its pod is there: the disk was full. */
  readonly removed?: ContainerId;
}

export const initContainers = (pod: Pod): readonly Container[] => pod.spec?.initContainers ?? [];
export const mainContainers = (pod: Pod): readonly Container[] => pod.spec?.containers ?? [];
/** Added while the pod runs; each runs once. */
export const ephemeralContainers = (pod: Pod): readonly EphemeralContainer[] =>
  pod.spec?.ephemeralContainers ?? [];
export const allContainers = (pod: Pod): readonly Container[] => [
  ...initContainers(pod),
  ...mainContainers(pod),
  ...ephemeralContainers(pod),
];
export const isEphemeral = (pod: Pod, name: string): boolean =>
  ephemeralContainers(pod).some((container) => container.name === name);

/** Of all lists. */
export const recordedStatuses = (status: PodStatus): readonly ContainerStatus[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
  ...(status.ephemeralContainerStatuses ?? []),
];

export const withContainer = (state: PodState, memory: ContainerMemory): PodState => ({
  ...state,
  containers: { ...state.containers, [memory.name]: memory },
});

export const freshMemory = (name: string, init: boolean, restarts: number): ContainerMemory => ({
  name,
  init,
  asOf: -1,
  restarts,
  crashes: restarts,
  probes: {},
});
export const restartPolicy = (pod: Pod): "Always" | "OnFailure" | "Never" =>
  pod.spec?.restartPolicy ?? "Always";

export function initialPodState(options: {
  readonly uid: Uid;
  readonly pod: Pod;
  readonly held: Hold;
  readonly unleased?: boolean;
  readonly now: number;
  readonly configs?: readonly ConfigReference[] | undefined;
}): PodState {
  const { uid, pod, held, unleased = false, now, configs } = options;
  const recorded = pod.status ?? {};
  const containers: Record<string, ContainerMemory> = {};
  const statuses = recordedStatuses(recorded);
  const initNames = new Set(initContainers(pod).map((container) => container.name));
  for (const { name } of allContainers(pod)) {
    const restarts = statuses.find((status) => status.name === name)?.restartCount ?? 0;
    containers[name] = freshMemory(name, initNames.has(name), restarts);
  }
  const phase = recorded.phase;
  return {
    uid,
    pod,
    held,
    unleased,
    observed: false,
    startedAt: recorded.startTime === undefined ? now : Date.parse(recorded.startTime),
    ...(configs && { configs }),
    volumesReady: false,
    filesVersion: "",
    measuredAt: now,
    sandbox: { attempt: -1, ready: false, ip: "", asOf: -1 },
    staleSandboxes: [],
    containers,
    garbage: [],
    busy: new Set(),
    retries: {},
    ...((phase === "Succeeded" || phase === "Failed") && {
      ended: {
        phase,
        ...(recorded.reason !== undefined && { reason: recorded.reason }),
        ...(recorded.message !== undefined && { message: recorded.message }),
      },
    }),
    gone: false,
    conditions: recorded.conditions ?? [],
    recorded,
  };
}
