// The four conditions of a pod, with the times at which they last changed. Pure.

import type { ContainerStatus, PodCondition, PodStatus } from "../../protocol/mod.ts";
import { evictedReason } from "./evolve.ts";
import { pendingInit } from "./lifecycle.ts";
import { initContainers, type PodState } from "./pod-state.ts";
import { timestamp } from "./timestamp.ts";

interface ConditionContext {
  readonly phase: NonNullable<PodStatus["phase"]>;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly now: number;
}
type Judgement = Pick<PodCondition, "type" | "status" | "reason" | "message">;

export function podConditions(state: PodState, context: ConditionContext): readonly PodCondition[] {
  const ready = containersReady(state, context);
  const judged: Judgement[] = [
    initialized(state, context),
    { ...ready, type: "Ready" },
    { ...ready, type: "ContainersReady" },
    { type: "PodScheduled", status: "True" },
    ...disrupted(state),
  ];
  return judged.map((judgement) => {
    const before = state.conditions.find((condition) => condition.type === judgement.type);
    const unchanged = before?.status === judgement.status && before.lastTransitionTime !== undefined;
    const lastTransitionTime = unchanged ? before.lastTransitionTime : timestamp(context.now);
    return { ...judgement, ...(lastTransitionTime !== undefined && { lastTransitionTime }) };
  });
}

/** For whoever judges failures, as a job's failure policy does: the pod itself did nothing wrong. */
function disrupted({ ended }: PodState): readonly Judgement[] {
  if (ended?.reason !== evictedReason) return [];
  const { message } = ended;
  const reason = "TerminationByKubelet";
  return [{ type: "DisruptionTarget", status: "True", reason, ...(message !== undefined && { message }) }];
}

function initialized(state: PodState, { phase }: ConditionContext): Judgement {
  const type = "Initialized";
  if (phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  const pending = state.observed ? pendingInit(state) : undefined;
  if (!pending || initContainers(state.pod).length === 0) return { type, status: "True" };
  const names = initContainers(state.pod).map(({ name }) => name);
  const message = `containers with incomplete status: [${names.slice(names.indexOf(pending.name)).join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotInitialized", message };
}

function containersReady(
  state: PodState,
  { phase, containerStatuses }: ConditionContext,
): Omit<Judgement, "type"> {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const unready = containerStatuses.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { status: "True" };
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return {
    status: "False",
    reason: "ContainersNotReady",
    message: withProbeFailure(state, unready, message),
  };
}

/** Adds what a readiness probe said. The first words stay: each new failure would otherwise be a new status. */
function withProbeFailure(state: PodState, unready: readonly string[], message: string): string {
  const said = state.conditions.find(({ type }) => type === "ContainersReady")?.message;
  if (said?.startsWith(`${message}; `)) return said;
  for (const name of unready) {
    const probe = state.containers[name]?.probes.readiness;
    if (probe?.result === "failure" && probe.message !== "")
      return `${message}; readiness probe of ${name} failed: ${probe.message}`;
  }
  return message;
}
