// The one word that says how a pod is, and its restarts, by kubectl's rules.
// Source: Kubernetes pkg/printers/internalversion/printers.go, printPod.

import type { ContainerStatus, Pod } from "../../protocol/mod.ts";
import { ageOf } from "../age.ts";

export interface PodSummary {
  readonly reason: string;
  readonly ready: number;
  readonly total: number;
  readonly restarts: number;
  readonly lastRestart?: string;
}

export function summarizePod(
  pod: Pod & { readonly metadata?: { readonly deletionTimestamp?: string } },
): PodSummary {
  const { status } = pod;
  const conditions = status?.conditions ?? [];
  const gated = conditions.some(({ type, reason }) => type === "PodScheduled" && reason === schedulingGated);
  const first = gated ? schedulingGated : status?.reason || status?.phase || "Unknown";
  const sidecars = sidecarsOf(pod);
  const inits = status?.initContainerStatuses ?? [];
  const init = initializing(pod, sidecars);
  const initialized = conditions.some(({ type, status: is }) => type === "Initialized" && is === "True");
  const besides = inits.filter((each) => sidecars.has(each.name));
  const readySidecars = besides.filter(({ ready, started }) => ready && started).length;
  const sum =
    init && !initialized
      ? { reason: init, ready: 0, ...restartsOf(inits) }
      : { ...running(pod, first), ...restartsOf([...besides, ...(status?.containerStatuses ?? [])]) };
  const total = (pod.spec?.containers.length ?? 0) + sidecars.size;
  return { ...sum, ready: sum.ready + readySidecars, total, reason: deletion(pod) ?? sum.reason };
}

export const restartText = ({ restarts, lastRestart }: PodSummary, now: number): string =>
  restarts > 0 && lastRestart ? `${restarts} (${ageOf(lastRestart, now)} ago)` : String(restarts);

const schedulingGated = "SchedulingGated";

/** Init containers that run beside the others: they count as containers do. */
const sidecarsOf = ({ spec }: Pod): ReadonlySet<string> =>
  new Set(
    (spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === "Always")
      .map(({ name }) => name),
  );

function initializing(pod: Pod, sidecars: ReadonlySet<string>): string | undefined {
  const total = pod.spec?.initContainers?.length ?? 0;
  for (const [index, { name, state, started }] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const ended = state?.terminated;
    if (ended?.exitCode === 0 || (sidecars.has(name) && started)) continue;
    if (ended) return `Init:${endText(ended)}`;
    const waiting = state?.waiting?.reason;
    return waiting && waiting !== "PodInitializing" ? `Init:${waiting}` : `Init:${index}/${total}`;
  }
  return undefined;
}

function running(pod: Pod, first: string): { readonly reason: string; readonly ready: number } {
  let reason = first;
  let ready = 0;
  for (const { state, ready: isReady } of (pod.status?.containerStatuses ?? []).toReversed()) {
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) reason = endText(state.terminated);
    else if (isReady && state?.running) ready++;
  }
  // One container has completed and another still runs: the pod does.
  if (reason === "Completed" && ready > 0) {
    const isReady = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    reason = isReady ? "Running" : "NotReady";
  }
  return { reason, ready };
}

function deletion(pod: Pod): string | undefined {
  if (!pod.metadata?.deletionTimestamp) return undefined;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  const phase = pod.status?.phase;
  return phase === "Succeeded" || phase === "Failed" ? undefined : "Terminating";
}

interface Ended {
  readonly exitCode: number;
  readonly reason?: string;
  readonly signal?: number;
}
function endText({ reason, signal, exitCode }: Ended): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

function restartsOf(statuses: readonly ContainerStatus[] | undefined): {
  restarts: number;
  lastRestart?: string;
} {
  let restarts = 0;
  let last: string | undefined;
  for (const { restartCount, lastState } of statuses ?? []) {
    restarts += restartCount;
    const ended = lastState?.terminated?.finishedAt;
    if (ended && (!last || Date.parse(ended) > Date.parse(last))) last = ended;
  }
  return { restarts, ...(last && { lastRestart: last }) };
}
