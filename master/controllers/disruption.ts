// Pod disruption budgets: tells in their status what they allow. Evictions do not read it, they count again.

import { sameValue } from "../../protocol/mod.ts";
import {
  type BudgetCount,
  budgetStatusOf,
  countBudget,
  type ObjectRow,
  type Reconcile,
  timestamp,
} from "../cluster/mod.ts";
import { ordering } from "./ordering.ts";

export const reconcileDisruption: Reconcile = (state, uid, now) => {
  const row = state.objectByUid(uid);
  if (row?.ref.kind !== "PodDisruptionBudget" || row.deletion) return [];
  const count = countBudget(state, row);
  const { failure: _failure, ...numbers } = count;
  const status = {
    observedGeneration: row.value.metadata.generation ?? 0,
    ...numbers,
    conditions: [conditionOf(row, count, now)],
  };
  if (sameValue(row.status, status)) return [];
  return [ordering(state, "disruption", uid)({ type: "UpdateStatus", object: row.ref, status })];
};

/** Kubernetes' condition, in its words. */
function conditionOf(row: ObjectRow, { disruptionsAllowed, failure }: BudgetCount, now: number) {
  const allowed = disruptionsAllowed > 0;
  const condition = {
    type: "DisruptionAllowed",
    status: allowed ? ("True" as const) : ("False" as const),
    reason: failure === undefined ? (allowed ? "SufficientPods" : "InsufficientPods") : "SyncFailed",
    message: failure ?? "",
    observedGeneration: row.value.metadata.generation ?? 0,
  };
  const before = budgetStatusOf(row).conditions?.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : timestamp(now);
  return { ...condition, lastTransitionTime };
}
