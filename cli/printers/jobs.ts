// Columns of jobs and cron jobs, as kubectl has them.

import type { Stored } from "../../client/mod.ts";
import { ageOf, humanDuration } from "../age.ts";
import { type Column, none, orNone } from "./column.ts";
import { selectorText } from "./selector-text.ts";
import { containerImages, containerNames } from "./containers.ts";

type Job = Stored<"Job">;
type CronJob = Stored<"CronJob">;

export const jobColumns: readonly Column<Job>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "STATUS", value: jobState },
  { title: "COMPLETIONS", value: completionsText },
  { title: "DURATION", value: (job, { now }) => durationText(job, now) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "CONTAINERS", wide: true, value: ({ spec }) => containerNames(spec?.template) },
  { title: "IMAGES", wide: true, value: ({ spec }) => containerImages(spec?.template) },
  { title: "SELECTOR", wide: true, value: ({ spec }) => selectorText(spec?.selector) },
];

export const cronJobColumns: readonly Column<CronJob>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "SCHEDULE", value: ({ spec }) => spec.schedule },
  { title: "TIMEZONE", value: ({ spec }) => orNone(spec.timeZone) },
  { title: "SUSPEND", value: ({ spec }) => (spec.suspend ? "True" : "False") },
  { title: "ACTIVE", value: ({ status }) => String(status?.active?.length ?? 0) },
  {
    title: "LAST SCHEDULE",
    value: ({ status }, { now }) => (status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : none),
  },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "CONTAINERS", wide: true, value: ({ spec }) => containerNames(spec.jobTemplate.spec?.template) },
  { title: "IMAGES", wide: true, value: ({ spec }) => containerImages(spec.jobTemplate.spec?.template) },
];

/** The condition that holds, strongest first. */
function jobState({ metadata, status }: Job): string {
  const holds = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
  for (const type of ["Complete", "Failed"]) if (holds(type)) return type;
  if (metadata.deletionTimestamp) return "Terminating";
  for (const type of ["SuccessCriteriaMet", "FailureTarget"]) if (holds(type)) return type;
  return holds("Suspended") ? "Suspended" : "Running";
}

/** `1/3`; without a number of completions, `0/1 of 3` for a work queue with three workers. */
export function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 1;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

export function durationText({ status }: Job, now: number): string {
  if (!status?.startTime) return "";
  const ended = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration(Math.max(0, ended - Date.parse(status.startTime)));
}
