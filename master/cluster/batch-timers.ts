// When somebody has to look at a job or a cron job again although nothing happens: derived from what is stored.

import { parseSchedule } from "../../protocol/mod.ts";
import {
  cronJobSpecOf,
  cronJobStatusOf,
  finalCondition,
  isManagedElsewhere,
  jobSpecOf,
  jobStatusOf,
  targetCondition,
} from "./batch-specs.ts";
import type { ObjectRow } from "./contract.ts";

const time = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

/** Its deadline, the end of its back-off, or the end of its time after it has finished: the earliest. */
export function jobDueAt(row: ObjectRow): number | undefined {
  const spec = jobSpecOf(row.value);
  const status = jobStatusOf(row);
  const final = finalCondition(status);
  if (final) return plusSeconds(final.lastTransitionTime, spec.ttlSecondsAfterFinished);
  if (spec.suspend || targetCondition(status) || isManagedElsewhere(spec)) return undefined;
  const due = [
    plusSeconds(status.startTime, spec.activeDeadlineSeconds),
    time(status.backOff?.until),
    ...Object.values(status.indexBackOff ?? {}).map(({ until }) => time(until)),
  ].filter((each) => each !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
}

function plusSeconds(from: string | undefined, seconds: number | undefined): number | undefined {
  const start = time(from);
  return start === undefined || seconds === undefined ? undefined : start + seconds * 1000;
}

/** The first run after the last one that was started or passed over. */
export function cronJobDueAt(row: ObjectRow): number | undefined {
  const { schedule, timeZone, suspend } = cronJobSpecOf(row.value);
  if (suspend) return undefined;
  const parsed = parseSchedule(schedule, timeZone);
  if (!parsed.ok) return undefined;
  const { skipped } = cronJobStatusOf(row);
  return parsed.value.after(Math.max(scheduledSince(row), time(skipped?.time) ?? 0));
}

/** Runs up to this time are done with: the last one that was started, or the cron job's own creation. */
export function scheduledSince(row: ObjectRow): number {
  const { lastScheduleTime } = cronJobStatusOf(row);
  return time(lastScheduleTime) ?? time(row.value.metadata.creationTimestamp) ?? 0;
}
