// Keeps a deployment's replica sets: one for the present template, older ones as far as its rollout still needs them.
// Pods are the replica sets' own affair.

import { type CommandEnvelope, sameValue } from "../../protocol/mod.ts";
import { type ClusterState, type DeploymentStatus, type ObjectRow, type Reconcile } from "../cluster/mod.ts";
import { markCommands, revertCommands } from "./deployment-revert.ts";
import { resizeCommands, revisionCommands } from "./deployment-revision.ts";
import { recreateSteps, rollingSteps, scalingSteps, wasScaled } from "./deployment-scaling.ts";
import { deploymentStatus, isComplete } from "./deployment-status.ts";
import { type Rollout, strayedSets, viewRollout } from "./deployment-view.ts";
import { ordering } from "./ordering.ts";

const defaultHistoryLimit = 10;

/** Each step marks the key again by what it changes; the status is told when nothing is left to do for now. */
export const reconcileDeployment: Reconcile = (state, uid, now) => {
  const row = state.objectByUid(uid);
  if (row?.ref.kind !== "Deployment") return [];
  const rollout = viewRollout(state, row, now);
  const steps = row.deletion ? [] : nextSteps(state, row, rollout);
  return steps.length > 0 ? steps : told(rollout);
};

function nextSteps(state: ClusterState, row: ObjectRow, rollout: Rollout): readonly CommandEnvelope[] {
  const strayed = ownerCommands(state, row);
  if (strayed.length > 0) return strayed;
  const { spec } = rollout;
  if (spec.paused || wasScaled(rollout)) {
    const scaled = resizeCommands(rollout, scalingSteps(rollout));
    if (scaled.length > 0 || spec.paused) return scaled;
  }
  if (spec.strategy?.type === "Recreate") {
    const steps = recreateSteps(rollout);
    if (steps === "wait") return [];
    // The old ones go before the new replica set is there.
    const shrunk = steps.filter(({ set }) => set !== rollout.fresh);
    if (shrunk.length > 0) return resizeCommands(rollout, shrunk);
    const revision = revisionCommands(rollout);
    return revision.length > 0 ? revision : resizeCommands(rollout, steps);
  }
  const revision = revisionCommands(rollout);
  return revision.length > 0 ? revision : resizeCommands(rollout, rollingSteps(rollout));
}

function ownerCommands(state: ClusterState, row: ObjectRow): readonly CommandEnvelope[] {
  const { orphans, strangers } = strayedSets(state, row);
  if (orphans.length === 0 && strangers.length === 0) return [];
  const order = ordering(state, "deployment", row.ref.uid);
  return [
    ...strangers.map((set) => order({ type: "ReleasePod", pod: set.ref, owner: row.ref })),
    ...orphans.map((set) => order({ type: "AdoptPod", pod: set.ref, owner: row.ref })),
  ];
}

function told(rollout: Rollout): readonly CommandEnvelope[] {
  const { row, order } = rollout;
  const status = deploymentStatus(rollout);
  const commands: CommandEnvelope[] = sameValue(row.status, status)
    ? []
    : [order({ type: "UpdateStatus", object: row.ref, status: { ...status } })];
  if (row.deletion) return commands;
  return [
    ...commands,
    ...markCommands(rollout, status),
    ...revertCommands(rollout, status),
    ...tidy(rollout, status),
  ];
}

/** Old replica sets beyond `revisionHistoryLimit`, oldest revision first, once nothing of them is left. */
function tidy(rollout: Rollout, status: DeploymentStatus): readonly CommandEnvelope[] {
  const { old, spec, order } = rollout;
  if (!spec.paused && !isComplete(rollout, status)) return [];
  const kept = old.filter(({ row }) => !row.deletion);
  const over = kept.length - (spec.revisionHistoryLimit ?? defaultHistoryLimit);
  if (over <= 0) return [];
  return kept
    .toSorted((left, right) => left.revision - right.revision)
    .slice(0, over)
    .filter(({ replicas, counts }) => replicas === 0 && counts.running === 0)
    .map(({ row: { ref } }) =>
      order({
        type: "RemoveObject",
        object: ref,
        reason: `beyond the revision history limit of its deployment`,
      }),
    );
}
