// Applying a manifest: creates the object, or merges the manifest with what the same manager applied last and with what
// the object is now. What others own stays when the manifest does not name it; on the server side it is not touched.

import {
  type ApiObject,
  checkShape,
  failure,
  type FieldError,
  type Result,
  success,
} from "../../protocol/mod.ts";
import { mergeApplied, ownedByOthers, takenFromOthers } from "../merge/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { decideCreate } from "./decide-create.ts";
import { change, completed, conflictOf, placeOf, preconditionsIn } from "./decide-update.ts";
import { type Deciding, nameOf } from "./deciding.ts";
import { type Found, findObject } from "./find-object.ts";

/** Owned fields that a conflict names one by one. */
const maxNamedConflicts = 20;

export function decideApply(deciding: Deciding, command: CommandOf<"ApplyObject">): Result<Decision> {
  const { manager, dryRun, object: submitted, validation } = command;
  const shaped = checkShape(submitted, validation);
  if (!shaped.ok) return shaped;
  const { object, warnings } = shaped.value;
  if (!object.metadata.name) {
    return failure("Invalid", `${object.kind}: apply needs metadata.name (create takes generateName, too)`, [
      { field: "metadata.name", reason: "Required", message: "is required" },
    ]);
  }
  const found = findObject(deciding.state, placeOf(object));
  if (!found) return decideCreate(deciding, command);
  const conflict = conflictOf(found, preconditionsIn(object.metadata));
  if (conflict) return conflict;
  const wanted = merged(deciding, found, object, manager);
  if (!wanted.ok) return wanted;
  const wants = { found, wanted: wanted.value, applied: object, operation: "Apply", manager } as const;
  const refused = command.serverSide && !command.force ? refuseTaken(deciding, wants) : undefined;
  return refused ?? change(deciding, { ...wants, submitted, dryRun, warnings });
}

/** Idempotent: a manifest merged with what came of it is what came of it. */
function merged(deciding: Deciding, found: Found, next: ApiObject, manager: string): Result<ApiObject> {
  const before = deciding.state.appliedTo(found.ref.uid)[manager];
  const last = before && checkShape(before, "Ignore");
  const versions = {
    last: last?.ok ? last.value.object : undefined,
    live: found.value,
    next,
    others: ownedByOthers(found.value, manager),
  };
  const shaped = checkShape(mergeApplied(next.kind, versions), "Ignore");
  return shaped.ok ? success(shaped.value.object) : shaped;
}

/** As Kubernetes' server-side apply: nothing is taken from another manager without being asked for. */
function refuseTaken(
  deciding: Deciding,
  wants: { readonly found: Found; readonly wanted: ApiObject; readonly manager: string },
): Result<never> | undefined {
  const { found, manager } = wants;
  const value = completed(deciding, wants);
  if (!value.ok) return value;
  const taken = takenFromOthers(found.value, value.value, manager);
  if (taken.length === 0) return undefined;
  const named = taken.slice(0, maxNamedConflicts);
  const list = named.map((one) => `conflict with ${JSON.stringify(one.manager)}: ${one.path}`).join("; ");
  const more = taken.length > named.length ? `; and ${taken.length - named.length} more` : "";
  const causes = named.map(
    (one): FieldError => ({
      field: one.path.slice(1),
      reason: "Forbidden",
      message: `is owned by ${JSON.stringify(one.manager)}`,
    }),
  );
  return failure(
    "Conflict",
    `${nameOf(found.ref)}: ${taken.length === 1 ? "a field is" : `${taken.length} fields are`} owned by others: ${list}${more}; leave them out of the manifest, or take them over (--force-conflicts)`,
    causes,
  );
}
