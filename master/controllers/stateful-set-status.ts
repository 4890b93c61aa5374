// What a stateful set tells of its pods, and why one of them is not replaced.

import {
  type ClusterState,
  mayRunStill,
  type PodRow,
  type StatefulSetStatus,
  statefulSetStatusOf,
  timestamp,
} from "../cluster/mod.ts";
import { revisionOf } from "./stateful-set-pods.ts";
import { isAvailable, type StatefulView } from "./stateful-set-steps.ts";

/** True while a pod on a lost node keeps its identity from being made elsewhere. */
export const identityHeld = "IdentityHeld";

export function statefulStatus(state: ClusterState, view: StatefulView): StatefulSetStatus {
  const { row, spec, pods, updateRevision, collisions } = view;
  const before = statefulSetStatusOf(row);
  const count = (holds: (pod: PodRow) => boolean): number => pods.all.filter(holds).length;
  const alive = (pod: PodRow): boolean => !pod.deletion;
  const replicas = pods.all.length;
  const readyReplicas = count(({ ready }) => ready);
  const updatedReplicas = count((pod) => alive(pod) && revisionOf(pod) === updateRevision);
  // The update is complete: from now on this is what pods are made of.
  const complete =
    spec.updateStrategy?.type !== "OnDelete" &&
    updatedReplicas === replicas &&
    readyReplicas === replicas &&
    replicas === (spec.replicas ?? 1);
  const currentRevision = complete ? updateRevision : view.currentRevision;
  const held = heldCondition(state, view);
  const others = (before.conditions ?? []).filter(({ type }) => type !== identityHeld);
  const conditions = held ? [...others, held] : others;
  return {
    observedGeneration: row.value.metadata.generation ?? 0,
    replicas,
    readyReplicas,
    availableReplicas: count((pod) => isAvailable(pod, view)),
    currentReplicas: count((pod) => alive(pod) && revisionOf(pod) === currentRevision),
    updatedReplicas,
    currentRevision,
    updateRevision,
    collisionCount: collisions,
    ...(conditions.length > 0 && { conditions }),
  };
}

type Condition = NonNullable<StatefulSetStatus["conditions"]>[number];

function heldCondition(state: ClusterState, { row, pods, now }: StatefulView): Condition | undefined {
  const held = pods.all.filter(
    (pod) => pod.node !== undefined && state.node(pod.node)?.state === "Lost" && mayRunStill(state, pod, now),
  );
  if (held.length === 0) return undefined;
  const names = held.map((pod) => `${pod.ref.name} on ${pod.node ?? ""}`).sort();
  const nodes = [...new Set(held.map(({ node }) => node ?? ""))].sort();
  const message =
    `may run still, and is not made elsewhere: ${names.join(", ")}; ` +
    `goes on when the node is heard or booted again, or with: berth node fence ${nodes.join(" ")}`;
  const before = statefulSetStatusOf(row).conditions?.find(({ type }) => type === identityHeld);
  if (before?.message === message) return before;
  return {
    type: identityHeld,
    status: "True",
    reason: "NodeLost",
    message,
    lastTransitionTime: timestamp(now),
  };
}
