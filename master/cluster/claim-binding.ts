// The events that bind a claim: the volume that is made or claimed, and the claim that names it, always together.

import {
  type ApiObject,
  bindCompleted,
  boundByController,
  changedFields,
  failure,
  type NodeName,
  type ObjectRef,
  type BerthEvent,
  type Result,
  selectedNode,
  success,
} from "../../protocol/mod.ts";
import {
  claimReference,
  claimSpecOf,
  classNameOf,
  provisionedVolume,
  storageClassNamed,
  volumeSpecOf,
} from "../storage/mod.ts";
import type { ObjectRow } from "./contract.ts";
import { newObject } from "./decide-create.ts";
import { type Deciding, nameOf } from "./deciding.ts";

export interface ClaimBinding {
  readonly claim: ObjectRow;
  /** One that is there; without it one is made on `node`. */
  readonly volume?: ObjectRow;
  /** Where the pod goes that the claim waited for, or where the volume is made. */
  readonly node?: NodeName;
}

export function bindingEvents(deciding: Deciding, binding: ClaimBinding): Result<readonly BerthEvent[]> {
  return binding.volume
    ? success(takeVolume(deciding, binding, binding.volume))
    : makeVolume(deciding, binding);
}

function takeVolume(deciding: Deciding, { claim, node }: ClaimBinding, volume: ObjectRow): BerthEvent[] {
  const { claimRef, ...spec } = volumeSpecOf(volume.value);
  const what = nameOf(claim.ref);
  const events: BerthEvent[] = [];
  if (claimRef?.uid !== claim.ref.uid) {
    const next = { ...volume.value, spec: { ...spec, claimRef: claimReference(claim.ref) } };
    // Whoever reserved it for the claim is not undone when the claim goes.
    const value = claimRef ? next : annotated(next, { [boundByController]: "yes" });
    events.push(updated(deciding, volume, value, `bound to ${what}`));
  }
  events.push(claimBound(deciding, claim, { volume: volume.ref.name, node, reason: "it suits the claim" }));
  return events;
}

function makeVolume(deciding: Deciding, { claim, node }: ClaimBinding): Result<readonly BerthEvent[]> {
  const name = classNameOf(claimSpecOf(claim.value));
  const storageClass = storageClassNamed(deciding.state, name);
  if (!storageClass || node === undefined) {
    return failure("Conflict", `${nameOf(claim.ref)}: storage class ${JSON.stringify(name)} makes no volume`);
  }
  const created = newObject(deciding, provisionedVolume(storageClass, claim, node));
  if (!created.ok) return created;
  const { ref: object, value } = created.value;
  const reason = `${storageClass.provisioner} provides it on node ${node} for ${nameOf(claim.ref)}`;
  return success([
    { ...deciding.header, type: "ObjectCreated", object, value, reason },
    claimBound(deciding, claim, { volume: object.name, node, reason: `made on node ${node}` }),
  ]);
}

function claimBound(
  deciding: Deciding,
  claim: ObjectRow,
  bound: { readonly volume: string; readonly node: NodeName | undefined; readonly reason: string },
): BerthEvent {
  const spec = claimSpecOf(claim.value);
  const value = annotated(
    { ...claim.value, spec: { ...spec, volumeName: bound.volume } },
    {
      [bindCompleted]: "yes",
      ...(!spec.volumeName && { [boundByController]: "yes" }),
      ...(bound.node !== undefined && { [selectedNode]: bound.node }),
    },
  );
  return updated(deciding, claim, value, `bound to volume ${bound.volume}: ${bound.reason}`);
}

function annotated(value: ApiObject, annotations: Readonly<Record<string, string>>): ApiObject {
  const { metadata } = value;
  return { ...value, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}

const updated = (
  { header }: Deciding,
  { ref, value: before }: { readonly ref: ObjectRef; readonly value: ApiObject },
  value: ApiObject,
  reason: string,
): BerthEvent => ({
  ...header,
  type: "ObjectUpdated",
  object: ref,
  value,
  fields: changedFields(before, value),
  operation: "Update",
  reason,
});
