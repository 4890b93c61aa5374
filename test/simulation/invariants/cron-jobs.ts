// Cron jobs: one job for one time of the schedule, never before it, and beside others only where the policy says so.

import type { ApiObject, Positioned, Uid } from "../../../protocol/mod.ts";
import { cronJobSpecOf, finalCondition, jobStatusOf } from "../../../master/cluster/mod.ts";
import { jobsOf } from "../workload/kinds/cron-job.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

const scheduledFor = ({ metadata }: ApiObject): string =>
  metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"] ?? "";

export const runsAreMadeOnce: MakeInvariant = (cluster): Invariant => {
  const name = "a cron job makes one job for each time, as its policy allows";
  const { state } = cluster.oracle;
  const made = new Map<Uid, Set<string>>();
  return {
    name,
    before(event) {
      if (event.type === "ObjectCreated" && event.by === "controller:cron-job") check(event);
    },
  };

  function check(event: Extract<Positioned, { readonly type: "ObjectCreated" }>): void {
    const [owner] = event.value.metadata.ownerReferences ?? [];
    const row = owner && state.objectByUid(owner.uid as Uid);
    const what = `${event.object.name} at ${event.position}`;
    must(row !== undefined && !row.deletion, name, () => `${what} is made for nobody`);
    if (!row) return;
    const time = scheduledFor(event.value);
    const times = made.get(row.ref.uid) ?? new Set();
    made.set(row.ref.uid, times);
    must(!times.has(time), name, () => `${what} is the second one for ${time}`);
    times.add(time);
    const due = Date.parse(time);
    const { concurrencyPolicy, startingDeadlineSeconds, suspend } = cronJobSpecOf(row.value);
    must(due <= event.at, name, () => `${what} is due at ${time}`);
    must(!suspend, name, () => `${what} is made, and its cron job is suspended`);
    must(
      startingDeadlineSeconds === undefined || event.at <= due + startingDeadlineSeconds * 1000,
      name,
      () => `${what} is made more than ${startingDeadlineSeconds} s after ${time}`,
    );
    if (concurrencyPolicy === "Allow") return;
    const active = jobsOf(cluster, row).find((job) => !job.deletion && !finalCondition(jobStatusOf(job)));
    must(active === undefined, name, () => `${what} is made beside ${active?.ref.name}`);
  }
};
