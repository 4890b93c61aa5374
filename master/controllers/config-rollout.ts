// Rolls out a workload whose config maps or secrets have changed, where its annotation asks for that: the hash in its
// pod template follows them, and its own controller does the rest.

import {
  changedConfigs,
  configHashOf,
  knownConfigHashes,
  type Reconcile,
  withConfigHash,
} from "../cluster/mod.ts";
import { ordering } from "./ordering.ts";

export const reconcileConfigRollout: Reconcile = (state, uid) => {
  const row = state.objectByUid(uid);
  if (!row || row.deletion) return [];
  const hash = configHashOf(state, row.value);
  const { ofTemplate, rolledOut } = knownConfigHashes(row.value);
  // What was rolled out and taken back since (auto-revert) is not rolled out again.
  if (hash === undefined || hash === ofTemplate || hash === rolledOut) return [];
  const changes = changedConfigs(ofTemplate, hash);
  const reason = `restarts its pods: ${changes || "its configs are followed from now on"}`;
  const order = ordering(state, "config-rollout", uid);
  const value = withConfigHash(state, row.value);
  return [order({ type: "ChangeObject", object: row.ref, value, reason })];
};
