// When somebody has to look at an object again although nothing happens: derived from its row, so that a new
// leader computes the same. At most one time for each object: the earliest.

import type { DirtyKey, ObjectRow } from "./contract.ts";
import { cronJobDueAt, jobDueAt } from "./batch-timers.ts";
import { progressDueAt } from "./rollout-progress.ts";

export interface ObjectTimer {
  readonly due: number;
  readonly key: DirtyKey;
}

export function objectTimer(row: ObjectRow): ObjectTimer | undefined {
  const { kind, uid } = row.ref;
  if (row.deletion) return undefined;
  if (kind === "Deployment") return dueAt(progressDueAt(row), { controller: "deployment", uid });
  if (kind === "Job") return dueAt(jobDueAt(row), { controller: "job", uid });
  if (kind === "CronJob") return dueAt(cronJobDueAt(row), { controller: "cron-job", uid });
  return undefined;
}

const dueAt = (due: number | undefined, key: DirtyKey): ObjectTimer | undefined =>
  due === undefined ? undefined : { due, key };
