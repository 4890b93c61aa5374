// Identities under leases: what the leader has not confirmed for a while does not run, whatever else goes on, and the
// guard that sees to it ends nothing that has no lease.

import { leaseTimes, type NodeName, fencingAnnotation, type Uid } from "../../../protocol/mod.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

/** A guard looks five times a second, on a clock that may be a hundredth slow. */
const toleranceMs = 500;

export const nobodyRunsWithoutALease: MakeInvariant = (cluster): Invariant => {
  const name = "nobody runs whose lease is over";
  const leased = new Set<Uid>();
  /** True time of the last confirmation for a node. */
  const confirmedAt = new Map<NodeName, number>();
  return {
    name,
    before(event) {
      if (event.type === "PodCreated" && event.annotations?.[fencingAnnotation] === "Lease")
        leased.add(event.object.uid);
      if (event.type !== "LeasesConfirmed") return;
      for (const node of event.nodes) confirmedAt.set(node, cluster.timeline.now);
    },
    checkpoint() {
      if (leased.size === 0) return;
      const { now } = cluster.timeline;
      for (const [machine, { name: node, wire }] of cluster.machines) {
        const since = confirmedAt.get(node) ?? Number.NEGATIVE_INFINITY;
        if (now - since <= leaseTimes.killAfterMs + toleranceMs) continue;
        for (const { id, pod, state } of machine.containers.values())
          must(
            state !== "running" || !leased.has(pod.uid),
            name,
            () => `${id} runs on ${wire}, whose leases were last confirmed at ${since}`,
          );
      }
    },
  };
};

export const guardsEndOnlyLeases: MakeInvariant = (cluster): Invariant => {
  const name = "a guard ends only what has a lease";
  const fenced = new Set<Uid>();
  return {
    name,
    before(event) {
      if (event.type === "PodCreated" && event.annotations?.[fencingAnnotation] === "Lease")
        fenced.add(event.object.uid);
    },
    fences(node, step, pod) {
      must(fenced.has(pod), name, () => `${step} of ${pod} on ${node.wire} at ${cluster.timeline.now}`);
    },
  };
};
