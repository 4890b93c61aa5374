// How many pods a job has at work: makes those that are missing, for the indexes that are missing, and ends those
// that are too many.

import type { CommandEnvelope, PodMember } from "../../protocol/mod.ts";
import {
  type ClusterState,
  completionIndexKey,
  indexFailureCountKey,
  isFinished,
  jobFinalizer,
  type JobSpec,
  type JobStatus,
  maxPodsPerCommand,
  type ObjectRow,
  type PodRow,
} from "../cluster/mod.ts";
import { delayedIndexes, failedIndexes } from "./job-index-failures.ts";
import { indexOf, parseIndexes } from "./job-indexes.ts";
import { commandsPerReconcile, type Order } from "./ordering.ts";
import { victimsFirst } from "./victims.ts";

export interface JobView {
  readonly row: ObjectRow;
  readonly spec: JobSpec;
  readonly status: JobStatus;
  readonly pods: readonly PodRow[];
}

export const activeOf = (pods: readonly PodRow[]): readonly PodRow[] =>
  pods.filter((pod) => !isFinished(pod) && !pod.deletion);

/** What the job itself ends is not counted: its holding ends in the same commit. */
export const endPods = (pods: readonly PodRow[], reason: string, order: Order): readonly CommandEnvelope[] =>
  pods
    .slice(0, commandsPerReconcile)
    .map(({ ref }) => order({ type: "DeletePod", pod: ref, reason, finalizer: jobFinalizer }));

export function keepPods(
  state: ClusterState,
  view: JobView,
  { now, order }: { readonly now: number; readonly order: Order },
): readonly CommandEnvelope[] {
  const { row, spec, status, pods } = view;
  const surplus = surplusOf(view);
  const active = activeOf(pods).filter((pod) => !surplus.includes(pod));
  const wanted = wantedOf(view, active.length);
  const reason = `${active.length} of ${wanted} pods at work, ${status.succeeded ?? 0} succeeded`;
  const tooMany = victimsFirst(state, active).slice(0, Math.max(0, active.length - wanted));
  const ends = endPods([...surplus, ...tooMany], `job ${row.ref.name}: ${reason}`, order);
  if (ends.length > 0) return ends;
  // Those on their way out count where the job waits for them.
  const leaving = spec.podReplacementPolicy === "Failed" ? leavingOf(pods) : [];
  const missing = Math.min(wanted - active.length - leaving.length, maxPodsPerCommand);
  const until = status.backOff && Date.parse(status.backOff.until);
  if (missing <= 0 || (until !== undefined && now < until) || !mayCreate(state, row)) return [];
  const members = membersOf(view, [...active, ...leaving], missing);
  if (members.length === 0) return [];
  return [order({ type: "CreatePods", owner: row.ref, count: members.length, members, reason })];
}

const leavingOf = (pods: readonly PodRow[]): readonly PodRow[] =>
  pods.filter((pod) => pod.deletion && !isFinished(pod));

/** A terminating namespace refuses new pods: asking would only be refused. */
function mayCreate(state: ClusterState, { ref }: ObjectRow): boolean {
  const namespace = state.object("Namespace", undefined, ref.namespace ?? "");
  return namespace !== undefined && !namespace.deletion;
}

/** A work queue starts no more workers once one has succeeded. */
function wantedOf({ spec, status }: JobView, active: number): number {
  const parallelism = spec.parallelism ?? 1;
  const succeeded = status.succeeded ?? 0;
  if (spec.completions === undefined) return succeeded > 0 ? Math.min(active, parallelism) : parallelism;
  const failed = failedIndexes(status, spec).size;
  return Math.min(parallelism, Math.max(0, spec.completions - succeeded - failed));
}

/** Pods of an index that is complete, out of range, or has an older pod already. */
function surplusOf({ spec, status, pods }: JobView): readonly PodRow[] {
  if (spec.completionMode !== "Indexed") return [];
  const completions = spec.completions ?? 0;
  const taken = settledIndexes(status, spec);
  const oldestFirst = activeOf(pods).toSorted((left, right) => (left.born ?? 0) - (right.born ?? 0));
  return oldestFirst.filter((pod) => {
    const index = indexOf(pod, completions);
    if (index === undefined || taken.has(index)) return true;
    taken.add(index);
    return false;
  });
}

/** Complete, or failed for good. */
const settledIndexes = (status: JobStatus, spec: JobSpec): Set<number> =>
  parseIndexes(status.completedIndexes, spec.completions ?? 0).union(failedIndexes(status, spec));

function membersOf(view: JobView, present: readonly PodRow[], missing: number): readonly PodMember[] {
  const { row, spec, status } = view;
  if (spec.completionMode !== "Indexed") return Array.from({ length: missing }, () => ({}));
  const completions = spec.completions ?? 0;
  const taken = settledIndexes(status, spec);
  for (const index of delayedIndexes(status)) taken.add(index);
  for (const pod of present) {
    const index = indexOf(pod, completions);
    if (index !== undefined) taken.add(index);
  }
  const members: PodMember[] = [];
  for (let index = 0; index < completions && members.length < missing; index++) {
    if (!taken.has(index)) members.push(indexed(row.ref.name, index, failuresOf(view, index)));
  }
  return members;
}

/** Told to the pod where each index has a limit of its own. */
const failuresOf = ({ spec, status }: JobView, index: number): Readonly<Record<string, string>> =>
  spec.backoffLimitPerIndex === undefined
    ? {}
    : { [indexFailureCountKey]: String(status.indexBackOff?.[index]?.failures ?? 0) };

const indexed = (job: string, index: number, more: Readonly<Record<string, string>>): PodMember => ({
  prefix: `${job}-${index}-`,
  hostname: `${job}-${index}`,
  labels: { [completionIndexKey]: String(index) },
  annotations: { [completionIndexKey]: String(index), ...more },
});
