// Jobs: pods that are to end well so many times. Each step is one commit's worth, and the next reconcile takes the
// next: count what has ended, end the job, then keep the right number of pods at work.
// Behaviour: https://kubernetes.io/docs/concepts/workloads/controllers/job/

import { type CommandEnvelope, sameValue, type Uid } from "../../protocol/mod.ts";
import {
  type ClusterState,
  finalCondition,
  isManagedElsewhere,
  isTracked,
  jobDueAt,
  jobFinalizer,
  jobSpecOf,
  type JobStatus,
  jobStatusOf,
  type Reconcile,
} from "../cluster/mod.ts";
import { countEnded } from "./job-counting.ts";
import { activeOf, endPods, type JobView, keepPods } from "./job-pods.ts";
import { withoutOldDelays } from "./job-index-failures.ts";
import { begun, decidedEnding, ending, endingOf, withPods } from "./job-status.ts";
import { commandsPerReconcile, type Order, ordering } from "./ordering.ts";

export const reconcileJob: Reconcile = (state, uid, now) => {
  const order = ordering(state, "job", uid);
  const row = state.objectByUid(uid);
  if (!row || row.deletion) return letGo(state, uid, order);
  if (row.ref.kind !== "Job") return [];
  const spec = jobSpecOf(row.value);
  if (isManagedElsewhere(spec)) return [];
  const view: JobView = { row, spec, status: jobStatusOf(row), pods: [...state.podsOwnedBy(uid)] };
  if (finalCondition(view.status)) return afterEnd(state, view, now, order);
  return counted(state, view, now, order) ?? atWork(state, view, now, order);
};

/** Its job is gone or going: nobody counts them any more. */
function letGo(state: ClusterState, uid: Uid, order: Order): readonly CommandEnvelope[] {
  const held = [...state.podsOwnedBy(uid)].filter(isTracked).slice(0, commandsPerReconcile);
  return held.map(({ ref }) => order({ type: "RemoveFinalizer", object: ref, finalizer: jobFinalizer }));
}

/** One commit with the counts, the pods that were counted, and the end of the job if that is what it comes to. */
function counted(
  state: ClusterState,
  view: JobView,
  now: number,
  order: Order,
): readonly CommandEnvelope[] | undefined {
  const { row, spec, pods } = view;
  const status = begun(view.status, spec, now);
  const count = countEnded(state, { pods, spec, status, now });
  if (!count) return undefined;
  const { newFailures, failed } = count;
  const fatal =
    failed === undefined
      ? undefined
      : ({ type: "Failed", reason: "PodFailurePolicy", message: failed } as const);
  const why = decidedEnding(status) ?? fatal ?? endingOf(spec, count.status, { pods, newFailures, now });
  const next = why ? ending(state, count.status, { ending: why, pods, now }) : count.status;
  const final = withPods(next, pods);
  const refs = count.pods.map(({ ref }) => ref);
  return [order({ type: "CountJobPods", job: row.ref, pods: refs, status: { ...final } })];
}

function atWork(state: ClusterState, view: JobView, now: number, order: Order): readonly CommandEnvelope[] {
  const { row, spec, pods } = view;
  const status = withoutOldDelays(begun(view.status, spec, now), now);
  const why = decidedEnding(status) ?? endingOf(spec, status, { pods, newFailures: 0, now });
  if (why) {
    const told = tell(view, ending(state, status, { ending: why, pods, now }), order);
    return [...told, ...endPods(activeOf(pods), `job ${row.ref.name} has ended`, order)];
  }
  const commands = spec.suspend
    ? endPods(activeOf(pods), `job ${row.ref.name} is suspended`, order)
    : keepPods(state, { ...view, status }, { now, order });
  // The status is told once the pods are as they should be, not at every step on the way.
  return commands.length > 0 ? commands : tell(view, status, order);
}

/** No pod of it goes on, and it goes itself once its time is over. */
function afterEnd(state: ClusterState, view: JobView, now: number, order: Order): readonly CommandEnvelope[] {
  const { row, pods, status } = view;
  const { namespace = "", name, uid } = row.ref;
  const rest = endPods(activeOf(pods), `job ${name} has ended`, order);
  if (rest.length > 0) return rest;
  // They were on their way out when the job ended, or ended after it: they count for nothing.
  const held = letGo(state, uid, order);
  if (held.length > 0) return held;
  const due = jobDueAt(row);
  if (due !== undefined && now >= due) {
    const preconditions = { uid };
    return [
      order({ type: "DeleteObject", kind: "Job", namespace, name, propagation: "Foreground", preconditions }),
    ];
  }
  return tell(view, status, order);
}

function tell({ row, pods }: JobView, status: JobStatus, order: Order): readonly CommandEnvelope[] {
  const told = withPods(status, pods);
  if (sameValue(row.status, told)) return [];
  return [order({ type: "UpdateStatus", object: row.ref, status: { ...told } })];
}
