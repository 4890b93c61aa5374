// Jobs: never more pods at work than asked for, none once it has ended or is suspended, and each pod that has ended is
// counted exactly once.

import type { ObjectRow, PodRow } from "../../../master/cluster/contract.ts";
import {
  completionIndexKey,
  finalCondition,
  isFinished,
  jobFinalizer,
  jobSpecOf,
  type JobSpec,
  jobStatusOf,
  targetCondition,
} from "../../../master/cluster/mod.ts";
import type { Positioned, Uid } from "../../../protocol/mod.ts";
import { parseIndexes } from "../../../master/controllers/job-indexes.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";
import { livingOf } from "./owned-pods.ts";

interface End {
  readonly final: string | undefined;
  /** What ends it is decided, and the last pods are on their way out. */
  readonly decided: boolean;
  readonly succeeded: number;
  readonly failed: number;
}

/** What was counted of one job, taken from the pods that were let go of. */
interface Tally {
  succeeded: number;
  readonly indexes: Set<number>;
}

export const jobsCountExactly: MakeInvariant = (cluster): Invariant => {
  const name = "a job's pods are as many as asked, and each counts once";
  const { state } = cluster.oracle;
  const tallies = new Map<Uid, Tally>();
  /** Jobs that had ended: nothing of them changes any more. */
  const ended = new Map<Uid, string>();
  const touched = new Set<Uid>();
  return {
    name,
    before(event) {
      if (event.type === "PodCreated" && event.owner.kind === "Job") checkNew(event);
      else if (event.type === "FinalizerRemoved" && event.finalizer === jobFinalizer) count(event);
      else if (event.type === "StatusUpdated" && event.object.kind === "Job") touched.add(event.object.uid);
    },
    accepted() {
      for (const uid of touched) {
        const row = state.objectByUid(uid);
        if (row) checkStatus(row);
      }
      touched.clear();
    },
  };

  function checkNew(event: Extract<Positioned, { readonly type: "PodCreated" }>): void {
    const row = state.objectByUid(event.owner.uid as Uid);
    const what = `${event.object.name} at ${event.position}`;
    must(row !== undefined, name, () => `${what} is made for a job that is not there`);
    if (!row) return;
    const spec = jobSpecOf(row.value);
    const status = jobStatusOf(row);
    must(
      !finalCondition(status) && !targetCondition(status) && !spec.suspend,
      name,
      () => `${what}: its job has ended, or is suspended`,
    );
    const living = livingOf(cluster, row.ref.uid);
    const leaving =
      spec.podReplacementPolicy === "Failed"
        ? [...state.podsOwnedBy(row.ref.uid)].filter((pod) => pod.deletion && !isFinished(pod))
        : [];
    const most = Math.min(
      spec.parallelism ?? 1,
      (spec.completions ?? Number.POSITIVE_INFINITY) - (status.succeeded ?? 0),
    );
    const has = living.length + leaving.length + 1;
    must(has <= most, name, () => `${what} makes ${has} at work of at most ${most}`);
    if (spec.completionMode !== "Indexed") return;
    const index = Number(event.annotations?.[completionIndexKey]);
    must(index >= 0 && index < (spec.completions ?? 0), name, () => `${what} has the index ${index}`);
    must(!tallies.get(row.ref.uid)?.indexes.has(index), name, () => `${what}: index ${index} has succeeded`);
    const failed = parseIndexes(status.failedIndexes, spec.completions ?? 0);
    must(!failed.has(index), name, () => `${what}: index ${index} has failed for good`);
    const twin = [...living, ...leaving].find((pod) => indexOf(pod) === index);
    must(twin === undefined, name, () => `${what}: ${twin?.ref.name} has the index ${index} too`);
  }

  function count(event: Positioned & { readonly object: { readonly uid: Uid } }): void {
    const pod = state.pod(event.object.uid);
    const row = pod?.owner && state.objectByUid(pod.owner);
    if (!pod || !row || row.ref.kind !== "Job" || event.by !== "controller:job") return;
    if (row.deletion || ended.has(row.ref.uid)) return;
    touched.add(row.ref.uid);
    if (pod.status.phase !== "Succeeded") return;
    const tally = tallies.get(row.ref.uid) ?? { succeeded: 0, indexes: new Set() };
    tallies.set(row.ref.uid, tally);
    tally.succeeded++;
    const index = indexOf(pod);
    if (index !== undefined) tally.indexes.add(index);
  }

  function checkStatus(row: ObjectRow): void {
    const { uid } = row.ref;
    const spec = jobSpecOf(row.value);
    const status = jobStatusOf(row);
    const what = `Job ${row.ref.name} at ${row.position}`;
    const finals = (status.conditions ?? []).filter(({ type }) => type === "Complete" || type === "Failed");
    must(finals.length <= 1, name, () => `${what} has ended in two ways`);
    const told = `${finals[0]?.type} ${status.succeeded} ${status.failed}`;
    const before = ended.get(uid);
    must(before === undefined || before === told, name, () => `${what} had ended: ${before}, and is ${told}`);
    const tally = tallies.get(uid);
    const counted = (spec.completionMode === "Indexed" ? tally?.indexes.size : tally?.succeeded) ?? 0;
    must(
      (status.succeeded ?? 0) === counted,
      name,
      () => `${what} tells of ${status.succeeded} successes; ${counted} were counted`,
    );
    if (finals[0]) ended.set(uid, told);
    checkEnd(what, spec, {
      final: finals[0]?.type,
      decided: finals.length > 0 || targetCondition(status) !== undefined,
      succeeded: counted,
      failed: status.failed ?? 0,
    });
  }

  function checkEnd(
    what: string,
    { completions, backoffLimit = 6, backoffLimitPerIndex, successPolicy }: JobSpec,
    end: End,
  ): void {
    const { final, decided, succeeded, failed } = end;
    if (completions !== undefined) {
      must(succeeded <= completions, name, () => `${what} has ${succeeded} of ${completions} completions`);
      must(
        final !== "Complete" || succeeded === completions || successPolicy !== undefined,
        name,
        () => `${what} is complete with ${succeeded} of ${completions}`,
      );
    }
    must(
      decided || failed <= backoffLimit || backoffLimitPerIndex !== undefined,
      name,
      () => `${what} goes on with ${failed} failures of ${backoffLimit}`,
    );
    must(
      decided || completions === undefined || succeeded < completions,
      name,
      () => `${what} goes on with ${succeeded} of ${completions}`,
    );
  }
};

function indexOf({ metadata }: PodRow): number | undefined {
  const text = metadata.annotations?.[completionIndexKey];
  return text === undefined ? undefined : Number(text);
}
