// Deployments: no step asks for more pods than surge allows, and none for fewer available ones than may be missing.
// With Recreate the new ones come when the last old one has ended.

import type { ObjectRow } from "../../../master/cluster/contract.ts";
import {
  deploymentSpecOf,
  type DeploymentSpec,
  isFinished,
  replicatorSpecOf,
} from "../../../master/cluster/mod.ts";
import type { Positioned, Uid } from "../../../protocol/mod.ts";
import { setsOf } from "../workload/kinds/deployment.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";
import { isAvailable, livingOf } from "./owned-pods.ts";

type Sized = Extract<Positioned, { readonly type: "ObjectUpdated" | "ObjectCreated" }>;

const desired = "deployment.kubernetes.io/desired-replicas";
const replicasOf = ({ value }: Pick<ObjectRow, "value">): number => replicatorSpecOf(value).replicas;

/** Percentages as the documentation has them: surge is rounded up, unavailability down; one of both is not nothing. */
function bounds({ strategy, replicas: wanted = 1 }: DeploymentSpec): { surge: number; missing: number } {
  const amount = (value: number | string | undefined, round: (value: number) => number): number =>
    typeof value === "string" ? round((Number.parseInt(value, 10) * wanted) / 100) : (value ?? 0);
  const surge = amount(strategy?.rollingUpdate?.maxSurge, Math.ceil);
  const missing = amount(strategy?.rollingUpdate?.maxUnavailable, Math.floor);
  return { surge, missing: surge === 0 && missing === 0 ? 1 : missing };
}

export const rolloutsKeepTheirBounds: MakeInvariant = (cluster): Invariant => {
  const name = "a rollout keeps its bounds";
  /** Size of the replica set before the event. */
  let former: { readonly replicas: number } | undefined;
  /** The steps of one scaling follow each other in the log, and each set is in it once. */
  let scaling:
    | { readonly deployment: Uid; readonly sets: ReadonlySet<Uid>; readonly position: number }
    | undefined;
  const isStep = (event: Positioned): event is Sized & Positioned =>
    (event.type === "ObjectUpdated" || event.type === "ObjectCreated") &&
    event.object.kind === "ReplicaSet" &&
    event.by === "controller:deployment";
  return {
    name,
    before(event) {
      if (!isStep(event)) return;
      const row = cluster.oracle.state.objectByUid(event.object.uid);
      former = row && { replicas: replicasOf(row) };
      const owner = row?.value.metadata.ownerReferences?.[0]?.uid as Uid | undefined;
      const deployment = owner && cluster.oracle.state.objectByUid(owner);
      scaling = row && deployment?.ref.kind === "Deployment" ? scalingOf(event, row, deployment) : undefined;
    },
    after(event) {
      if (!isStep(event)) return;
      const row = cluster.oracle.state.objectByUid(event.object.uid);
      const [owner] = row?.value.metadata.ownerReferences ?? [];
      const deployment = owner && cluster.oracle.state.objectByUid(owner.uid as Uid);
      if (!row || deployment?.ref.kind !== "Deployment") return;
      const grown = replicasOf(row) - (former?.replicas ?? 0);
      const fresh = event.type === "ObjectCreated" && deploymentSpecOf(deployment.value).paused;
      must(!fresh, name, () => `${row.ref.name} is made at ${event.position}, and its deployment is paused`);
      if (grown > 0) checkGrowth(event, row, deployment);
      if (grown < 0) checkShrinking(event, deployment, -grown);
    },
  };

  /**
   * A rolling update turns into a scaling when any set that has pods was sized by another number than the wanted one
   * (sync.go, isScalingEvent). That is so as well when a user gave a size to one that rested since another number.
   */
  function scalingOf(
    { position, object }: Sized & Positioned,
    row: ObjectRow,
    deployment: ObjectRow,
  ): typeof scaling {
    const { uid } = deployment.ref;
    const isNext = scaling?.deployment === uid && scaling.position + 1 === position;
    if (isNext && !scaling?.sets.has(object.uid))
      return { deployment: uid, sets: new Set([...(scaling?.sets ?? []), row.ref.uid]), position };
    const wanted = String(deploymentSpecOf(deployment.value).replicas ?? 1);
    const isStale = setsOf(cluster, deployment).some((set) => {
      const sizedBy = replicasOf(set) > 0 ? set.value.metadata.annotations?.[desired] : undefined;
      return sizedBy !== undefined && sizedBy !== wanted;
    });
    return isStale ? { deployment: uid, sets: new Set([row.ref.uid]), position } : undefined;
  }

  function checkGrowth(event: Sized & Positioned, row: ObjectRow, deployment: ObjectRow): void {
    const spec = deploymentSpecOf(deployment.value);
    const wanted = spec.replicas ?? 1;
    const sets = setsOf(cluster, deployment);
    const total = sets.reduce((sum, set) => sum + replicasOf(set), 0);
    const recreates = spec.strategy?.type === "Recreate";
    const most = wanted + (recreates ? 0 : bounds(spec).surge);
    const what = `${row.ref.name} at ${event.position}`;
    // Scaling a deployment that is changed from one strategy to the other in its middle is in proportion.
    must(
      total <= most || (recreates && sets.length > 2),
      name,
      () => `${what} makes ${total} of at most ${most}`,
    );
    if (!recreates || spec.paused || (former?.replicas ?? 0) > 0) return;
    for (const other of sets) {
      if (other === row) continue;
      const left = [...cluster.oracle.state.podsOwnedBy(other.ref.uid)].find((pod) => !isFinished(pod));
      must(left === undefined, name, () => `${what} begins, and ${left?.ref.name} of before is there still`);
    }
  }

  /** What is above a set's size is about to go, and counts for nothing. */
  function checkShrinking(event: Sized & Positioned, deployment: ObjectRow, by: number): void {
    const spec = deploymentSpecOf(deployment.value);
    const { replicas: wanted = 1, minReadySeconds = 0 } = spec;
    // Only steps of a rollout keep the bound; a user who scales is obeyed in proportion.
    const rolls = spec.strategy?.type === "RollingUpdate" && !spec.paused;
    if (!rolls || scaling) return;
    const availableOf = (set: ObjectRow, replicas: number): number => {
      const living = livingOf(cluster, set.ref.uid);
      const works = living.filter((pod) => isAvailable(pod, minReadySeconds, event.at)).length;
      return Math.min(works, replicas);
    };
    let before = 0;
    let after = 0;
    for (const set of setsOf(cluster, deployment)) {
      const replicas = replicasOf(set);
      after += availableOf(set, replicas);
      before += availableOf(set, set.ref.uid === event.object.uid ? replicas + by : replicas);
    }
    const least = wanted - bounds(spec).missing;
    must(
      after >= Math.min(least, before),
      name,
      () => `${event.object.name} at ${event.position} leaves ${after} available pods of at least ${least}`,
    );
  }
};
