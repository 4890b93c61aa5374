// An autoscaler changes its target's replicas: the change with its reason and the autoscaler's status are one commit.

import { type BerthEvent, failure, type Result } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { change } from "./decide-update.ts";
import { type Deciding, decided, nameOf, notFound } from "./deciding.ts";
import { findObject } from "./find-object.ts";

/** Conflict when the target has another size than the one that was looked at. */
export function autoscaleTarget(deciding: Deciding, command: CommandOf<"Autoscale">): Result<Decision> {
  const { autoscaler, target, from, to, status, reason } = command;
  const row = deciding.state.objectByUid(autoscaler.uid);
  if (!row) return notFound(autoscaler);
  const found = findObject(deciding.state, target);
  if (found?.ref.uid !== target.uid) return notFound(target);
  const spec = found.value.spec as { readonly replicas?: number };
  const { replicas = 1 } = spec;
  if (replicas !== from) {
    return failure(
      "Conflict",
      `${nameOf(target)} has ${replicas} replicas, not ${from}: it was scaled meanwhile`,
    );
  }
  const wanted = { ...found.value, spec: { ...spec, replicas: to } };
  const changed = change(deciding, { found, wanted, operation: "Scale", reason });
  if (!changed.ok) return changed;
  const told: BerthEvent = { ...deciding.header, type: "StatusUpdated", object: row.ref, status };
  return decided([...changed.value.events, told]);
}
