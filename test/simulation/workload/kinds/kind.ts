// What a kind of object needs to join the simulation: how users make and change it, and what it owes in the end. A new
// one is a file in this folder and a line in all.ts; what must hold at all times is a rule in ../../invariants.

import type { ObjectRow, PodRow } from "../../../../master/cluster/contract.ts";
import { isFinished } from "../../../../master/cluster/mod.ts";
import type { RolloutKind, ScalableKind } from "../../../../client/mod.ts";
import type { ApiObject } from "../../../../protocol/mod.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import type { MergePatch, Operation, WorkloadKind } from "../operation.ts";

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export interface SimulatedKind {
  readonly kind: WorkloadKind;
  /** How often a run has it, against the others. */
  readonly weight: number;
  /** Names that it is made under; by default those of all workloads. */
  readonly names?: readonly string[];
  manifest(draw: Draw, place: Place): ApiObject;
  /** A change that a user makes of one that is there. */
  edit?(draw: Draw): MergePatch;
  /** What users do where there is one, besides changing it. */
  act?(draw: Draw): Operation;
  readonly scales?: ScalableKind;
  readonly rolls?: RolloutKind;
  /** What is still missing of one that stays; asked when all faults are over and all is quiet. */
  owes(row: ObjectRow, cluster: SimCluster): Iterable<string>;
}

export const metadataOf = ({ namespace, name }: Place): ApiObject["metadata"] => ({ namespace, name });

/** Of a workload whose pods some users want to follow their configs. */
export const rolledMetadata = (draw: Draw, place: Place): ApiObject["metadata"] => ({
  ...metadataOf(place),
  ...(draw.chance(0.2) && { annotations: { "berth.io/restart-on-config-change": "true" } }),
});

export const specOf = <Spec>({ value }: ObjectRow): Spec => (value.spec ?? {}) as Spec;

export const living = (cluster: SimCluster, owner: ObjectRow): readonly PodRow[] =>
  [...cluster.oracle.state.podsOwnedBy(owner.ref.uid)].filter((pod) => !pod.deletion && !isFinished(pod));

/** Leader's time now, as far as it is known: it goes on from the last event. */
export const leadersNow = ({ oracle, timeline }: SimCluster): number =>
  oracle.state.at + timeline.now - oracle.heardAt;
