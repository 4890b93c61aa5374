// From a snapshot and the pods that wait to bindings and refusals. Pure: the same input gives the same plan.
// Groups of equal pods are planned one after the other, in the order of their first pods.

import type { Binding, PlanPods, PodRow, SchedulingPlan } from "../cluster/contract.ts";
import { candidatesOf } from "./candidate.ts";
import { planGroup } from "./group.ts";

/**
 * Every pod ends in exactly one of `bindings` and `refusals`. What is planned for one pod counts for the next.
 * Costs one look at each node per group, and then the logarithm of the number of nodes per pod.
 */
export const planPods: PlanPods = (snapshot, pods, _now): SchedulingPlan => {
  if (pods.length === 0) return { bindings: [], refusals: [] };
  const groups = new Map<string, PodRow[]>();
  for (const pod of pods) {
    const equals = groups.get(pod.group);
    if (equals) equals.push(pod);
    else groups.set(pod.group, [pod]);
  }
  const candidates = candidatesOf(snapshot);
  const bindings: Binding[] = [];
  const refusals: SchedulingPlan["refusals"][number][] = [];
  for (const equals of groups.values()) {
    const plan = planGroup(snapshot, candidates, equals);
    for (const binding of plan.bindings) bindings.push(binding);
    if (plan.refused) {
      const { pods: refused, refusal } = plan.refused;
      refusals.push({ pods: refused.map((pod) => pod.ref.uid), refusal });
    }
  }
  return { bindings, refusals };
};
