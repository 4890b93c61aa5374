// A pod's status as Kubernetes shows it, computed from its state alone. Pure: the same state gives the same status,
// so an unchanged pod is never reported twice.

import { type PodStatus, qosClassOf } from "../../protocol/mod.ts";
import { podConditions } from "./conditions.ts";
import { containerStatus, type StatusContext } from "./container-status.ts";
import { isExited } from "./container-memory.ts";
import { finalPhase, isRunning, isSidecar, memoryOf, pendingInit } from "./lifecycle.ts";
import { ephemeralContainers, initContainers, mainContainers, type PodState } from "./pod-state.ts";
import { timestamp } from "./timestamp.ts";

export function podStatus(state: PodState, context: StatusContext): PodStatus {
  const { pod, recorded } = state;
  const phase = podPhase(state);
  // A pod that ended before this agent saw it, and left nothing to look at: what the log says of it stands.
  const forgotten =
    state.ended && Object.values(state.containers).every(({ current }) => current === undefined);
  if (forgotten && recorded.containerStatuses) return { ...recorded, phase };
  const containerStatuses = mainContainers(pod).map((container) =>
    containerStatus(state, container, context),
  );
  const initStatuses = initContainers(pod).map((container) => containerStatus(state, container, context));
  const ephemeralStatuses = ephemeralContainers(pod).map((container) =>
    containerStatus(state, container, context),
  );
  const podIp = state.sandbox.ip || recorded.podIP;
  const problem = podProblem(state);
  return {
    phase,
    conditions: [...podConditions(state, { phase, containerStatuses, now: context.now })],
    ...(state.ended?.reason !== undefined && { reason: state.ended.reason }),
    ...(state.ended?.message !== undefined
      ? { message: state.ended.message }
      : problem !== undefined && { message: problem }),
    hostIP: context.hostIp,
    hostIPs: [{ ip: context.hostIp }],
    ...(podIp && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: timestamp(state.startedAt),
    ...(initStatuses.length > 0 && { initContainerStatuses: initStatuses }),
    containerStatuses,
    ...(ephemeralStatuses.length > 0 && { ephemeralContainerStatuses: ephemeralStatuses }),
    qosClass: recorded.qosClass ?? qosClassOf(pod.spec ?? { containers: [] }),
  };
}

/** What keeps the whole pod from starting: volumes or the sandbox. */
function podProblem(state: PodState): string | undefined {
  if (state.volumesReady && state.sandbox.ready) return undefined;
  return (state.retries["prepare-volumes"] ?? state.retries["run-sandbox"])?.message;
}

/** Kubernetes' getPhase: counts containers by what became of them. */
export function podPhase(state: PodState): NonNullable<PodStatus["phase"]> {
  const final = finalPhase(state);
  if (final) return final;
  const { pod } = state;
  if (state.stop && state.observed) {
    const ended = stoppedPhase(state);
    if (ended) return ended;
  }
  const started = mainContainers(pod).some(({ name }) => memoryOf(state, name)?.current !== undefined);
  if (!started && (pendingInit(state) || !state.observed))
    return state.observed ? "Pending" : recordedPhase(state);
  let waiting = 0;
  for (const { name } of mainContainers(pod)) {
    const memory = memoryOf(state, name);
    if (!isRunning(memory) && !isExited(memory?.current) && !memory?.previous) waiting += 1;
  }
  return waiting > 0 ? "Pending" : "Running";
}
const recordedPhase = (state: PodState): NonNullable<PodStatus["phase"]> => state.recorded.phase ?? "Pending";

/** A deleted pod whose containers all ended: by their exit codes, whatever its restart policy. */
function stoppedPhase(state: PodState): "Succeeded" | "Failed" | undefined {
  const ran = [...initContainers(state.pod).filter(isSidecar), ...mainContainers(state.pod)]
    .map(({ name }) => memoryOf(state, name)?.current)
    .filter((current) => current !== undefined);
  if (ran.length === 0 || !ran.every(isExited)) return undefined;
  return ran.every((current) => current.exitCode === 0) ? "Succeeded" : "Failed";
}
