// Readings of a pod's state that both decisions and status stand on: what is done, what waits, what is final.

import type { Container, Pod } from "../../protocol/mod.ts";
import { isExited } from "./container-memory.ts";
import {
  allContainers,
  type ContainerMemory,
  initContainers,
  isEphemeral,
  mainContainers,
  type PodState,
  restartPolicy,
} from "./pod-state.ts";
import { hasStarted } from "./probes.ts";
import { backOff, type PodTiming } from "./timing.ts";

export const memoryOf = (state: PodState, name: string): ContainerMemory | undefined =>
  state.containers[name];

/** An init container with `restartPolicy: Always` runs beside the main ones (a Kubernetes sidecar). */
export const isSidecar = (container: Container): boolean => container.restartPolicy === "Always";

export const isRunning = (memory: ContainerMemory | undefined): boolean =>
  memory?.current?.state === "running" || memory?.current?.state === "unknown";

/** Does the restart policy want another attempt after this one's end? Not yet ended counts as no. */
export function wantsRestart(pod: Pod, container: Container, memory: ContainerMemory | undefined): boolean {
  if (!memory || !isExited(memory.current)) return false;
  if (isSidecar(container)) return true;
  if (isEphemeral(pod, container.name)) return false;
  const policy = restartPolicy(pod);
  const failed = memory.current?.exitCode !== 0 || memory.killing?.restart === true;
  if (policy === "Never") return false;
  // An init container that succeeded has done its work under every policy.
  if (policy === "OnFailure" || memory.init) return failed;
  return true;
}

/** Earliest time of the next attempt, ms since 1970. */
export function restartAt(memory: ContainerMemory, timing: PodTiming): number {
  if (memory.problem) return memory.problem.retryAt;
  const ended = memory.current?.finishedAt;
  if (ended === undefined || memory.crashes === 0) return 0;
  return ended + restartDelay(memory, timing);
}
export const restartDelay = (memory: ContainerMemory, timing: PodTiming): number =>
  memory.crashes === 0 ? 0 : backOff(timing.restartInitialMs, timing.restartMaxMs, memory.crashes);

/** Attempt number of the next container of this name. */
export function nextAttempt(memory: ContainerMemory): number {
  const { current } = memory;
  if (!current) return memory.restarts;
  return current.state === "created" ? current.attempt : current.attempt + 1;
}

/** The first init container that still has work to do in the present sandbox; undefined when all are done. */
export function pendingInit(state: PodState): Container | undefined {
  if (mainContainers(state.pod).some(({ name }) => inSandbox(state, name))) return undefined;
  return initContainers(state.pod).find((container) => !initDone(state, container));
}
function initDone(state: PodState, container: Container): boolean {
  const memory = memoryOf(state, container.name);
  if (!memory?.current) return false;
  if (isSidecar(container))
    return inSandbox(state, container.name) && isRunning(memory) && hasStarted(memory.probes);
  return inSandbox(state, container.name) && isExited(memory.current) && memory.current.exitCode === 0;
}
function inSandbox(state: PodState, name: string): boolean {
  const sandbox = memoryOf(state, name)?.current?.sandbox;
  return sandbox !== undefined && sandbox === state.sandbox.id;
}

/** How the pod has ended for good; undefined while something runs or will run. */
export function finalPhase(state: PodState): "Succeeded" | "Failed" | undefined {
  const { pod } = state;
  if (state.ended) return state.ended.phase;
  if (!state.observed) return undefined;
  const deadInit = initContainers(pod).some((container) => {
    const memory = memoryOf(state, container.name);
    const failed = isExited(memory?.current) && memory?.current?.exitCode !== 0;
    return failed && !isSidecar(container) && !wantsRestart(pod, container, memory);
  });
  const mains = mainContainers(pod).map((container) => ({
    container,
    memory: memoryOf(state, container.name),
  }));
  if (deadInit && !mains.some(({ memory }) => isRunning(memory))) return "Failed";
  if (mains.length === 0) return undefined;
  const over = mains.every(
    ({ container, memory }) => isExited(memory?.current) && !wantsRestart(pod, container, memory),
  );
  if (!over) return undefined;
  return mains.every(({ memory }) => memory?.current?.exitCode === 0) ? "Succeeded" : "Failed";
}

export const anyRunning = (state: PodState): boolean =>
  allContainers(state.pod).some(({ name }) => isRunning(memoryOf(state, name)));

/** A container's last words are about to be read: the log takes the end of a pod once, so they go with it. */
export const awaitsEnd = (state: PodState): boolean =>
  allContainers(state.pod).some(({ name, terminationMessagePath }) => {
    const { current, endRead } = memoryOf(state, name) ?? {};
    return Boolean(terminationMessagePath && current?.id) && isExited(current) && endRead !== current?.id;
  });
