// Whom changes of jobs, cron jobs, stateful sets and their pods concern.

import type { Position } from "../../protocol/mod.ts";
import { isTracked } from "./batch-specs.ts";
import type { ClusterTables } from "./cluster-tables.ts";
import type { ObjectRow, PodRow } from "./contract.ts";
import { controllerOf, podController } from "./controlling.ts";

/** A job looks at everything that happens to a pod that it has not counted, also when the job itself is gone. */
export function trackedPodConcerns(
  cluster: ClusterTables,
  { before, after }: { readonly before: PodRow | undefined; readonly after: PodRow | undefined },
  position: Position,
): void {
  for (const row of [before, after]) {
    // Hot: most pods have no finalizers at all.
    if (row?.owner === undefined || !row.metadata.finalizers || !isTracked(row)) continue;
    cluster.dirty.mark("job", row.owner, position, "strong");
  }
}

/** The name is free again: a stateful set may wait for it, to make a new pod of that name. */
export function nameConcerns(cluster: ClusterTables, { ref }: PodRow, position: Position): void {
  const dash = ref.name.lastIndexOf("-");
  const set = dash > 0 ? cluster.object("StatefulSet", ref.namespace, ref.name.slice(0, dash)) : undefined;
  if (set) cluster.dirty.mark("stateful-set", set.ref.uid, position, "strong");
}

export function batchConcerns(
  cluster: ClusterTables,
  before: ObjectRow | undefined,
  after: ObjectRow | undefined,
  position: Position,
): void {
  const row = after ?? before;
  if (!row) return;
  const { kind, uid } = row.ref;
  const changed = before?.value !== after?.value || before?.deletion !== after?.deletion;
  const weight = changed ? "strong" : "weak";
  const owner = controllerOf(row.value.metadata.ownerReferences);
  if (kind === "Job") {
    // Its status, too: what it says now may ask for the next step.
    cluster.dirty.mark("job", uid, position, weight);
    if (owner !== undefined) cluster.dirty.mark("cron-job", owner, position, weight);
  } else if (kind === "CronJob" && after && changed) {
    cluster.dirty.mark("cron-job", uid, position, "strong");
  } else if (kind === "StatefulSet" && after && changed) {
    cluster.dirty.mark("stateful-set", uid, position, "strong");
  } else if (kind === "ControllerRevision" && changed) {
    for (const one of [before, after]) revisionConcerns(cluster, one, position);
  }
}

/** Somebody changed it or took it away: its set makes it anew. */
function revisionConcerns(cluster: ClusterTables, revision: ObjectRow | undefined, position: Position): void {
  const uid = controllerOf(revision?.value.metadata.ownerReferences);
  const set = uid === undefined ? undefined : cluster.objectByUid(uid);
  const controller = set && podController(set.ref.kind);
  if (controller) cluster.dirty.mark(controller, set.ref.uid, position, "strong");
}
