// Counts the pods of a job that have ended: each once, and what follows from it for the job as a whole.

import {
  type ClusterState,
  isRunning,
  isTracked,
  type JobSpec,
  type JobStatus,
  type PodRow,
} from "../cluster/mod.ts";
import { backOffUntil, indexFailures } from "./job-index-failures.ts";
import { formatIndexes, indexOf, parseIndexes } from "./job-indexes.ts";
import { verdictOn } from "./job-failure-policy.ts";

export interface Counted {
  readonly pods: readonly PodRow[];
  readonly status: JobStatus;
  /** A rule of the failure policy ended the job. */
  readonly failed: string | undefined;
  readonly newFailures: number;
}

/**
 * A pod that is asked to end counts as failed at once, unless the job waits for its replacement until it has ended;
 * where nobody can say how it ends, it has.
 */
export function hasEnded(state: ClusterState, pod: PodRow, { podReplacementPolicy }: JobSpec): boolean {
  const { phase } = pod.status;
  if (phase === "Succeeded" || phase === "Failed") return true;
  if (!pod.deletion) return false;
  return podReplacementPolicy !== "Failed" || !isRunning(state, pod);
}

/** Undefined when every pod that has ended was counted. */
export function countEnded(
  state: ClusterState,
  {
    pods,
    spec,
    status,
    now,
  }: {
    readonly pods: readonly PodRow[];
    readonly spec: JobSpec;
    readonly status: JobStatus;
    readonly now: number;
  },
): Counted | undefined {
  const ended = pods.filter((pod) => isTracked(pod) && hasEnded(state, pod, spec));
  if (ended.length === 0) return undefined;
  const good = ended.filter((pod) => pod.status.phase === "Succeeded");
  const bad = ended.filter((pod) => pod.status.phase !== "Succeeded");
  const verdicts = bad.map((pod) => verdictOn(pod, spec.podFailurePolicy));
  const newFailures = verdicts.filter(({ action }) => action !== "Ignore").length;
  const fatal = verdicts.find((verdict) => verdict.action === "FailJob");
  const counted = successes(status, spec, good);
  const completed = counted.completedIndexes ?? "";
  return {
    pods: ended,
    newFailures,
    failed: fatal?.action === "FailJob" ? fatal.message : undefined,
    status: {
      ...withBackOff(status, spec, { good: good.length, bad: bad.length, now }),
      ...counted,
      ...indexFailures(status, spec, { bad, completed, now }),
      failed: (status.failed ?? 0) + newFailures,
    },
  };
}

/** An index completes once, however many of its pods succeed. */
function successes(status: JobStatus, spec: JobSpec, good: readonly PodRow[]): Partial<JobStatus> {
  if (spec.completionMode !== "Indexed") return { succeeded: (status.succeeded ?? 0) + good.length };
  const completions = spec.completions ?? 0;
  const indexes = parseIndexes(status.completedIndexes, completions);
  for (const pod of good) {
    const index = indexOf(pod, completions);
    if (index !== undefined) indexes.add(index);
  }
  return { succeeded: indexes.size, completedIndexes: formatIndexes(indexes) };
}

/** Failures that a policy ignores are waited for as well: what fails at once would start again at once. */
function withBackOff(
  { backOff, ...status }: JobStatus,
  { backoffLimitPerIndex }: JobSpec,
  { good, bad, now }: { readonly good: number; readonly bad: number; readonly now: number },
): JobStatus {
  // Each index waits for itself.
  if (backoffLimitPerIndex !== undefined) return status;
  const failures = (good > 0 ? 0 : (backOff?.failures ?? 0)) + bad;
  if (failures === 0) return status;
  if (bad === 0 && backOff) return { ...status, backOff };
  return { ...status, backOff: { failures, until: backOffUntil(failures, now) } };
}
