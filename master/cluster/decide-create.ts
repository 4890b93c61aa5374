// Creating any object: admission, its namespace, its name, its addresses.

import {
  admit,
  type ApiObject,
  failure,
  type FieldValidation,
  generatedSuffixLength,
  isKind,
  kindInfo,
  maxNameLength,
  type ObjectMeta,
  type ObjectRef,
  type PodSpec,
  type Result,
  success,
  type Uid,
} from "../../protocol/mod.ts";
import { managersOfNew } from "../merge/mod.ts";
import { allocateAddresses } from "./addresses.ts";
import type { CommandOf } from "./command-of.ts";
import { withConfigHash } from "./config-hash.ts";
import type { ClusterState, Decision } from "./contract.ts";
import { type Deciding, nameOf, told } from "./deciding.ts";
import { findObject } from "./find-object.ts";
import { withOwnLabels } from "./job-labels.ts";
import { priorityClassNamed, refuseSecondDefault, withPriority } from "./priorities.ts";
import { servesPods, templateOf } from "./specs.ts";
import { withStorageParts } from "./storage-admission.ts";
import { timestamp } from "./timestamps.ts";

/** A generated name that is taken this often in a row means a broken source of chance. */
const maxNameDraws = 100;

export function decideCreate(
  deciding: Deciding,
  command: CommandOf<"CreateObject"> | CommandOf<"ApplyObject">,
): Result<Decision> {
  const created = newObject(deciding, command.object, command.validation);
  if (!created.ok) return created;
  const { ref, warnings } = created.value;
  const operation = command.type === "ApplyObject" ? "Apply" : "Create";
  const value = withManagers(deciding, created.value, command);
  const event = {
    ...deciding.header,
    type: "ObjectCreated",
    object: ref,
    value,
    submitted: command.object,
    ...(command.manager !== undefined && { manager: command.manager }),
    operation,
  } as const;
  const outcome = "created" as const;
  return told({ events: [event], outcome, object: ref, preview: value, warnings }, command.dryRun);
}

function withManagers(
  { now }: Deciding,
  { value, shaped }: NewObject,
  { type, manager }: CommandOf<"CreateObject"> | CommandOf<"ApplyObject">,
): ApiObject {
  if (manager === undefined) return value;
  const operation = type === "ApplyObject" ? "Apply" : "Update";
  const managedFields = managersOfNew(value, { manager, operation, time: timestamp(now), wanted: shaped });
  if (managedFields.length === 0) return value;
  return { ...value, metadata: { ...value.metadata, managedFields } };
}

interface NewObject {
  readonly ref: ObjectRef;
  readonly value: ApiObject;
  /** As it was sent, without defaults. */
  readonly shaped: ApiObject;
  readonly warnings: readonly string[];
}

/** A new object as it will be stored: admitted, named, with its addresses. */
export function newObject(
  deciding: Deciding,
  object: ApiObject,
  validation?: FieldValidation,
): Result<NewObject> {
  const admitted = admit(object, validation);
  if (!admitted.ok) return admitted;
  const { warnings, object: shaped } = admitted.value;
  const hashed = withConfigHash(deciding.state, admitted.value.complete);
  const complete = withStorageParts(deciding.state, hashed);
  const allowed = mayCreate(deciding.state, complete);
  if (!allowed.ok) return allowed;
  const named = freeName(deciding, complete);
  if (!named.ok) return named;
  const ref: ObjectRef = { ...named.value, uid: deciding.context.uuid() as Uid };
  const prioritised = podWithPriority(deciding.state, complete);
  if (!prioritised.ok) return prioritised;
  const addressed = allocateAddresses(deciding.state, prioritised.value);
  if (!addressed.ok) return addressed;
  const metadata = newMetadata(complete.metadata, ref, deciding.now);
  const value = withOwnLabels({ ...addressed.value, metadata }, ref);
  return success({ ref, value, shaped, warnings: [...warnings, ...missingClass(deciding.state, complete)] });
}

function podWithPriority(state: ClusterState, object: ApiObject): Result<ApiObject> {
  if (!isKind(object, "Pod") || !object.spec) return success(object);
  const spec = withPriority(state, object.spec);
  if (!spec.ok) {
    const { name, generateName } = object.metadata;
    return failure(
      spec.error.code,
      `pods ${JSON.stringify(name ?? generateName)} is forbidden: ${spec.error.message}`,
    );
  }
  return success(spec.value === object.spec ? object : { ...object, spec: spec.value });
}

/** Of a template only: its pods would be refused, where nobody looks. */
function missingClass(state: ClusterState, object: ApiObject): readonly string[] {
  const name = templateOf(object)?.spec?.priorityClassName;
  if (!name || priorityClassNamed(state, name)) return [];
  return [`no PriorityClass with name ${name} was found: no pod of the template is made until there is one`];
}

function mayCreate(state: ClusterState, { kind, metadata, ...rest }: ApiObject): Result<void> {
  const { namespace } = metadata;
  if (kind === "Node") {
    return failure("Forbidden", "nodes register themselves: start an agent on the host instead");
  }
  if (kind === "Pod" && (rest.spec as PodSpec | undefined)?.ephemeralContainers?.length) {
    return failure(
      "Forbidden",
      "ephemeral containers can't be created with their pod: berth debug adds them",
    );
  }
  const second = refuseSecondDefault(state, { kind, metadata, ...rest });
  if (second) return second;
  if (kindInfo(kind)?.namespaced) {
    const open = namespaceOpen(state, namespace ?? "");
    if (!open.ok) return open;
  }
  const service = kind === "Endpoints" && metadata.name && state.object("Service", namespace, metadata.name);
  if (service && servesPods(service.value)) {
    return failure(
      "Forbidden",
      `the endpoints of service ${namespace}/${metadata.name} follow its selector and can't be written by hand`,
    );
  }
  return success(undefined);
}

/** NotFound, or Forbidden while it is terminating. */
export function namespaceOpen(state: ClusterState, namespace: string): Result<void> {
  const row = state.object("Namespace", undefined, namespace);
  if (!row)
    return failure("NotFound", `namespace ${JSON.stringify(namespace)} does not exist: create it first`);
  if (row.deletion) {
    return failure("Forbidden", `namespace ${namespace} is terminating: nothing new can be created in it`);
  }
  return success(undefined);
}

function freeName(deciding: Deciding, { kind, metadata }: ApiObject): Result<Omit<ObjectRef, "uid">> {
  const { name, generateName, namespace } = metadata;
  const place = { kind, ...(kindInfo(kind)?.namespaced && namespace !== undefined && { namespace }) };
  if (name) {
    const ref = { ...place, name };
    const taken = findObject(deciding.state, ref);
    return taken ? failure("AlreadyExists", `${nameOf(ref)} exists already`) : success(ref);
  }
  const isTaken = (drawn: string): boolean =>
    findObject(deciding.state, { ...place, name: drawn }) !== undefined;
  return success({ ...place, name: drawName(deciding, generateName ?? "", isTaken) });
}

/** `prefix` and random letters, drawn again until the name is free. */
export function drawName(
  { context }: Pick<Deciding, "context">,
  prefix: string,
  isTaken: (name: string) => boolean,
): string {
  const kept = prefix.slice(0, maxNameLength - generatedSuffixLength);
  for (let draws = 0; draws < maxNameDraws; draws++) {
    const name = kept + context.suffix(generatedSuffixLength);
    if (!isTaken(name)) return name;
  }
  throw new Error(`no free name begins with ${JSON.stringify(prefix)} after ${maxNameDraws} draws`);
}

function newMetadata(metadata: ObjectMeta, { name, namespace, uid }: ObjectRef, now: number): ObjectMeta {
  const { generateName, labels, annotations, finalizers, ownerReferences } = metadata;
  return {
    name,
    ...(generateName && { generateName }),
    ...(namespace !== undefined && { namespace }),
    uid,
    creationTimestamp: timestamp(now),
    generation: 1,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers && finalizers.length > 0 && { finalizers }),
    ...(ownerReferences && ownerReferences.length > 0 && { ownerReferences }),
  };
}
