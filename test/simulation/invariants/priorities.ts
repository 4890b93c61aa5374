// Preemption: who makes way matters less, is on the node that is promised, and goes in the commit that says for whom.

import { priorityOf } from "../../../master/cluster/mod.ts";
import type { Positioned, Uid } from "../../../protocol/mod.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

type Nominated = Extract<Positioned, { readonly type: "PodNominated" }>;

export const lesserPodsMakeWay: MakeInvariant = (cluster): Invariant => {
  const name = "only lesser pods make way";
  const { state } = cluster.oracle;
  /** Victims that this commit has named so far, and that have not been asked to go yet. */
  let named = new Set<Uid>();
  return {
    name,
    before(event) {
      if (event.type === "PodNominated") check(event);
      if (event.type !== "DeletionRequested" && event.type !== "ObjectDeleted") return;
      // What was asked to go already goes for the reason of that.
      if (!event.reason.startsWith("preempted by") || state.pod(event.object.uid)?.deletion) return;
      must(
        named.delete(event.object.uid),
        name,
        () => `${event.object.name} goes, and nobody was promised its place`,
      );
    },
    accepted() {
      must(named.size === 0, name, () => `${[...named].join(", ")} should make way, and stay`);
      named = new Set();
    },
  };

  function check({ object, node, victims, position }: Nominated): void {
    const pod = state.pod(object.uid);
    must(
      pod !== undefined,
      name,
      () => `${object.name} is promised a place at ${position}, and is not there`,
    );
    if (!pod) return;
    must(
      pod.spec.preemptionPolicy !== "Never",
      name,
      () => `${object.name} takes a place at ${position}, and its class takes nobody's`,
    );
    for (const { uid, name: victim } of victims) {
      const row = state.pod(uid);
      const loses = row !== undefined && row.node === node && priorityOf(row) < priorityOf(pod);
      must(loses, name, () => `${victim} makes way for ${object.name} on ${node} at ${position}`);
      named.add(uid);
    }
  }
};
