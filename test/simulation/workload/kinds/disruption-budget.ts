// Disruption budgets: how many pods of a workload an eviction has to leave.

import type { ObjectRow } from "../../../../master/cluster/contract.ts";
import { isFinished } from "../../../../master/cluster/mod.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import { metadataOf, type SimulatedKind } from "./kind.ts";

/** Each budget is for the pods of the workload of its name. */
export const healthyPods = (cluster: SimCluster, { ref }: ObjectRow): number =>
  [...cluster.oracle.state.podsMatching(ref.namespace ?? "", { app: ref.name })].filter(
    (pod) => pod.ready && !pod.deletion && !isFinished(pod),
  ).length;

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const told: unknown = row.status["currentHealthy"];
  const healthy = healthyPods(cluster, row);
  if ((told ?? 0) !== healthy) yield `tells of ${String(told)} healthy pods, and there are ${healthy}`;
}

export const disruptionBudget: SimulatedKind = {
  kind: "PodDisruptionBudget",
  weight: 2,
  manifest: (draw, place) => ({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadataOf(place),
    spec: {
      selector: { matchLabels: { app: place.name } },
      ...draw.pick([
        { minAvailable: draw.between(1, 4) },
        { minAvailable: draw.between(1, 4) },
        { minAvailable: "60%" },
        { maxUnavailable: 1 },
        { maxUnavailable: 0 },
      ]),
    },
  }),
  act: (draw) => ({ do: "evict-some-pod", pick: draw.next() }),
  owes,
};
