// What a job's status says, beyond its counts: its conditions, its times, and the pods it has at work.

import {
  type ClusterState,
  finalCondition,
  isFinished,
  isRunning,
  type JobSpec,
  type JobStatus,
  type PodRow,
  targetCondition,
  timestamp,
} from "../cluster/mod.ts";
import { failedIndexes } from "./job-index-failures.ts";
import { metSuccessRule } from "./job-success-policy.ts";

type Condition = NonNullable<JobStatus["conditions"]>[number];

export interface Ending {
  readonly type: "Complete" | "Failed";
  readonly reason: string;
  readonly message: string;
}

/** Why the job is over now, apart from what a failure policy said; undefined while it goes on. */
export function endingOf(
  spec: JobSpec,
  status: JobStatus,
  {
    pods,
    newFailures,
    now,
  }: {
    readonly pods: readonly PodRow[];
    readonly newFailures: number;
    readonly now: number;
  },
): Ending | undefined {
  const active = pods.filter((pod) => !isFinished(pod) && !pod.deletion);
  const limit = spec.backoffLimit ?? 0;
  const failures = newFailures > 0 && (status.failed ?? 0) > limit;
  if (failures || tooManyRestarts(spec, active)) {
    const message = "Job has reached the specified backoff limit";
    return { type: "Failed", reason: "BackoffLimitExceeded", message };
  }
  const { activeDeadlineSeconds: seconds } = spec;
  const started = status.startTime === undefined ? undefined : Date.parse(status.startTime);
  if (seconds !== undefined && started !== undefined && !spec.suspend && now >= started + seconds * 1000) {
    const message = "Job was active longer than specified deadline";
    return { type: "Failed", reason: "DeadlineExceeded", message };
  }
  const succeeded = status.succeeded ?? 0;
  const matched = metSuccessRule(spec, status);
  if (matched !== undefined) return { type: "Complete", reason: "SuccessPolicy", message: matched };
  const failed = failedIndexes(status, spec).size;
  if (spec.maxFailedIndexes !== undefined && failed > spec.maxFailedIndexes) {
    const message = "Job has exceeded the specified maximal number of failed indexes";
    return { type: "Failed", reason: "MaxFailedIndexesExceeded", message };
  }
  if (failed > 0 && succeeded + failed >= (spec.completions ?? 0) && active.length === 0) {
    return { type: "Failed", reason: "FailedIndexes", message: "Job has failed indexes" };
  }
  const complete =
    spec.completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= spec.completions;
  if (!complete) return undefined;
  return {
    type: "Complete",
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
  };
}

/** Containers that are started again within their pods count as well. */
function tooManyRestarts({ backoffLimit = 0, template }: JobSpec, active: readonly PodRow[]): boolean {
  if (template.spec?.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const { status } of active) {
    for (const { restartCount } of [
      ...(status.initContainerStatuses ?? []),
      ...(status.containerStatuses ?? []),
    ]) {
      restarts += restartCount;
    }
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

const targets = { Complete: "SuccessCriteriaMet", Failed: "FailureTarget" } as const;

/**
 * The job is to end: that is told at once, and the end itself when nothing of it runs any more, as Kubernetes does it
 * since 1.31. Whoever waits for the end finds every pod ended.
 */
export function ending(
  state: ClusterState,
  status: JobStatus,
  { ending: { type, reason, message }, pods, now }: EndingView,
): JobStatus {
  const lastTransitionTime = timestamp(now);
  const condition = {
    status: "True",
    reason,
    message,
    lastTransitionTime,
    lastProbeTime: lastTransitionTime,
  };
  const before = status.conditions ?? [];
  const known = targetCondition(status);
  const targeted: Condition[] = known ? before : [...before, { ...condition, type: targets[type] }];
  if (!pods.every((pod) => isOver(state, pod))) return { ...status, conditions: targeted };
  const { backOff: _backOff, indexBackOff: _indexBackOff, ...rest } = status;
  return {
    ...rest,
    conditions: [...targeted, { ...condition, type }],
    ...(type === "Complete" && { completionTime: lastTransitionTime }),
  };
}

interface EndingView {
  readonly ending: Ending;
  readonly pods: readonly PodRow[];
  readonly now: number;
}

const isOver = (state: ClusterState, pod: PodRow): boolean =>
  isFinished(pod) || (pod.deletion !== undefined && !isRunning(state, pod));

/** What was decided before. */
export function decidedEnding(status: JobStatus): Ending | undefined {
  const target = targetCondition(status);
  if (!target) return undefined;
  const type = target.type === targets.Complete ? "Complete" : "Failed";
  return { type, reason: target.reason ?? "", message: target.message ?? "" };
}

/** Suspended, started or resumed: the time of the start is that of the last resumption. */
export function begun(status: JobStatus, spec: JobSpec, now: number): JobStatus {
  if (finalCondition(status) || targetCondition(status)) return status;
  const before = status.conditions?.find(({ type }) => type === "Suspended");
  const suspended = before?.status === "True";
  if (spec.suspend) {
    return suspended ? status : withSuspended(status, { status: "True", now });
  }
  const resumed = suspended ? withSuspended(status, { status: "False", now }) : status;
  if (resumed.startTime !== undefined && !suspended) return resumed;
  return { ...resumed, startTime: timestamp(now) };
}

function withSuspended(
  status: JobStatus,
  { status: value, now }: { readonly status: "True" | "False"; readonly now: number },
): JobStatus {
  const lastTransitionTime = timestamp(now);
  const condition: Condition = {
    type: "Suspended",
    status: value,
    reason: value === "True" ? "JobSuspended" : "JobResumed",
    message: value === "True" ? "Job suspended" : "Job resumed",
    lastTransitionTime,
    lastProbeTime: lastTransitionTime,
  };
  const others = (status.conditions ?? []).filter(({ type }) => type !== "Suspended");
  return { ...status, conditions: [...others, condition] };
}

export function withPods(status: JobStatus, pods: readonly PodRow[]): JobStatus {
  const living = pods.filter((pod) => !isFinished(pod));
  const active = living.filter(({ deletion }) => !deletion);
  return {
    ...status,
    active: active.length,
    ready: active.filter(({ ready }) => ready).length,
    terminating: living.length - active.length,
    succeeded: status.succeeded ?? 0,
    failed: status.failed ?? 0,
  };
}
