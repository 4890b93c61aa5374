// Stateful sets: ordinals in order, ends and updates from the top, and an identity that runs at most once on all
// machines together, whatever is cut off from what.

import type { ObjectRow, PodRow } from "../../../master/cluster/contract.ts";
import { statefulSetSpecOf } from "../../../master/cluster/mod.ts";
import type { SimulatedContainer } from "../../../node-agent/runtime/simulated/simulated-container.ts";
import { fencingAnnotation, type Positioned, type Uid } from "../../../protocol/mod.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import { ordinalOf } from "../workload/kinds/stateful-set.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";
import { isAvailable, livingOf, takenAway } from "./owned-pods.ts";

export const ordinalsInOrder: MakeInvariant = (cluster): Invariant => {
  const name = "the pods of a stateful set come and go in order";
  const { state } = cluster.oracle;
  return {
    name,
    before(event) {
      if (event.type === "PodCreated" && event.owner.kind === "StatefulSet") checkNew(event);
      const taken = takenAway(cluster, event, "stateful-set");
      if (taken?.owner.ref.kind === "StatefulSet") checkTaken(event, taken.owner, taken.pod);
    },
  };

  function podsOf(row: ObjectRow, at: number) {
    const { minReadySeconds = 0, ordinals, replicas = 1, podManagementPolicy } = statefulSetSpecOf(row.value);
    const first = ordinals?.start ?? 0;
    return {
      first,
      end: first + replicas,
      inOrder: podManagementPolicy !== "Parallel",
      pods: new Map(livingOf(cluster, row.ref.uid).map((pod) => [ordinalOf(row, pod.ref.name), pod])),
      works: (pod: PodRow | undefined): boolean => pod !== undefined && isAvailable(pod, minReadySeconds, at),
    };
  }

  function checkNew(event: Extract<Positioned, { readonly type: "PodCreated" }>): void {
    const row = state.objectByUid(event.owner.uid as Uid);
    if (!row) return;
    const { first, end, inOrder, pods, works } = podsOf(row, event.at);
    const ordinal = ordinalOf(row, event.object.name);
    const what = `${event.object.name} is made at ${event.position}`;
    must(ordinal >= first && ordinal < end, name, () => `${what}, and ${first} to ${end - 1} are asked for`);
    for (let below = first; inOrder && below < ordinal; below++) {
      must(works(pods.get(below)), name, () => `${what} before ${below} is there and ready`);
    }
  }

  function checkTaken(event: Positioned, row: ObjectRow, pod: PodRow): void {
    const { first, end, inOrder, pods, works } = podsOf(row, event.at);
    const ordinal = ordinalOf(row, pod.ref.name);
    const what = `${pod.ref.name} is taken away at ${event.position}`;
    if (ordinal < first || ordinal >= end) {
      if (!inOrder) return;
      const above = [...state.podsOwnedBy(row.ref.uid)].find(
        (other) => ordinalOf(row, other.ref.name) > ordinal && !isInside(ordinalOf(row, other.ref.name)),
      );
      must(above === undefined, name, () => `${what} before ${above?.ref.name}`);
      return;
    }
    const { updateStrategy } = statefulSetSpecOf(row.value);
    must(updateStrategy?.type !== "OnDelete", name, () => `${what}, and only its user replaces it`);
    const partition = first + (updateStrategy?.rollingUpdate?.partition ?? 0);
    must(ordinal >= partition, name, () => `${what}, and the partition begins at ${partition}`);
    for (let above = ordinal + 1; above < end; above++) {
      must(works(pods.get(above)), name, () => `${what} for an update before ${above} is ready`);
    }

    function isInside(other: number): boolean {
      return other >= first && other < end;
    }
  }
};

export const identitiesRunOnce: MakeInvariant = (cluster): Invariant => {
  const name = "an identity runs at most once";
  /** Namespace and name, by the uid of the pod that has it. */
  const identities = new Map<Uid, string>();
  const running = new Map<string, Map<SimulatedContainer, SimNode>>();
  const leased = new Set<Uid>();
  return {
    name,
    before(event) {
      if (event.type !== "PodCreated" || event.owner.kind !== "StatefulSet") return;
      if (event.annotations?.[fencingAnnotation] === "Lease") leased.add(event.object.uid);
      identities.set(event.object.uid, `${event.object.namespace}/${event.object.name}`);
    },
    runtimeCall(node, { type, container }) {
      const identity = type === "start" ? identities.get(container.pod.uid) : undefined;
      if (identity === undefined) return;
      const others = running.get(identity) ?? new Map<SimulatedContainer, SimNode>();
      running.set(identity, others);
      for (const [other, place] of others) {
        // A machine that was replaced has lost its power.
        const runs = other.state === "running" && cluster.machines.has(place.machine);
        if (!runs || other === container) others.delete(other);
        // Whoever gives two machines one name has two of everything, but for what has a lease.
        else if (leased.has(container.pod.uid) || (!cluster.isDoubled(node) && !cluster.isDoubled(place))) {
          must(
            false,
            name,
            () =>
              `${identity} starts on ${node.wire} as ${container.id}, and runs on ${place.wire} as ${other.id}`,
          );
        }
      }
      others.set(container, node);
    },
  };
};
