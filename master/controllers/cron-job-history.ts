// The jobs that a cron job made: which are at work, and which of the finished ones are kept.

import type { CommandEnvelope, Uid } from "../../protocol/mod.ts";
import {
  type ClusterState,
  controllerOf,
  type CronJobSpec,
  finalCondition,
  jobStatusOf,
  type ObjectRow,
} from "../cluster/mod.ts";
import { commandsPerReconcile, type Order } from "./ordering.ts";

export function jobsOf(state: ClusterState, uid: Uid): readonly ObjectRow[] {
  const jobs: ObjectRow[] = [];
  for (const ref of state.dependents(uid)) {
    const row = ref.kind === "Job" ? state.objectByUid(ref.uid) : undefined;
    if (row && controllerOf(row.value.metadata.ownerReferences) === uid) jobs.push(row);
  }
  return jobs;
}

export const activeJobs = (jobs: readonly ObjectRow[]): readonly ObjectRow[] =>
  jobs.filter((job) => !job.deletion && !finalCondition(jobStatusOf(job)));

/** The latest of what is known and of what the jobs say. */
export function lastSuccess(jobs: readonly ObjectRow[], known: string | undefined): string | undefined {
  let last = known;
  for (const job of jobs) {
    const { completionTime } = jobStatusOf(job);
    if (completionTime === undefined) continue;
    if (last === undefined || Date.parse(completionTime) > Date.parse(last)) last = completionTime;
  }
  return last;
}

/** The oldest finished jobs go, of either outcome by a limit of its own. */
export function historyCommands(
  jobs: readonly ObjectRow[],
  { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 }: CronJobSpec,
  order: Order,
): readonly CommandEnvelope[] {
  const finished = (type: string): readonly ObjectRow[] =>
    jobs
      .filter((job) => !job.deletion && finalCondition(jobStatusOf(job))?.type === type)
      .toSorted((left, right) => startOf(right) - startOf(left));
  return [
    ...finished("Complete").slice(successfulJobsHistoryLimit),
    ...finished("Failed").slice(failedJobsHistoryLimit),
  ]
    .slice(0, commandsPerReconcile)
    .map(({ ref }) => jobRemoval(ref, order));
}

export const jobRemoval = ({ namespace = "", name, uid }: ObjectRow["ref"], order: Order): CommandEnvelope =>
  order({
    type: "DeleteObject",
    kind: "Job",
    namespace,
    name,
    propagation: "Background",
    preconditions: { uid },
  });

const startOf = (job: ObjectRow): number =>
  Date.parse(jobStatusOf(job).startTime ?? job.value.metadata.creationTimestamp ?? "");
