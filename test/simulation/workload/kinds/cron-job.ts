// Cron jobs: runs in the first minutes of the day on which every run of the simulation begins, so that they end.

import type { ObjectRow } from "../../../../master/cluster/contract.ts";
import {
  cronJobSpecOf,
  cronJobStatusOf,
  finalCondition,
  jobStatusOf,
  scheduledSince,
} from "../../../../master/cluster/mod.ts";
import { parseSchedule } from "../../../../protocol/mod.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import { jobSpec } from "./job.ts";
import { leadersNow, metadataOf, type SimulatedKind } from "./kind.ts";

/** Nothing may come while the cluster is to be silent. */
const aheadMs = 120_000;
/** A run comes no later than this after its time. */
const answeredMs = 1_000;

const drawSchedule = (draw: Draw): object =>
  draw.pick([
    { schedule: "0-4 0 1 1 *" },
    { schedule: "0-4/2 0 1 1 *", timeZone: "Etc/UTC" },
    { schedule: "0-3 1 1 1 *", timeZone: "Europe/Berlin" },
  ]);

export const jobsOf = (cluster: SimCluster, row: ObjectRow): readonly ObjectRow[] =>
  [...cluster.oracle.state.dependents(row.ref.uid)].flatMap(({ kind, uid }) => {
    const found = kind === "Job" ? cluster.oracle.state.objectByUid(uid) : undefined;
    return found ? [found] : [];
  });

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const { schedule, timeZone, suspend } = cronJobSpecOf(row.value);
  const parsed = parseSchedule(schedule, timeZone);
  if (parsed.ok && !suspend) {
    const now = leadersNow(cluster);
    // Also one that has only just come, and is being answered.
    const next = parsed.value.after(now - answeredMs);
    if (next !== undefined && next < now + aheadMs) yield "runs again soon";
    const { skipped } = cronJobStatusOf(row);
    const missed = parsed.value.latest(scheduledSince(row), now - answeredMs);
    if (missed !== undefined && Date.parse(skipped?.time ?? "") !== missed)
      yield `has neither run nor passed over ${new Date(missed).toISOString()}`;
  }
  const active = jobsOf(cluster, row).filter((found) => !finalCondition(jobStatusOf(found)));
  const told = cronJobStatusOf(row).active ?? [];
  if (active.filter(({ deletion }) => !deletion).length !== told.length)
    yield `tells of ${told.length} active jobs and has ${active.length}`;
}

export const cronJob: SimulatedKind = {
  kind: "CronJob",
  weight: 2,
  manifest: (draw, place) => ({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metadataOf(place),
    spec: {
      ...drawSchedule(draw),
      concurrencyPolicy: draw.pick(["Allow", "Forbid", "Replace"]),
      ...(draw.chance(0.3) && { startingDeadlineSeconds: draw.pick([10, 30]) }),
      successfulJobsHistoryLimit: draw.below(3),
      failedJobsHistoryLimit: draw.below(2),
      jobTemplate: { spec: { ...jobSpec(draw, place.name), suspend: false } },
    },
  }),
  edit: (draw) => ({
    spec: draw.weighted<object>([
      [2, { suspend: true }],
      [3, { suspend: false }],
      [2, { concurrencyPolicy: draw.pick(["Allow", "Forbid", "Replace"]) }],
      [1, drawSchedule(draw)],
    ]),
  }),
  owes,
};
