// Failures of single indexes, for jobs with a backoffLimitPerIndex: each index has its own limit and its own delay,
// and one that is beyond its limit fails for good while the others go on.

import type { JobSpec, JobStatus, PodRow } from "../cluster/mod.ts";
import { type Verdict, verdictOn } from "./job-failure-policy.ts";
import { formatIndexes, indexOf, parseIndexes } from "./job-indexes.ts";

type IndexBackOff = NonNullable<JobStatus["indexBackOff"]>;
type Changing = { -readonly [Index in keyof IndexBackOff]: IndexBackOff[Index] };

/** As Kubernetes: the delay doubles with each failure in a row. */
export const firstBackOffMs = 10_000;
export const longestBackOffMs = 360_000;

export const backOffUntil = (failures: number, now: number): string =>
  new Date(now + Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(failures - 1, 30))).toISOString();

/** What the ends of these pods make of the indexes that are not complete. */
export function indexFailures(
  status: JobStatus,
  spec: JobSpec,
  {
    bad,
    completed,
    now,
  }: { readonly bad: readonly PodRow[]; readonly completed: string; readonly now: number },
): Partial<JobStatus> {
  const limit = spec.backoffLimitPerIndex;
  if (limit === undefined) return {};
  const completions = spec.completions ?? 0;
  const failed = failedIndexes(status, spec);
  const backOff: Changing = { ...status.indexBackOff };
  for (const pod of bad) {
    const index = indexOf(pod, completions);
    if (index === undefined) continue;
    const verdict = verdictOn(pod, spec.podFailurePolicy);
    const before = backOff[index];
    const failures = (before?.failures ?? 0) + (counts(verdict) ? 1 : 0);
    const tries = (before?.tries ?? 0) + 1;
    if (verdict.action === "FailIndex" || failures > limit) failed.add(index);
    else backOff[index] = { failures, tries, until: backOffUntil(tries, now) };
  }
  for (const index of [...parseIndexes(completed, completions), ...failed]) delete backOff[index];
  return { failedIndexes: formatIndexes(failed), indexBackOff: backOff };
}

const counts = ({ action }: Verdict): boolean => action !== "Ignore";

export const failedIndexes = (
  { failedIndexes: text }: JobStatus,
  { completions = 0 }: JobSpec,
): Set<number> => parseIndexes(text, completions);

/** Delays that are over are forgotten, the failures are not: what is left is what has to be waited for. */
export function withoutOldDelays(status: JobStatus, now: number): JobStatus {
  const { indexBackOff } = status;
  const isOver = (until: string | undefined): boolean => until !== undefined && Date.parse(until) <= now;
  if (!indexBackOff || !Object.values(indexBackOff).some(({ until }) => isOver(until))) return status;
  const left = Object.entries(indexBackOff).map(([index, { until, ...rest }]) => [
    index,
    until === undefined || isOver(until) ? rest : { ...rest, until },
  ]);
  return { ...status, indexBackOff: Object.fromEntries(left) as IndexBackOff };
}

/** Indexes that wait for the end of their delay. */
export const delayedIndexes = ({ indexBackOff = {} }: JobStatus): readonly number[] =>
  Object.entries(indexBackOff).flatMap(([index, { until }]) => (until === undefined ? [] : [Number(index)]));
