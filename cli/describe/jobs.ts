// Jobs and cron jobs as `berth describe` shows them.

import type { Stored } from "../../client/mod.ts";
import { labelText } from "../printers/column.ts";
import { completionsText, durationText } from "../printers/jobs.ts";
import { selectorText } from "../printers/selector-text.ts";
import { containerFields } from "./containers.ts";
import { conditionsField } from "./conditions.ts";
import { type Field, mapLines, timeText } from "./fields.ts";

export function jobFields(job: Stored<"Job">, now: number): readonly Field[] {
  const { metadata, spec, status } = job;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  const { active = 0, succeeded = 0, failed = 0, completedIndexes, failedIndexes } = status ?? {};
  return [
    ["Selector", selectorText(spec?.selector)],
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Controlled By", owner && `${owner.kind}/${owner.name}`],
    ["Parallelism", String(spec?.parallelism ?? 1)],
    ["Completions", spec?.completions === undefined ? "<unset>" : String(spec.completions)],
    ["Completion Mode", spec?.completionMode],
    ["Suspend", String(spec?.suspend ?? false)],
    ["Backoff Limit", numberText(spec?.backoffLimit)],
    ["Backoff Limit Per Index", numberText(spec?.backoffLimitPerIndex)],
    ["Max Failed Indexes", numberText(spec?.maxFailedIndexes)],
    ["Managed By", spec?.managedBy],
    ["Active Deadline", seconds(spec?.activeDeadlineSeconds)],
    ["TTL After Finished", seconds(spec?.ttlSecondsAfterFinished)],
    ["Start Time", timeText(status?.startTime)],
    ["Completed At", timeText(status?.completionTime)],
    ["Duration", durationText(job, now) || undefined],
    ["Completed", completionsText(job)],
    ["Completed Indexes", completedIndexes],
    ["Failed Indexes", failedIndexes],
    ["Pods Statuses", `${active} Active / ${succeeded} Succeeded / ${failed} Failed`],
    ["Conditions", conditionsField(status?.conditions)],
    [
      "Pod Template",
      {
        part: [
          ["Labels", mapLines(spec?.template.metadata?.labels)],
          ["Containers", { part: containerFields(spec?.template.spec?.containers, undefined) }],
        ],
      },
    ],
  ];
}

const numberText = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

const seconds = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${value}s`;

export function cronJobFields({ metadata, spec, status }: Stored<"CronJob">): readonly Field[] {
  const template = spec.jobTemplate.spec?.template;
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Schedule", spec.schedule],
    ["Time Zone", spec.timeZone ?? "UTC"],
    ["Concurrency Policy", spec.concurrencyPolicy],
    ["Suspend", spec.suspend ? "True" : "False"],
    ["Starting Deadline", seconds(spec.startingDeadlineSeconds)],
    ["Successful Job History Limit", String(spec.successfulJobsHistoryLimit ?? 3)],
    ["Failed Job History Limit", String(spec.failedJobsHistoryLimit ?? 1)],
    ["Last Schedule Time", timeText(status?.lastScheduleTime) ?? "<unset>"],
    ["Last Successful Time", timeText(status?.lastSuccessfulTime) ?? "<unset>"],
    ["Active Jobs", (status?.active ?? []).map(({ name }) => name ?? "")],
    [
      "Job Template",
      {
        part: [
          ["Labels", labelText(template?.metadata?.labels)],
          ["Containers", { part: containerFields(template?.spec?.containers, undefined) }],
        ],
      },
    ],
  ];
}
