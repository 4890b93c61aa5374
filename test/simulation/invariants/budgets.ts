// Disruption budgets: no eviction takes a pod that works and is needed. Counted apart from the control plane.

import type { ObjectRow, PodRow } from "../../../master/cluster/contract.ts";
import {
  controllerOf,
  deploymentSpecOf,
  isFinished,
  isReplicator,
  replicatorSpecOf,
  statefulSetSpecOf,
} from "../../../master/cluster/mod.ts";
import type { Positioned } from "../../../protocol/mod.ts";
import { healthyPods } from "../workload/kinds/disruption-budget.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

interface Budget {
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
}

export const evictionsKeepBudgets: MakeInvariant = (cluster): Invariant => {
  const name = "an eviction leaves what its budget wants";
  const { state } = cluster.oracle;
  return {
    name,
    before(event) {
      if (event.type !== "DeletionRequested" && event.type !== "ObjectDeleted") return;
      if (!event.reason.startsWith("evicted by")) return;
      const pod = state.pod(event.object.uid);
      if (pod?.ready && !pod.deletion && !isFinished(pod)) check(event, pod);
    },
  };

  function check(event: Positioned, pod: PodRow): void {
    const app = pod.metadata.labels?.["app"] ?? "";
    const budget = state.object("PodDisruptionBudget", pod.ref.namespace, app);
    if (!budget) return;
    const least = needed(budget);
    const left = healthyPods(cluster, budget) - 1;
    must(
      left >= least,
      name,
      () => `${pod.ref.name} is evicted at ${event.position}: ${left} are left of at least ${least}`,
    );
  }

  function needed(budget: ObjectRow): number {
    const { minAvailable, maxUnavailable } = (budget.value.spec ?? {}) as Budget;
    if (typeof minAvailable === "number") return minAvailable;
    const owners = new Map<string, number>();
    for (const pod of state.podsMatching(budget.ref.namespace ?? "", { app: budget.ref.name })) {
      if (pod.owner === undefined || isFinished(pod)) continue;
      const [uid, replicas] = scaleOf(pod);
      owners.set(uid, replicas);
    }
    const expected = [...owners.values()].reduce((sum, replicas) => sum + replicas, 0);
    if (maxUnavailable !== undefined) return expected - Number(maxUnavailable);
    return Math.ceil((expected * Number.parseInt(minAvailable ?? "0", 10)) / 100);
  }

  /** Of an owner that has no number of its own nobody can say how many pods there should be: nothing may go. */
  function scaleOf({ owner }: PodRow): readonly [string, number] {
    const row = owner && state.objectByUid(owner);
    if (!row) return ["nobody", Number.POSITIVE_INFINITY];
    const above = controllerOf(row.value.metadata.ownerReferences);
    const deployment = above === undefined ? undefined : state.objectByUid(above);
    if (deployment?.ref.kind === "Deployment")
      return [deployment.ref.uid, deploymentSpecOf(deployment.value).replicas ?? 1];
    if (isReplicator(row.ref.kind)) return [row.ref.uid, replicatorSpecOf(row.value).replicas];
    if (row.ref.kind === "StatefulSet") return [row.ref.uid, statefulSetSpecOf(row.value).replicas ?? 1];
    return [row.ref.uid, Number.POSITIVE_INFINITY];
  }
};
