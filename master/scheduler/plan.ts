// From a snapshot and the pods that wait to bindings and refusals. Pure: the same input gives the same plan.
// Groups of equal pods are planned one after the other, in the order of their first pods: by priority, as pods wait.

import type { Binding, PlanPods, PodRow, SchedulingPlan } from "../cluster/contract.ts";
import type { VolumeNeeds } from "../storage/mod.ts";
import { type Candidate, candidatesOf } from "./candidate.ts";
import { type EqualPods, type GroupPlan, planGroup } from "./group.ts";
import { affinityConflict, PlanVolumes, shareClaims } from "./volumes.ts";
import { Nominations } from "./nominations.ts";
import { Preemptor } from "./preemption.ts";

/**
 * Every pod ends in exactly one of `bindings` and `refusals`. What is planned for one pod counts for the next.
 * Costs one look at each node per group, and then the logarithm of the number of nodes per pod.
 */
export const planPods: PlanPods = (snapshot, pods, _now): SchedulingPlan => {
  if (pods.length === 0) return nothing;
  const candidates = candidatesOf(snapshot);
  const volumes = new PlanVolumes(snapshot, candidates);
  const bindings: Binding[] = [];
  const refusals: SchedulingPlan["refusals"][number][] = [];
  const nominations = new Nominations(snapshot, candidates);
  const preemptor = new Preemptor(snapshot, candidates);
  const take = (plan: GroupPlan, group: EqualPods): void => {
    for (const binding of plan.bindings) bindings.push(binding);
    if (plan.refused) {
      const { pods: refused, refusal } = plan.refused;
      refusals.push({ pods: refused.map((pod) => pod.ref.uid), refusal });
      preemptor.makeRoom(refused, group);
    }
  };
  for (const { model, equals } of groupsOf(pods, volumes)) {
    nominations.reserveFor(equals);
    const group = { snapshot, candidates, pods: equals };
    if (!model) take(planGroup(group), group);
    else planClaiming({ snapshot, candidates, volumes }, equals, take);
  }
  const { preemptions, unexamined } = preemptor;
  return { bindings, refusals, preemptions, unexamined };
};

const nothing: SchedulingPlan = { bindings: [], refusals: [], preemptions: [], unexamined: [] };

interface Group {
  readonly equals: PodRow[];
  /** What the claims of its pods ask, as the plan begins. */
  readonly model: VolumeNeeds | undefined;
}

/** Equal pods whose claims ask the same. */
function groupsOf(pods: readonly PodRow[], volumes: PlanVolumes): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    const model = volumes.needsOf(pod);
    const key = model ? `${pod.group} ${model.key}` : pod.group;
    const known = groups.get(key);
    if (known) known.equals.push(pod);
    else groups.set(key, { equals: [pod], model });
  }
  return groups.values();
}

interface Planning {
  readonly snapshot: Parameters<PlanPods>[0];
  readonly candidates: readonly Candidate[];
  readonly volumes: PlanVolumes;
}

/** Where pods have a claim in common the first one decides for the others: they are planned one after the other. */
function planClaiming(
  { snapshot, candidates, volumes }: Planning,
  pods: PodRow[],
  take: (plan: GroupPlan, group: EqualPods) => void,
): void {
  let rest: readonly PodRow[] = pods;
  while (rest.length > 0) {
    const [first, second] = rest;
    const needs = first && volumes.needsOf(first);
    if (!needs) return;
    const next = second && volumes.needsOf(second);
    const together = !next || !needs.binds || !shareClaims(needs, next);
    const batch = together ? rest : rest.slice(0, 1);
    const group = claimingGroup({ snapshot, candidates, volumes }, needs, batch);
    const plan = planGroup(group);
    take(plan.refused && !together ? { ...plan, refused: { ...plan.refused, pods: rest } } : plan, group);
    if (together || plan.refused) return;
    rest = rest.slice(batch.length);
  }
}

function claimingGroup(
  { snapshot, candidates, volumes }: Planning,
  needs: VolumeNeeds,
  pods: readonly PodRow[],
): EqualPods {
  if (needs.refused !== undefined) return { snapshot, candidates, pods, refused: needs.refused };
  const reaching = volumes.candidatesFor(needs);
  return {
    snapshot,
    candidates: reaching,
    pods,
    volumes: volumes.prepare(needs),
    elsewhere: { count: candidates.length - reaching.length, reason: affinityConflict },
  };
}
