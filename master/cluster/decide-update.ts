// Changing any object: replace and patch. These, apply and what controllers change end in the same place: the whole new
// value is admitted as an update of the old one, and written only if it differs.

import {
  type ApiObject,
  applyDefaults,
  type BerthEvent,
  changedFields,
  checkShape,
  defaultNamespace,
  failure,
  isRecord,
  isKind,
  keepAllocated,
  kindInfo,
  type ObjectMeta,
  type ObjectPatch,
  type Preconditions,
  type Result,
  sameValue,
  validateUpdate,
} from "../../protocol/mod.ts";
import { managersAfter } from "../merge/mod.ts";
import { allocateAddresses } from "./addresses.ts";
import type { CommandOf } from "./command-of.ts";
import { withConfigHash } from "./config-hash.ts";
import type { Decision } from "./contract.ts";
import { type Deciding, nameOf, notFound, told } from "./deciding.ts";
import { decideStatus } from "./decide-status.ts";
import { type Found, findObject } from "./find-object.ts";
import { patchedValue } from "./patched-value.ts";
import { isRunning } from "./pod-deletion.ts";
import { refuseSecondDefault } from "./priorities.ts";
import { removalEvents } from "./removal.ts";
import { servesPods } from "./specs.ts";
import { checkExpansion, keepProtection } from "./storage-admission.ts";
import { timestamp } from "./timestamps.ts";
import { stampedTaints } from "./taint-tolerance.ts";

interface Change {
  readonly found: Found;
  /** As the user wants it: shape checked, no defaults. */
  readonly wanted: ApiObject;
  readonly operation: "Update" | "Apply" | "Patch" | "Scale";
  /** The manifest alone, before it was merged: what its manager owns from now on. */
  readonly applied?: ApiObject;
  readonly submitted?: ApiObject;
  readonly reason?: string;
  readonly manager?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly warnings?: readonly string[];
}

export function decideReplace(deciding: Deciding, command: CommandOf<"ReplaceObject">): Result<Decision> {
  const shaped = checkShape(command.object, command.validation);
  if (!shaped.ok) return shaped;
  const { object, warnings } = shaped.value;
  const ref = placeOf(object);
  const found = findObject(deciding.state, ref);
  if (!found) return notFound(ref);
  const conflict = conflictOf(found, preconditionsIn(object.metadata));
  if (conflict) return conflict;
  const { manager, dryRun, object: submitted } = command;
  return change(deciding, {
    found,
    wanted: keepProtection(found.value, object),
    operation: "Update",
    submitted,
    manager,
    dryRun,
    warnings,
  });
}

export function decidePatch(deciding: Deciding, command: CommandOf<"PatchObject">): Result<Decision> {
  const { kind, namespace, name, patch, preconditions, manager, dryRun, validation, subresource } = command;
  const ref = { kind, name, ...(kindInfo(kind)?.namespaced && { namespace: namespace ?? defaultNamespace }) };
  const found = findObject(deciding.state, ref);
  if (!found) return notFound(ref);
  const inPatch = isRecord(patch) ? preconditionsIn(patch["metadata"]) : undefined;
  const conflict = conflictOf(found, preconditions) ?? conflictOf(found, inPatch);
  if (conflict) return conflict;
  if (subresource === "status") return decideStatus(deciding, found, command);
  const patched = patchedValue(found.ref.kind, found.value, command);
  if (!patched.ok) return patched;
  const shaped = checkShape(patched.value, validation);
  if (!shaped.ok) return shaped;
  const { object: wanted, warnings } = shaped.value;
  const operation = isScale(patch) ? "Scale" : "Patch";
  if (subresource === undefined && addsEphemeral(found.value, wanted)) {
    return failure("Invalid", `${nameOf(ref)}: spec.ephemeralContainers are added by berth debug`, [
      {
        field: "spec.ephemeralContainers",
        reason: "Forbidden",
        message: "can only change by the pod's subresource ephemeralcontainers",
      },
    ]);
  }
  return change(deciding, { found, wanted, operation, manager, dryRun, warnings });
}

const ephemeralIn = ({ spec }: ApiObject): unknown =>
  (spec as { readonly ephemeralContainers?: unknown } | undefined)?.ephemeralContainers;
const addsEphemeral = (old: ApiObject, next: ApiObject): boolean =>
  old.kind === "Pod" && !sameValue(ephemeralIn(old) ?? [], ephemeralIn(next) ?? []);

export function placeOf({ kind, metadata }: ApiObject): Parameters<typeof findObject>[1] {
  const { namespace = defaultNamespace, name = "" } = metadata;
  return kindInfo(kind)?.namespaced ? { kind, namespace, name } : { kind, name };
}

function isScale(patch: ObjectPatch): boolean {
  const only = (value: unknown, key: string): boolean => isRecord(value) && Object.keys(value).join() === key;
  return isRecord(patch) && only(patch, "spec") && only(patch["spec"], "replicas");
}

export function preconditionsIn(metadata: unknown): Preconditions {
  const { resourceVersion } = (metadata ?? {}) as ObjectMeta;
  return resourceVersion ? { resourceVersion } : {};
}

export function conflictOf(
  found: Found,
  preconditions: Preconditions | undefined,
): Result<never> | undefined {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== found.ref.uid) {
    return failure("Conflict", `${nameOf(found.ref)} has uid ${found.ref.uid}, not ${uid}: it was made anew`);
  }
  if (resourceVersion !== undefined && resourceVersion !== String(found.position)) {
    return failure(
      "Conflict",
      `${nameOf(found.ref)} was changed: resourceVersion is ${found.position}, not ${resourceVersion}; read it again`,
    );
  }
  return undefined;
}

/** Admits the whole new value as an update of the old one, and writes it if it differs. */
export function change(deciding: Deciding, wanted: Change): Result<Decision> {
  const { found, operation, submitted, reason, manager, dryRun, warnings } = wanted;
  const managed = refuseManaged(deciding, found);
  if (managed) return managed;
  const complete = completed(deciding, wanted);
  if (!complete.ok) return complete;
  const { ref } = found;
  const fields = changedFields(found.value, complete.value);
  const value = withManagers(deciding, wanted, complete.value);
  if (fields.length === 0 && !isNewManifest(deciding, wanted, value)) {
    return told({ events: [], outcome: "unchanged", object: ref, preview: value, warnings }, dryRun);
  }
  const event: BerthEvent = {
    ...deciding.header,
    type: "ObjectUpdated",
    object: ref,
    value,
    fields,
    ...(submitted && { submitted }),
    ...(manager !== undefined && { manager }),
    operation,
    ...(reason !== undefined && { reason }),
  };
  const events = [event, ...lastFinalizerGone(deciding, found, value)];
  const outcome = fields.length === 0 ? "unchanged" : "configured";
  return told({ events, outcome, object: ref, preview: value, warnings }, dryRun);
}

/** A controller's changes count only where somebody else's fields are at stake: its own objects have no managers. */
function withManagers({ header, now }: Deciding, wanted: Change, value: ApiObject): ApiObject {
  const { found, applied, operation, manager = header.by } = wanted;
  const tracked = found.value.metadata.managedFields !== undefined;
  if (wanted.manager === undefined && !tracked) return value;
  const managedFields = managersAfter(found.value, value, {
    manager,
    operation: operation === "Apply" ? "Apply" : "Update",
    subresource: operation === "Scale" ? "scale" : undefined,
    time: timestamp(now),
    wanted: applied ?? wanted.wanted,
  });
  const { managedFields: _before, ...metadata } = value.metadata;
  return { ...value, metadata: { ...metadata, ...(managedFields.length > 0 && { managedFields }) } };
}

/** What a manager leaves out later can only be told from what it applied: its manifest is kept even without effect. */
function isNewManifest({ state }: Deciding, wanted: Change, value: ApiObject): boolean {
  const { found, operation, submitted, manager } = wanted;
  if (operation !== "Apply" || manager === undefined) return false;
  if (!sameValue(found.value.metadata.managedFields, value.metadata.managedFields)) return true;
  return !sameValue(state.appliedTo(found.ref.uid)[manager], submitted);
}

function refuseManaged({ state }: Deciding, { ref }: Found): Result<never> | undefined {
  const service = ref.kind === "Endpoints" ? state.object("Service", ref.namespace, ref.name) : undefined;
  if (!service || !servesPods(service.value)) return undefined;
  return failure(
    "Forbidden",
    `${nameOf(ref)} follows the selector of its service and can't be changed by hand`,
  );
}

/** The whole new value, as it will be stored. */
export function completed(
  { state, now }: Deciding,
  { found, wanted, reason }: Pick<Change, "found" | "wanted" | "reason">,
): Result<ApiObject> {
  const old = found.value;
  const filled = withTaintTimes(old, applyDefaults(keepAllocated(old, wanted)), now);
  // A controller that goes back to an older template means just that one.
  const defaulted = reason === undefined ? withConfigHash(state, filled) : filled;
  const valid = validateUpdate(old, defaulted);
  if (!valid.ok) return valid;
  const second = refuseSecondDefault(state, defaulted);
  if (second) return second;
  const added = (defaulted.metadata.finalizers ?? []).find(
    (finalizer) => !old.metadata.finalizers?.includes(finalizer),
  );
  if (found.deleting && added !== undefined) {
    return failure("Forbidden", `${nameOf(found.ref)} is being deleted: finalizer ${added} can't be added`);
  }
  const grows = checkExpansion(state, old, defaulted);
  if (!grows.ok) return grows;
  const { status: _status, metadata: _metadata, ...rest } = defaulted;
  const changed = !sameValue(withoutMetadata(old), withoutMetadata(defaulted));
  const value = { ...rest, metadata: keptMetadata(old.metadata, defaulted.metadata, changed) };
  return allocateAddresses(state, value, old);
}

function withTaintTimes(old: ApiObject, next: ApiObject, now: number): ApiObject {
  if (!isKind(next, "Node") || !next.spec?.taints) return next;
  const before = isKind(old, "Node") ? (old.spec?.taints ?? []) : [];
  return { ...next, spec: { ...next.spec, taints: [...stampedTaints(before, next.spec.taints, now)] } };
}

const withoutMetadata = ({ metadata: _metadata, status: _status, ...rest }: ApiObject): unknown => rest;

/** Users own labels, annotations, finalizers and owners; the rest stays as the cluster made it. */
function keptMetadata(old: ObjectMeta, next: ObjectMeta, specChanged: boolean): ObjectMeta {
  const { labels: _l, annotations: _a, finalizers: _f, ownerReferences: _o, ...kept } = old;
  const { labels, annotations, finalizers, ownerReferences } = next;
  return {
    ...kept,
    ...(kept.generation !== undefined && { generation: kept.generation + (specChanged ? 1 : 0) }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers && finalizers.length > 0 && { finalizers }),
    ...(ownerReferences && ownerReferences.length > 0 && { ownerReferences }),
  };
}

/** An object that waited for its last finalizer goes with it; a namespace and a running pod have more to wait for. */
function lastFinalizerGone(
  { state, header }: Deciding,
  found: Found,
  value: ApiObject,
): readonly BerthEvent[] {
  const held = (found.value.metadata.finalizers ?? []).length > 0;
  const holds = (value.metadata.finalizers ?? []).length > 0;
  if (!found.deleting || !held || holds || found.ref.kind === "Namespace") return [];
  const pod = state.pod(found.ref.uid);
  if (pod && isRunning(state, pod)) return [];
  return removalEvents(state, header, found.ref, "last finalizer removed");
}
