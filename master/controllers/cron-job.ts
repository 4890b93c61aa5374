// Cron jobs: makes a job for each run of a schedule, as far as the policy on concurrency and the starting deadline
// allow, and keeps as many finished ones as it is asked to. The due times follow from what is stored alone.
// Behaviour: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/

import { type ApiObject, type CommandEnvelope, parseSchedule, sameValue } from "../../protocol/mod.ts";
import {
  type ClusterState,
  cronJobSpecOf,
  type CronJobStatus,
  cronJobStatusOf,
  type ObjectRow,
  type Reconcile,
  scheduledSince,
  timestamp,
} from "../cluster/mod.ts";
import { activeJobs, historyCommands, jobRemoval, jobsOf, lastSuccess } from "./cron-job-history.ts";
import { type Order, ordering } from "./ordering.ts";

const scheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export const reconcileCronJob: Reconcile = (state, uid, now) => {
  const row = state.objectByUid(uid);
  if (!row || row.deletion || row.ref.kind !== "CronJob") return [];
  const order = ordering(state, "cron-job", uid);
  const jobs = jobsOf(state, uid);
  const spec = cronJobSpecOf(row.value);
  const tidy = historyCommands(jobs, spec, order);
  if (tidy.length > 0) return tidy;
  const due = spec.suspend ? undefined : dueRun(row, now);
  if (due !== undefined && mayCreate(state, row)) {
    const run = runCommands(state, { row, jobs, due, now }, order);
    if (run.length > 0) return run;
  }
  return statusCommands(row, statusNow(row, jobs), order);
};

/** The last run that is due and was not started. Earlier ones that were missed are not made up for. */
function dueRun(row: ObjectRow, now: number): number | undefined {
  const { schedule, timeZone } = cronJobSpecOf(row.value);
  const parsed = parseSchedule(schedule, timeZone);
  return parsed.ok ? parsed.value.latest(scheduledSince(row), now) : undefined;
}

interface Run {
  readonly row: ObjectRow;
  readonly jobs: readonly ObjectRow[];
  readonly due: number;
  readonly now: number;
}

function runCommands(
  state: ClusterState,
  { row, jobs, due, now }: Run,
  order: Order,
): readonly CommandEnvelope[] {
  const { startingDeadlineSeconds: seconds, concurrencyPolicy } = cronJobSpecOf(row.value);
  const time = timestamp(due);
  const status = statusNow(row, jobs);
  const { skipped: _skipped, ...started } = { ...status, lastScheduleTime: time };
  const name = jobName(row, due);
  const { namespace } = row.ref;
  // Made by a leader that did not come to say so, or by somebody else: its time has been.
  if (state.object("Job", namespace, name)) return statusCommands(row, started, order);
  if (seconds !== undefined && due + seconds * 1000 < now) {
    return statusCommands(row, { ...status, skipped: { time, reason: "TooLate" } }, order);
  }
  const active = activeJobs(jobs);
  if (concurrencyPolicy === "Forbid" && active.length > 0) {
    return statusCommands(row, { ...status, skipped: { time, reason: "JobAlreadyActive" } }, order);
  }
  const replaced = concurrencyPolicy === "Replace" ? active.map(({ ref }) => jobRemoval(ref, order)) : [];
  const object = jobFor(row, name, time);
  const reason = `scheduled for ${time}`;
  return [
    ...replaced,
    order({ type: "CreateOwned", owner: row.ref, object, reason }),
    ...statusCommands(row, started, order),
  ];
}

/** Kubernetes' name: the minute that it is for, so that no run is made twice. */
const jobName = ({ ref }: ObjectRow, due: number): string => `${ref.name}-${Math.floor(due / 60_000)}`;

function jobFor({ ref, value }: ObjectRow, name: string, time: string): ApiObject {
  const { metadata, spec } = cronJobSpecOf(value).jobTemplate;
  const { labels, annotations } = metadata ?? {};
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      ...(ref.namespace !== undefined && { namespace: ref.namespace }),
      ...(labels && { labels }),
      annotations: { ...annotations, [scheduledAnnotation]: time },
    },
    spec,
  };
}

function mayCreate(state: ClusterState, { ref }: ObjectRow): boolean {
  const namespace = state.object("Namespace", undefined, ref.namespace ?? "");
  return namespace !== undefined && !namespace.deletion;
}

function statusNow(row: ObjectRow, jobs: readonly ObjectRow[]): CronJobStatus {
  const { active: _active, ...rest } = cronJobStatusOf(row);
  const active = activeJobs(jobs).map(({ ref }) => ({ apiVersion: "batch/v1", ...ref }));
  const lastSuccessfulTime = lastSuccess(jobs, rest.lastSuccessfulTime);
  return {
    ...rest,
    ...(active.length > 0 && { active }),
    ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }),
  };
}

const statusCommands = (row: ObjectRow, status: CronJobStatus, order: Order): readonly CommandEnvelope[] =>
  sameValue(row.status, status)
    ? []
    : [order({ type: "UpdateStatus", object: row.ref, status: { ...status } })];
