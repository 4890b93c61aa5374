// Evicting a pod: deleting it, if the disruption budget that selects it allows that now. The decision and its effect
// are in one turn, so no two evictions ever spend the same allowance.
// (Source: Kubernetes, pkg/registry/core/pod/storage/eviction.go.)

import { defaultNamespace, failure, type Result } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { ClusterState, Decision, ObjectRow, PodRow } from "./contract.ts";
import { conflictOf } from "./decide-update.ts";
import { type Deciding, notFound, told } from "./deciding.ts";
import { evictionReason } from "./disruption-target.ts";
import { budgetSpecOf, countBudget } from "./disruption-budgets.ts";
import { findObject } from "./find-object.ts";
import { isFinished } from "./node-table.ts";
import { podDeletion } from "./pod-deletion.ts";

export function evictPod(deciding: Deciding, command: CommandOf<"EvictPod">): Result<Decision> {
  const { state, header } = deciding;
  const { namespace = defaultNamespace, name, preconditions, gracePeriodSeconds, dryRun } = command;
  const ref = { kind: "Pod", namespace, name };
  const found = findObject(state, ref);
  const pod = found && state.pod(found.ref.uid);
  if (!found || !pod) return notFound(ref);
  const refused = conflictOf(found, preconditions) ?? refuseEviction(state, pod);
  if (refused) return refused;
  const reason = evictionReason(header.by);
  const events = podDeletion(state, header, pod, { reason, graceSeconds: gracePeriodSeconds });
  return told({ events, outcome: "deleted", object: found.ref, preview: found.value }, dryRun);
}

function refuseEviction(state: ClusterState, pod: PodRow): Result<never> | undefined {
  // What does not run, or goes already, disrupts nobody.
  if (isFinished(pod) || pod.status.phase === "Pending" || pod.deletion) return undefined;
  const budgets = [...state.budgetsOf(pod.ref.uid)];
  const [budget, ...others] = budgets;
  if (!budget) return undefined;
  if (others.length > 0) {
    const names = budgets.map(({ ref }) => ref.name).sort();
    return failure(
      "Internal",
      `This pod has more than one PodDisruptionBudget (${names.join(", ")}), which the eviction subresource does not support: change their selectors so that one is left.`,
    );
  }
  return refuseByBudget(state, budget, pod);
}

function refuseByBudget(state: ClusterState, budget: ObjectRow, pod: PodRow): Result<never> | undefined {
  const { currentHealthy, desiredHealthy, disruptionsAllowed, failure: unknown } = countBudget(state, budget);
  if (!pod.ready) {
    const { unhealthyPodEvictionPolicy = "IfHealthyBudget" } = budgetSpecOf(budget);
    if (unhealthyPodEvictionPolicy === "AlwaysAllow") return undefined;
    // Its going changes nothing for an application that is healthy without it.
    if (unknown === undefined && currentHealthy >= desiredHealthy && desiredHealthy > 0) return undefined;
  }
  if (disruptionsAllowed > 0) return undefined;
  const { name } = budget.ref;
  const why =
    unknown === undefined
      ? `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
      : `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${unknown}`;
  return failure(
    "DisruptionBudget",
    `Cannot evict pod as it would violate the pod's disruption budget. ${why}.`,
  );
}
