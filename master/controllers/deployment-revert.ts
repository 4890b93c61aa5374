// Automatic revert, on request: a rollout that exceeds its progress deadline goes back to the last template that was
// rolled out to its end. Replica sets that were are marked, so that one failure is never taken back to another.

import type { ApiObject, CommandEnvelope } from "../../protocol/mod.ts";
import { conditionOf, type DeploymentStatus, progressReasons } from "../cluster/mod.ts";
import { isComplete } from "./deployment-status.ts";
import { annotations, type Rollout, type SetView, withoutHash } from "./deployment-view.ts";

const wasRolledOut = ({ row }: SetView): boolean =>
  row.value.metadata.annotations?.[annotations.rolledOut] === "true";

const isWanted = ({ row, spec }: Rollout): boolean =>
  row.value.metadata.annotations?.[annotations.autoRevert] === "true" && spec.paused !== true;

/** Marks a replica set that is rolled out. */
export function markCommands(rollout: Rollout, status: DeploymentStatus): readonly CommandEnvelope[] {
  const { fresh, order } = rollout;
  if (!fresh || !isWanted(rollout) || wasRolledOut(fresh) || !isComplete(rollout, status)) return [];
  const value = annotated(fresh.row.value, { [annotations.rolledOut]: "true" });
  return [order({ type: "ChangeObject", object: fresh.row.ref, value, reason: "rolled out to its end" })];
}

/** What failed although it was rolled out before fails for another reason than its template: it stays. */
export function revertCommands(rollout: Rollout, status: DeploymentStatus): readonly CommandEnvelope[] {
  const { row, spec, fresh, old, order } = rollout;
  const failed = conditionOf(status, "Progressing")?.reason === progressReasons.deadline;
  if (!failed || !fresh || !isWanted(rollout) || wasRolledOut(fresh)) return [];
  const [target] = old
    .filter((set) => wasRolledOut(set) && !set.row.deletion)
    .toSorted((left, right) => right.revision - left.revision);
  if (!target) return [];
  const value: ApiObject = {
    ...annotated(row.value, {
      [annotations.revertedFrom]: String(fresh.revision),
      [annotations.revertedTo]: target.row.ref.name,
    }),
    spec: { ...spec, template: withoutHash(target.spec.template) },
  };
  const seconds = spec.progressDeadlineSeconds ?? 0;
  const reason =
    `rollout reverted: revision ${fresh.revision} made no progress in ${seconds} s, ` +
    `back to revision ${target.revision}`;
  return [order({ type: "ChangeObject", object: row.ref, value, reason })];
}

const annotated = (value: ApiObject, more: Readonly<Record<string, string>>): ApiObject => ({
  ...value,
  metadata: { ...value.metadata, annotations: { ...value.metadata.annotations, ...more } },
});
