// What a pod disruption budget allows now, counted from the pods themselves: never from its status, which is told
// after the fact. (Source: Kubernetes, the disruption controller.)

import type { LabelSelector, PodDisruptionBudget, PodDisruptionBudgetStatus } from "../../protocol/mod.ts";
import { matches, selectorFromObject } from "../../protocol/mod.ts";
import { amountOf } from "./amount.ts";
import type { ClusterState, ObjectRow, PodRow } from "./contract.ts";
import { controllerOf } from "./controlling.ts";
import type { LabelPredicate } from "./label-sets.ts";
import { isFinished } from "./node-table.ts";
import { deploymentSpecOf, isReplicator, replicatorSpecOf } from "./specs.ts";
import { statefulSetSpecOf } from "./batch-specs.ts";

export type BudgetSpec = NonNullable<PodDisruptionBudget["spec"]>;
export const budgetSpecOf = ({ value }: Pick<ObjectRow, "value">): BudgetSpec =>
  (value.spec ?? {}) as BudgetSpec;
export const budgetStatusOf = ({ status }: ObjectRow): Partial<PodDisruptionBudgetStatus> =>
  status as Partial<PodDisruptionBudgetStatus>;

export interface BudgetCount {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  readonly currentHealthy: number;
  readonly disruptionsAllowed: number;
  /** It cannot be told how many pods there should be; nothing is allowed then. */
  readonly failure?: string;
}

/** Unlike other selectors, an empty one selects every pod of the namespace; an absent one selects none. */
export function budgetPredicate(selector: LabelSelector | undefined): LabelPredicate | undefined {
  const parsed = selectorFromObject(selector);
  if (!selector || !parsed.ok) return undefined;
  return (labels) => matches(parsed.value, labels);
}

/** A pod that is on its way out is not healthy from the moment that it was asked to go. */
export const isHealthy = (pod: PodRow): boolean => pod.ready && !pod.deletion;

type Counted = Pick<ClusterState, "pods" | "podsSelected" | "objectByUid">;

export function countBudget(state: Counted, budget: ObjectRow): BudgetCount {
  const spec = budgetSpecOf(budget);
  const pods = [...podsOfBudget(state, budget)].filter((pod) => !isFinished(pod));
  const currentHealthy = pods.filter(isHealthy).length;
  const expected = expectation(state, spec, pods);
  if ("failure" in expected) {
    const { expectedPods = 0, desiredHealthy = 0 } = budgetStatusOf(budget);
    return { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed: 0, failure: expected.failure };
  }
  const { expectedPods, desiredHealthy } = expected;
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  return { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed };
}

function podsOfBudget(state: Counted, budget: ObjectRow): Iterable<PodRow> {
  const namespace = budget.ref.namespace ?? "";
  const { selector } = budgetSpecOf(budget);
  if (!selector) return [];
  const none =
    Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  return none ? state.pods(namespace) : state.podsSelected(namespace, selector);
}

type Expectation =
  | { readonly expectedPods: number; readonly desiredHealthy: number }
  | { readonly failure: string };

/** A plain number of pods that must be available is all there is to know; for the rest, owners say how many there are. */
function expectation(state: Counted, spec: BudgetSpec, pods: readonly PodRow[]): Expectation {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable === undefined && typeof minAvailable !== "string") {
    return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0 };
  }
  const scales = new Map<string, number>();
  for (const pod of pods) {
    if (pod.owner === undefined) continue;
    const scale = scaleOf(state, pod);
    if ("failure" in scale) return scale;
    scales.set(scale.owner, scale.replicas);
  }
  const expectedPods = [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  if (maxUnavailable === undefined) {
    return { expectedPods, desiredHealthy: amountOf(minAvailable, expectedPods, Math.ceil) };
  }
  const missing = amountOf(maxUnavailable, expectedPods, Math.ceil);
  return { expectedPods, desiredHealthy: Math.max(0, expectedPods - missing) };
}

type Scale = { readonly owner: string; readonly replicas: number } | { readonly failure: string };

function scaleOf(state: Counted, pod: PodRow): Scale {
  const owner = pod.owner === undefined ? undefined : state.objectByUid(pod.owner);
  if (!owner) return { failure: `found no controllers for pod "${pod.ref.name}"` };
  const { kind, uid } = owner.ref;
  const above = kind === "ReplicaSet" ? controllerOf(owner.value.metadata.ownerReferences) : undefined;
  const deployment = above === undefined ? undefined : state.objectByUid(above);
  if (deployment?.ref.kind === "Deployment") {
    return { owner: deployment.ref.uid, replicas: deploymentSpecOf(deployment.value).replicas ?? 1 };
  }
  if (isReplicator(kind)) return { owner: uid, replicas: replicatorSpecOf(owner.value).replicas };
  if (kind === "StatefulSet") return { owner: uid, replicas: statefulSetSpecOf(owner.value).replicas ?? 1 };
  return { failure: `${kind} ${owner.ref.name} has no scale: give minAvailable as a number instead` };
}
