// What a deployment's reconcile looks at: the deployment, its replica sets, and how their pods fare.

import { type PodTemplateSpec, sameValue, type Uid } from "../../protocol/mod.ts";
import {
  type ClusterState,
  controllerOf,
  deploymentSpecOf,
  type DeploymentSpec,
  type ObjectRow,
  type ReplicatorSpec,
  replicatorSpecOf,
  selectorPredicate,
} from "../cluster/mod.ts";
import { ordering, type Order } from "./ordering.ts";
import { countPods, type PodCounts } from "./pod-counts.ts";
import { type Bounds, deploymentBounds } from "./rollout-bounds.ts";

export const hashLabel = "pod-template-hash";
export const annotations = {
  revision: "deployment.kubernetes.io/revision",
  history: "deployment.kubernetes.io/revision-history",
  desired: "deployment.kubernetes.io/desired-replicas",
  max: "deployment.kubernetes.io/max-replicas",
  /** Set by a user: a rollout that exceeds its deadline is taken back. */
  autoRevert: "berth.io/auto-revert",
  /** On a replica set: it was rolled out to its end, so there is something to go back to. */
  rolledOut: "berth.io/rolled-out",
  /** On a deployment that was taken back: the revision that failed, and the replica set that was returned to. */
  revertedFrom: "berth.io/reverted-from",
  revertedTo: "berth.io/reverted-to",
} as const;

export interface SetView {
  readonly row: ObjectRow;
  readonly spec: ReplicatorSpec;
  /** What the set asks for, which its pods follow. */
  readonly replicas: number;
  readonly counts: PodCounts;
  readonly revision: number;
}

export interface Rollout {
  readonly state: ClusterState;
  readonly row: ObjectRow;
  readonly spec: DeploymentSpec;
  /** Pods that are wanted. */
  readonly wanted: number;
  readonly bounds: Bounds;
  /** The replica set of the present template. */
  readonly fresh: SetView | undefined;
  /** All others, oldest first; those on their way out too. */
  readonly old: readonly SetView[];
  readonly order: Order;
  readonly now: number;
}

export function viewRollout(state: ClusterState, row: ObjectRow, now: number): Rollout {
  const spec = deploymentSpecOf(row.value);
  const wanted = spec.replicas ?? 1;
  const sets = ownSets(state, row.ref.uid)
    .map((set) => viewSet(state, set, spec.minReadySeconds ?? 0, now))
    .sort(oldestFirst);
  const fresh = sets.find(
    ({ row: { deletion }, spec: own }) => !deletion && sameTemplate(own.template, spec.template),
  );
  const rolling = spec.strategy?.type !== "Recreate";
  return {
    state,
    row,
    spec,
    wanted,
    bounds: rolling
      ? deploymentBounds(spec.strategy?.rollingUpdate, wanted)
      : { maxSurge: 0, maxUnavailable: 0 },
    fresh,
    old: sets.filter((set) => set !== fresh),
    order: ordering(state, "deployment", row.ref.uid),
    now,
  };
}

function ownSets(state: ClusterState, uid: Uid): readonly ObjectRow[] {
  const rows: ObjectRow[] = [];
  for (const { kind, uid: dependent } of state.dependents(uid)) {
    const row = kind === "ReplicaSet" ? state.objectByUid(dependent) : undefined;
    if (row && controllerOf(row.value.metadata.ownerReferences) === uid) rows.push(row);
  }
  return rows;
}

function viewSet(state: ClusterState, row: ObjectRow, minReadySeconds: number, now: number): SetView {
  const spec = replicatorSpecOf(row.value);
  return {
    row,
    spec,
    replicas: spec.replicas,
    counts: countPods(state, row.ref.uid, minReadySeconds, now),
    revision: revisionOf(row),
  };
}

export const revisionOf = ({ value }: ObjectRow): number =>
  Number(value.metadata.annotations?.[annotations.revision] ?? 0) || 0;

const bornOf = ({ row }: SetView): string => row.value.metadata.creationTimestamp ?? "";
function oldestFirst(left: SetView, right: SetView): number {
  if (bornOf(left) !== bornOf(right)) return bornOf(left) < bornOf(right) ? -1 : 1;
  return left.revision - right.revision || (left.row.ref.name < right.row.ref.name ? -1 : 1);
}

/** The hash is the control plane's own and takes no part in the comparison. */
function sameTemplate(own: PodTemplateSpec, wanted: PodTemplateSpec): boolean {
  return sameValue(withoutHash(own), withoutHash(wanted));
}

export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  if (template.metadata?.labels?.[hashLabel] === undefined) return template;
  const { [hashLabel]: _hash, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Replica sets without an owner that the selector selects, and own ones that it no longer does. */
export function strayedSets(
  state: ClusterState,
  row: ObjectRow,
): { readonly orphans: readonly ObjectRow[]; readonly strangers: readonly ObjectRow[] } {
  const matches = selectorPredicate(deploymentSpecOf(row.value).selector);
  const selected = ({ value }: ObjectRow): boolean => matches?.(value.metadata.labels ?? {}) ?? false;
  return {
    orphans: [...state.unownedReplicaSets(row.ref.namespace ?? "")].filter(
      (set) => !set.deletion && selected(set),
    ),
    strangers: ownSets(state, row.ref.uid).filter((set) => !selected(set)),
  };
}

export const allSets = ({ fresh, old }: Rollout): readonly SetView[] => (fresh ? [...old, fresh] : old);
export const sumOf = (sets: readonly SetView[], pick: (set: SetView) => number): number =>
  sets.reduce((total, set) => total + pick(set), 0);
export const replicasOf = (set: SetView): number => set.replicas;
/** Never more than the set asks for: what is above is about to go. */
export const availableOf = ({ counts, replicas }: SetView): number => Math.min(counts.available, replicas);
