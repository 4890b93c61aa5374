// How what is known of one container changes with what the runtime shows of it. Pure.

import type { Container, ContainerStatus, PodStatus, Uid } from "../../protocol/mod.ts";
import type { ContainerId, ContainerStatusInfo, SandboxId } from "../runtime/runtime.ts";
import { type ContainerMemory, recordedStatuses } from "./pod-state.ts";
import { freshProbes } from "./probes.ts";
import type { PodTiming } from "./timing.ts";

/** Exit code of a container whose end nobody saw (Kubernetes: 128 + SIGKILL). */
const unseenExitCode = 137;
/** Exit code of a container that could not be started (Kubernetes' StartError). */
const startErrorExitCode = 128;
const noSandbox = "" as SandboxId;

export const isExited = (info: ContainerStatusInfo | undefined): boolean => info?.state === "exited";

interface Sighting {
  readonly info: ContainerStatusInfo;
  readonly asOf: number;
  readonly spec: Container;
  readonly recorded: PodStatus;
  readonly timing: PodTiming;
}

/** Takes in one look at this container's newest attempt. Older looks, and steps back in its life, are ignored. */
export function sight(memory: ContainerMemory, sighting: Sighting): ContainerMemory {
  const { info, asOf, spec, recorded, timing } = sighting;
  const { current } = memory;
  if (current && info.attempt < current.attempt) return memory;
  // An end is final, however late the look at it comes in.
  const late = asOf < memory.asOf && info.state !== "exited";
  if (current?.id === info.id && (late || isExited(current))) return memory;
  const isNew = current?.id !== info.id;
  // What was to end is over: a start whose answer was lost came after it.
  const { killing: _over, graceFrom: _former, ...successor } = memory;
  const next: ContainerMemory = {
    ...(isNew ? successor : memory),
    current: info,
    asOf,
    restarts: Math.max(memory.restarts, info.attempt),
    // Whoever made it, also an agent before this one.
    crashes: crashesWith(memory, isNew),
    ...(isNew && current && { previous: current }),
  };
  if (info.state !== "running" && info.state !== "exited") return next;
  // It has begun although its start failed: what follows from its end is no retry of that.
  const { problem: _solved, ...running } = next;
  if (info.state === "exited") return ended(running, info, timing);
  const known = memory.probes;
  const tracked = Object.values(known).some((probe) => probe.container === info.id);
  if (tracked) return running;
  return { ...running, probes: freshProbes(spec, info, knownReadiness(recorded, info)) };
}

/** What follows an end counts as one more restart. */
const crashesWith = ({ crashes, current }: ContainerMemory, isNew: boolean): number =>
  isNew && isExited(current) ? crashes + 1 : crashes;

function ended(memory: ContainerMemory, info: ContainerStatusInfo, timing: PodTiming): ContainerMemory {
  const ranMs = (info.finishedAt ?? 0) - (info.startedAt ?? info.finishedAt ?? 0);
  // Why it was killed is remembered with its end: the next attempt starts without it.
  const message = info.message || memory.killing?.message;
  const current = { ...info, ...(message && { message }) };
  return { ...memory, current, probes: {}, ...(ranMs >= timing.restartResetMs && { crashes: 0 }) };
}

/** An adopted container goes on as the log knew it: nothing flaps while its probes start over. */
function knownReadiness(
  recorded: PodStatus,
  info: ContainerStatusInfo,
): { started: boolean; ready: boolean } {
  const statuses = recordedStatuses(recorded);
  const status = statuses.find((candidate) => bareId(candidate.containerID) === info.id);
  return { started: status?.started === true, ready: status?.ready === true };
}

/** It is not there any more although nobody was seen stopping it. */
export function vanish(memory: ContainerMemory, asOf: number, now: number): ContainerMemory {
  const { current } = memory;
  if (!current || isExited(current) || asOf <= memory.asOf) return memory;
  return {
    ...memory,
    asOf,
    probes: {},
    current: {
      ...current,
      state: "exited",
      exitCode: unseenExitCode,
      finishedAt: now,
      reason: "ContainerStatusUnknown",
      message: "The container could not be located when its end was looked for",
    },
  };
}

/** The runtime made it but could not run it: it counts as an attempt that ended. */
export function failedStart(memory: ContainerMemory, options: FailedStart): ContainerMemory {
  const { pod, attempt, sandbox, image, message, now, asOf } = options;
  const { problem: _solved, killing: _over, ...rest } = memory;
  const { current } = memory;
  const same = current?.attempt === attempt ? current : undefined;
  return {
    ...rest,
    asOf,
    probes: {},
    restarts: Math.max(memory.restarts, attempt),
    crashes: crashesWith(memory, !same),
    ...(current && !same && { previous: current }),
    current: {
      id: same?.id ?? ("" as ContainerId),
      sandbox,
      pod,
      name: memory.name,
      attempt,
      image,
      imageId: "",
      createdAt: now,
      state: "exited",
      exitCode: startErrorExitCode,
      finishedAt: now,
      reason: "StartError",
      message,
    },
  };
}
interface FailedStart {
  readonly pod: Uid;
  readonly attempt: number;
  readonly sandbox: SandboxId;
  readonly image: string;
  readonly message: string;
  readonly now: number;
  readonly asOf: number;
}

/** What the record says of a container that the runtime has forgotten (the host was restarted, or it was pruned). */
export function fromRecord(
  memory: ContainerMemory,
  options: { readonly pod: Uid; readonly recorded: PodStatus; readonly now: number },
): ContainerMemory {
  const { pod, recorded, now } = options;
  const statuses = recordedStatuses(recorded);
  const status = statuses.find((candidate) => candidate.name === memory.name);
  const id = bareId(status?.containerID);
  if (!status || id === undefined) return memory;
  return { ...memory, current: recordedInfo({ status, id, pod, now }) };
}

function recordedInfo(options: {
  readonly status: ContainerStatus;
  readonly id: string;
  readonly pod: Uid;
  readonly now: number;
}): ContainerStatusInfo {
  const { status, id, pod, now } = options;
  // A restart that waits shows the end of its attempt as the last state.
  const terminated =
    status.state?.terminated ?? (status.state?.running ? undefined : status.lastState?.terminated);
  const startedAt = terminated?.startedAt ?? status.state?.running?.startedAt;
  const message =
    terminated?.message ??
    (terminated ? undefined : "The container could not be located after its host was away");
  return {
    id: id as ContainerId,
    sandbox: noSandbox,
    pod,
    name: status.name,
    attempt: status.restartCount,
    image: status.image,
    imageId: status.imageID,
    state: "exited",
    createdAt: startedAt === undefined ? now : Date.parse(startedAt),
    ...(startedAt !== undefined && { startedAt: Date.parse(startedAt) }),
    finishedAt: terminated?.finishedAt === undefined ? now : Date.parse(terminated.finishedAt),
    exitCode: terminated?.exitCode ?? unseenExitCode,
    reason: terminated?.reason ?? "ContainerStatusUnknown",
    ...(message !== undefined && { message }),
  };
}

/** `docker://abc` -> `abc`. */
function bareId(containerId: string | undefined): string | undefined {
  const at = containerId?.indexOf("://") ?? -1;
  const id = at < 0 ? containerId : containerId?.slice(at + 3);
  return id === "" ? undefined : id;
}
