// What controllers want of the objects that they keep: a new one of an owner's, or another value of one.
// Both are checked and completed as a user's would be, and say why.

import { type BerthEvent, failure, type Result } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { newObject } from "./decide-create.ts";
import { ownerReference } from "./controlling.ts";
import { change } from "./decide-update.ts";
import { type Deciding, decided, nameOf, notFound } from "./deciding.ts";
import { findObject } from "./find-object.ts";

export function createOwned(deciding: Deciding, command: CommandOf<"CreateOwned">): Result<Decision> {
  const { owner, object, reason } = command;
  const row = deciding.state.objectByUid(owner.uid);
  if (!row) return notFound(owner);
  if (row.deletion) return failure("Conflict", `${nameOf(owner)} is being deleted: it makes nothing new`);
  const ownerReferences = [ownerReference(row.ref, row.value.apiVersion)];
  const created = newObject(deciding, { ...object, metadata: { ...object.metadata, ownerReferences } });
  if (!created.ok) return created;
  const { ref, value } = created.value;
  const event: BerthEvent = { ...deciding.header, type: "ObjectCreated", object: ref, value, reason };
  return decided([event]);
}

export function changeObject(deciding: Deciding, command: CommandOf<"ChangeObject">): Result<Decision> {
  const { object, value, reason } = command;
  const found = findObject(deciding.state, object);
  if (found?.ref.uid !== object.uid) return notFound(object);
  return change(deciding, { found, wanted: value, operation: "Update", reason });
}
