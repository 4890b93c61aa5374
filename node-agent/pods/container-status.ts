// One container's status in the kubelet's words. Pure.

import type { Container, ContainerState, ContainerStatus } from "../../protocol/mod.ts";
import type { ContainerStatusInfo } from "../runtime/runtime.ts";
import { isExited } from "./container-memory.ts";
import { isSidecar, pendingInit, restartDelay, wantsRestart } from "./lifecycle.ts";
import {
  type ContainerMemory,
  initContainers,
  isEphemeral,
  type PodState,
  type Problem,
} from "./pod-state.ts";
import { hasStarted, isReady } from "./probes.ts";
import { timestamp } from "./timestamp.ts";
import type { PodTiming } from "./timing.ts";

export interface StatusContext {
  readonly hostIp: string;
  /** Scheme of container ids: `docker`, `process`. */
  readonly runtime: string;
  readonly timing: PodTiming;
  /** ms since 1970. */
  readonly now: number;
}

export function containerStatus(
  state: PodState,
  container: Container,
  context: StatusContext,
): ContainerStatus {
  const { name } = container;
  const memory = state.containers[name];
  const current = memory?.current;
  const running = current?.state === "running" && !isInPostStart(state, container);
  const ephemeral = isEphemeral(state.pod, name);
  const ready =
    !ephemeral &&
    !isInPostStart(state, container) &&
    memory !== undefined &&
    containerReady(container, memory);
  const containerState = presentState(state, container, context);
  const last = lastState(container, memory, containerState, context);
  return {
    name,
    image: current?.image || (container.image ?? ""),
    imageID: current?.imageId ?? "",
    ...(current && current.id !== "" && { containerID: `${context.runtime}://${current.id}` }),
    restartCount: Math.max(memory?.restarts ?? 0, current?.attempt ?? 0),
    ready,
    started: running && memory !== undefined && hasStarted(memory.probes),
    state: containerState,
    ...(last && { lastState: last }),
  };
}

/** It counts as started when its postStart has ended. */
const isInPostStart = (state: PodState, { name, lifecycle }: Container): boolean =>
  lifecycle?.postStart !== undefined && state.busy.has(`start-container/${name}`);

/** Init containers are ready when done, sidecars and main ones when their probes say so. */
function containerReady(container: Container, memory: ContainerMemory): boolean {
  const { current } = memory;
  if (memory.init && !isSidecar(container)) return isExited(current) && current?.exitCode === 0;
  return current?.state === "running" && isReady(memory.probes);
}

function presentState(state: PodState, container: Container, context: StatusContext): ContainerState {
  const memory = state.containers[container.name];
  const current = memory?.current;
  if (memory?.problem && !state.stop) return { waiting: problemWords(container, memory.problem) };
  if (!memory || !current || current.state === "created") return { waiting: notStarted(state, container) };
  if (current.state === "running") {
    if (isInPostStart(state, container)) return { waiting: { reason: "ContainerCreating" } };
    const startedAt = timestamp(current.startedAt ?? current.createdAt);
    return { running: { startedAt } };
  }
  if (current.state === "unknown") {
    return { waiting: { reason: "ContainerStatusUnknown", message: "the runtime does not know its state" } };
  }
  if (!state.stop && !state.ended && wantsRestart(state.pod, container, memory)) {
    const delay = restartDelay(memory, context.timing);
    const starting = state.busy.has(`start-container/${container.name}`);
    if (delay > 0 && !starting) return { waiting: crashLoop(state, container, delay) };
    if (starting) return { waiting: { reason: "ContainerCreating" } };
  }
  return { terminated: terminatedState(container, current, context) };
}

function notStarted(state: PodState, container: Container): { reason: string; message?: string } {
  if (isEphemeral(state.pod, container.name)) return { reason: "ContainerCreating" };
  const initialising = !state.containers[container.name]?.init && pendingInit(state) !== undefined;
  const reason =
    initialising && initContainers(state.pod).length > 0 ? "PodInitializing" : "ContainerCreating";
  return { reason };
}

function crashLoop(
  state: PodState,
  container: Container,
  delayMs: number,
): { reason: string; message: string } {
  const { name, namespace } = state.pod.metadata ?? {};
  const pod = `${name ?? ""}_${namespace ?? ""}(${state.uid})`;
  const wait = spanText(delayMs);
  return {
    reason: "CrashLoopBackOff",
    message: `back-off ${wait} restarting failed container=${container.name} pod=${pod}`,
  };
}
/** As Go prints durations: 10s, 1m20s, 5m0s. */
function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function problemWords(container: Container, problem: Problem): { reason: string; message: string } {
  const image = container.image ?? "";
  if (problem.kind === "runtime") return { reason: "ContainerCreating", message: problem.message };
  // One failure may be chance: its own words first, then the back-off that the following tries are in.
  if (problem.reason === "ErrImagePull" && problem.failures > 1) {
    return { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}": ${problem.message}` };
  }
  if (problem.reason === "Unsupported" || problem.reason === "AlreadyExists") {
    return { reason: "CreateContainerConfigError", message: problem.message };
  }
  return { reason: problem.reason, message: problem.message };
}

function lastState(
  container: Container,
  memory: ContainerMemory | undefined,
  present: ContainerState,
  context: StatusContext,
): ContainerState | undefined {
  if (!memory) return undefined;
  const { current, previous } = memory;
  const ended = present.waiting && isExited(current) ? current : previous;
  if (!ended || !isExited(ended)) return undefined;
  return { terminated: terminatedState(container, ended, context) };
}

function terminatedState(
  container: Container,
  info: ContainerStatusInfo,
  context: StatusContext,
): NonNullable<ContainerState["terminated"]> {
  const exitCode = info.exitCode ?? 0;
  const message = info.message || memoryWords(container, info);
  return {
    exitCode,
    reason: info.reason || (exitCode === 0 ? "Completed" : "Error"),
    ...(info.signal !== undefined && info.signal !== 0 && { signal: info.signal }),
    ...(message && { message }),
    ...(info.startedAt !== undefined && { startedAt: timestamp(info.startedAt) }),
    ...(info.finishedAt !== undefined && { finishedAt: timestamp(info.finishedAt) }),
    ...(info.id !== "" && { containerID: `${context.runtime}://${info.id}` }),
  };
}

/** The limit that it ran into, when it could say no last words itself. */
function memoryWords({ resources }: Container, { reason }: ContainerStatusInfo): string | undefined {
  const limit = resources?.limits?.["memory"];
  return reason === "OOMKilled" && limit !== undefined
    ? `it took more memory than its limit of ${limit}`
    : undefined;
}
