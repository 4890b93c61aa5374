// Changes of secrets: their values are sealed first, for the uid that they have or will have; then they are decided
// as every other kind is.

import { defaultNamespace, failure, isRecord, type Result, type Uid } from "../../protocol/mod.ts";
import { type SealOptions, sealSecret, sealSecretPatch } from "../secrets/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { decideCreate } from "./decide-create.ts";
import { decideApply } from "./decide-apply.ts";
import { decidePatch, decideReplace } from "./decide-update.ts";
import type { Deciding } from "./deciding.ts";
import { type Found, findObject } from "./find-object.ts";

export function createSecret(deciding: Deciding, command: CommandOf<"CreateObject">): Result<Decision> {
  const uid = deciding.context.uuid() as Uid;
  const sealed = sealSecret(command.object, sealing(deciding, uid));
  if (!sealed.ok) return sealed;
  return decideCreate(withUid(deciding, uid), { ...command, object: sealed.value });
}

const sealing = ({ context, header }: Deciding, uid: Uid, found?: Found): SealOptions => ({
  vault: context.vault,
  uid,
  by: header.by,
  before: found?.value,
});

/** The uid was drawn already, because the values are sealed for it. */
const withUid = (deciding: Deciding, uid: Uid): Deciding => ({
  ...deciding,
  context: { ...deciding.context, uuid: () => uid },
});

export function changeSecret(
  deciding: Deciding,
  command: CommandOf<"ApplyObject"> | CommandOf<"ReplaceObject">,
): Result<Decision> {
  const { namespace, name = "" } = command.object.metadata;
  const found = secretNamed(deciding, namespace, name);
  const uid = found?.ref.uid ?? (deciding.context.uuid() as Uid);
  const sealed = sealSecret(command.object, sealing(deciding, uid, found));
  if (!sealed.ok) return sealed;
  const object = sealed.value;
  return command.type === "ApplyObject"
    ? decideApply(withUid(deciding, uid), { ...command, object })
    : decideReplace(deciding, { ...command, object });
}

export function patchSecret(deciding: Deciding, command: CommandOf<"PatchObject">): Result<Decision> {
  const found = secretNamed(deciding, command.namespace, command.name);
  if (!found) return decidePatch(deciding, command);
  const { patch } = command;
  if (!isRecord(patch)) {
    return failure(
      "BadRequest",
      "values of secrets travel sealed, which a json patch can't: use a merge patch",
    );
  }
  const sealed = sealSecretPatch(patch, sealing(deciding, found.ref.uid, found));
  if (!sealed.ok) return sealed;
  return decidePatch(deciding, { ...command, patch: sealed.value });
}

const secretNamed = ({ state }: Deciding, namespace: string | undefined, name: string): Found | undefined =>
  findObject(state, { kind: "Secret", namespace: namespace ?? defaultNamespace, name });
