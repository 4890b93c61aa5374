// Rules for jobs and cron jobs. Source: k8s.io/kubernetes/pkg/apis/batch/validation.

import { isTimeZone, parseSchedule } from "../cron-schedule.ts";
import type { ApiObject, CronJob, Job } from "./object.ts";
import type { Report } from "./report.ts";
import { changedFields, sameValue } from "./same.ts";
import { maxReplicas } from "./validate-replication.ts";
import {
  validateFailurePolicy,
  validateIndexLimits,
  validateSuccessPolicy,
} from "./validate-job-policies.ts";
import { validatePodTemplate } from "./validate-pod.ts";
import { validateRange } from "./validate-scalars.ts";

type JobSpec = NonNullable<Job["spec"]>;

/** Kubernetes' bounds for indexed jobs: their completed indexes stand in the status. */
const maxIndexes = 100_000;
const maxSeconds = 2 ** 31 - 1;
/** A job's name is its cron job's with eleven characters more, and its pods' names end in more still. */
const maxCronJobName = 52;

export function validateJob({ spec }: Job, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  validateJobSpec(spec, "spec", report);
}

function validateJobSpec(spec: JobSpec, path: string, report: Report): void {
  const { parallelism, completions, completionMode, backoffLimit, activeDeadlineSeconds } = spec;
  validateRange(parallelism, { min: 0, max: maxReplicas }, `${path}.parallelism`, report);
  validateRange(completions, { min: 0, max: maxReplicas }, `${path}.completions`, report);
  validateRange(backoffLimit, { min: 0, max: maxSeconds }, `${path}.backoffLimit`, report);
  validateRange(activeDeadlineSeconds, { min: 0, max: maxSeconds }, `${path}.activeDeadlineSeconds`, report);
  validateRange(
    spec.ttlSecondsAfterFinished,
    { min: 0, max: maxSeconds },
    `${path}.ttlSecondsAfterFinished`,
    report,
  );
  if (spec.manualSelector) {
    report.add(
      `${path}.manualSelector`,
      "NotSupported",
      "can't be true: a job's selector is always made for it",
    );
  }
  if (completionMode === "Indexed") {
    if (completions === undefined) {
      report.add(`${path}.completions`, "Required", "is required for the completion mode Indexed");
    }
    validateRange(completions, { min: 0, max: maxIndexes }, `${path}.completions`, report);
    validateRange(parallelism, { min: 0, max: maxIndexes }, `${path}.parallelism`, report);
  }
  validatePodTemplate(spec.template, `${path}.template`, report);
  const { restartPolicy } = spec.template.spec ?? {};
  if (restartPolicy !== "Never" && restartPolicy !== "OnFailure") {
    const message = `must be Never or OnFailure, found ${String(restartPolicy)}`;
    report.add(`${path}.template.spec.restartPolicy`, "NotSupported", message);
  }
  validateFailurePolicy(spec, path, report);
  validateIndexLimits(spec, path, report);
  validateSuccessPolicy(spec, path, report);
  validateManager(spec.managedBy, `${path}.managedBy`, report);
}

/** Domain and path, as `example.com/queue`. */
const managerSyntax = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.~/]*[A-Za-z0-9])?$/;
const maxManager = 63;

function validateManager(managedBy: string | undefined, path: string, report: Report): void {
  if (managedBy === undefined || (managedBy.length <= maxManager && managerSyntax.test(managedBy))) return;
  report.add(path, "Invalid", `must be a domain and a path (example.com/queue), at most ${maxManager} long`);
}

/** The parts that decide how completions are counted stay as they are; how many at a time may change. */
export function validateJobChange({ spec: old }: Job, { spec: next }: Job, report: Report): void {
  if (!old || !next) return;
  const elastic =
    next.completionMode === "Indexed" &&
    old.completions === old.parallelism &&
    next.completions === next.parallelism;
  const fixed = [
    "selector",
    "template",
    "completionMode",
    "podFailurePolicy",
    "successPolicy",
    "backoffLimitPerIndex",
    "managedBy",
  ] as const;
  for (const field of elastic ? fixed : ([...fixed, "completions"] as const)) {
    if (!sameValue(old[field], next[field]))
      report.add(`spec.${field}`, "Immutable", "can't change in a job");
  }
}

/** A job's selector and the labels that go with it are made for it when it is created. */
export function keepJobLabels(old: ApiObject & Job, next: ApiObject & Job): ApiObject {
  const selector = old.spec?.selector;
  if (!selector || !next.spec || next.spec.selector) return next;
  const { template } = next.spec;
  const labels = { ...template.metadata?.labels, ...jobLabelsOf(old) };
  return {
    ...next,
    spec: { ...next.spec, selector, template: { ...template, metadata: { ...template.metadata, labels } } },
  };
}

const jobLabelsOf = ({ spec }: Job): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(spec?.template.metadata?.labels ?? {}).filter(([key]) => jobLabelKeys.has(key)),
  );

/** Labels that a job's pods get from the cluster, the older names beside the newer. */
const jobLabelKeys: ReadonlySet<string> = new Set([
  "batch.kubernetes.io/controller-uid",
  "controller-uid",
  "batch.kubernetes.io/job-name",
  "job-name",
]);

export function validateCronJob({ metadata, spec }: CronJob, report: Report): void {
  const { schedule, timeZone, jobTemplate } = spec;
  const name = metadata?.name ?? metadata?.generateName ?? "";
  if (name.length > maxCronJobName) {
    report.add("metadata.name", "TooLong", `must not be longer than ${maxCronJobName} characters`);
  }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    report.add("spec.timeZone", "Invalid", `must be the IANA name of a time zone, found ${timeZone}`);
  }
  const parsed = parseSchedule(schedule);
  if (!parsed.ok) report.add("spec.schedule", "Invalid", parsed.error.message);
  for (const field of [
    "startingDeadlineSeconds",
    "successfulJobsHistoryLimit",
    "failedJobsHistoryLimit",
  ] as const) {
    validateRange(spec[field], { min: 0, max: maxSeconds }, `spec.${field}`, report);
  }
  if (!jobTemplate.spec) report.add("spec.jobTemplate.spec", "Required", "is required");
  else {
    if (changedFields(jobTemplate.spec.selector ?? {}, {}).length > 0) {
      report.add("spec.jobTemplate.spec.selector", "Forbidden", "is made for each job");
    }
    validateJobSpec(jobTemplate.spec, "spec.jobTemplate.spec", report);
  }
}
