// Autoscalers: what they do is one commit with their status, says why, keeps to their range, and is never done for nothing.

import type { Positioned } from "../../../protocol/mod.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

const principal = "controller:horizontal-pod-autoscaler";
type Updated = Extract<Positioned, { readonly type: "ObjectUpdated" }>;

interface Range {
  readonly scaleTargetRef: { readonly kind: string; readonly name: string };
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

export const targetsStayInRange: MakeInvariant = (cluster): Invariant => {
  const name = "targets stay in range";
  const { state } = cluster.oracle;
  return {
    name,
    before(event) {
      if (event.type !== "ObjectUpdated" || event.by !== principal) return;
      const what = `${event.object.kind} ${event.object.name}`;
      const [before, after] = [
        replicasOf(state.objectByUid(event.object.uid)?.value.spec),
        replicasOf(event.value.spec),
      ];
      must(before !== after, name, () => `${what} is scaled to the ${after} replicas that it has`);
      must(
        /^scaled \d+ -> \d+: ./.test(event.reason ?? ""),
        name,
        () => `${what} is scaled, and nobody says why`,
      );
      must(
        rangesOf(event).some(({ minReplicas, maxReplicas }) => after >= minReplicas && after <= maxReplicas),
        name,
        () => `${what} gets ${after} replicas, which no autoscaler of it allows`,
      );
    },
  };

  function rangesOf({ object }: Updated): readonly Range[] {
    return Array.from(
      state.objects("HorizontalPodAutoscaler", object.namespace),
      ({ value }) => value.spec as Range,
    ).filter(({ scaleTargetRef: { kind, name: target } }) => kind === object.kind && target === object.name);
  }
};

const replicasOf = (spec: unknown): number =>
  (spec as { readonly replicas?: number } | undefined)?.replicas ?? 1;
