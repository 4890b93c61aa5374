// Replication controllers and replica sets: no pod above what was asked for, none taken away that is wanted, and those
// that do not work go first.

import type { Uid } from "../../../protocol/mod.ts";
import { isReplicator, replicatorSpecOf } from "../../../master/cluster/mod.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";
import { livingOf, takenAway } from "./owned-pods.ts";

export const replicasStayWithinBounds: MakeInvariant = (cluster): Invariant => {
  const name = "replicas stay within what was asked";
  return {
    name,
    after(event) {
      if (event.type !== "PodCreated" || !isReplicator(event.owner.kind)) return;
      const owner = event.owner.uid as Uid;
      const row = cluster.oracle.state.objectByUid(owner);
      const asked = row && !row.deletion ? replicatorSpecOf(row.value).replicas : undefined;
      const has = livingOf(cluster, owner).length;
      must(
        asked !== undefined && has <= asked,
        name,
        () => `${event.object.name} at ${event.position} makes ${has} of ${asked}`,
      );
    },
    before(event) {
      const taken = takenAway(cluster, event, "replication");
      if (!taken) return;
      const { pod, owner } = taken;
      const living = livingOf(cluster, owner.ref.uid);
      const asked = replicatorSpecOf(owner.value).replicas;
      const what = `${pod.ref.name} is taken away at ${event.position}`;
      must(living.length > asked, name, () => `${what} with ${living.length} of ${asked}`);
      // What runs on a node that is not heard may not be there any more.
      const heard = pod.node !== undefined && cluster.oracle.state.node(pod.node)?.state === "Ready";
      if (!pod.ready || !heard) return;
      const unwell = living.find((other) => !other.ready);
      must(unwell === undefined, name, () => `${what}, and ${unwell?.ref.name} is not ready and stays`);
    },
  };
};
