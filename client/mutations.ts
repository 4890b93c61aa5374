// What changes the cluster: each is one command with one id, safe to send again until it is answered.

import {
  type ApiObject,
  type ApiRequest,
  BerthError,
  type DeletePropagation,
  type FieldValidation,
  groupToken,
  isRecord,
  kindInfo,
  type KindInfo,
  type KindName,
  type ObjectPatch,
  type Outcome,
  parseUid,
  type PatchType,
  type Position,
  type Preconditions,
  unwrap,
} from "../protocol/mod.ts";
import { asApiObject, type Manifest } from "./kinds.ts";
import { defaultNamespace, targetOf } from "./listing.ts";
import type { CallOptions, OkReply, Requester } from "./requester.ts";
import { hasValues } from "./secret-values.ts";

/** Whose fields an `apply` owns, when nothing else is said. */
export const defaultFieldManager = "berth-client";

export interface MutationOptions extends CallOptions {
  /** Used where the object names none. */
  readonly namespace?: string;
  readonly fieldManager?: string;
  /** Says what would happen; the log stays as it is. */
  readonly dryRun?: boolean;
  /** What becomes of fields that the kind does not have. Default: Strict, they are an error. */
  readonly fieldValidation?: FieldValidation;
}
export interface ApplyOptions extends MutationOptions {
  /** Refused with Conflict where it would change what another manager owns. */
  readonly serverSide?: boolean;
  /** With `serverSide`: takes over what others own. */
  readonly force?: boolean;
}
export interface PatchOptions extends MutationOptions {
  /** Default: merge (RFC 7386). A `json` patch is a list of operations. */
  readonly type?: PatchType;
  /** The patch is refused with Conflict when the object's is another. */
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly subresource?: "scale" | "status" | "ephemeralcontainers";
}
export interface DeleteOptions extends MutationOptions {
  /** Seconds; absent means the pod's own; 0 kills at once. */
  readonly gracePeriodSeconds?: number;
  /** What becomes of the object's dependents. Default: Background. */
  readonly propagationPolicy?: DeletePropagation;
  readonly resourceVersion?: string;
  readonly uid?: string;
}

export interface Mutation<T = ApiObject> {
  readonly object: T;
  readonly outcome: Outcome;
  readonly warnings: readonly string[];
  readonly position: Position;
}

/** The registry's entry of a kind; NotFound for a kind that this version does not know. */
export function infoOf(kind: string): KindInfo {
  const info = kindInfo(kind);
  if (info) return info;
  throw new BerthError({ code: "NotFound", message: `the cluster has no kind ${JSON.stringify(kind)}` });
}

export async function submit(
  requester: Requester,
  verb: "create" | "update" | "apply",
  manifest: Manifest,
  options: ApplyOptions,
): Promise<Mutation> {
  const info = infoOf(manifest.kind);
  const given = asApiObject(manifest);
  const { name } = given.metadata;
  const namespace = given.metadata.namespace ?? options.namespace ?? defaultNamespace;
  const placed = info.namespaced ? { ...given, metadata: { ...given.metadata, namespace } } : given;
  const object = await sealedValues(requester, info, placed, options);
  const request: ApiRequest = {
    object,
    ...common(options, verb === "apply" ? defaultFieldManager : undefined),
    ...(verb === "apply" &&
      options.serverSide && { serverSide: true, ...(options.force && { force: true }) }),
  };
  const target = { ...targetOf(info, { namespace }), verb, ...(name && { name }) };
  return mutation(await requester.call(target, request, options));
}

export async function patchObject(
  requester: Requester,
  about: {
    readonly kind: KindName;
    readonly name: string;
    readonly patch: ObjectPatch;
  },
  options: PatchOptions,
): Promise<Mutation> {
  const info = infoOf(about.kind);
  const target = {
    ...targetOf(info, options),
    verb: "patch" as const,
    name: about.name,
    ...(options.subresource && { subresource: options.subresource }),
  };
  const patch = isRecord(about.patch)
    ? await sealedValues(requester, info, about.patch, options)
    : openlySent(info, about.patch);
  const request: ApiRequest = {
    patch,
    ...(options.type && { patchType: options.type }),
    ...common(options),
    ...preconditionsOf(options),
  };
  return mutation(await requester.call(target, request, options));
}

export async function deleteObject(
  requester: Requester,
  about: { readonly kind: KindName; readonly name: string },
  options: DeleteOptions,
): Promise<Mutation> {
  const target = { ...targetOf(infoOf(about.kind), options), verb: "delete" as const, name: about.name };
  return mutation(await requester.call(target, deletion(options), options), "deleted");
}

/** Deletes a pod the way that drains do: the `eviction` subresource. */
export async function evictPod(
  requester: Requester,
  name: string,
  options: DeleteOptions,
): Promise<Mutation> {
  const info = infoOf("Pod");
  const target = {
    group: groupToken(info),
    resource: info.resource,
    namespace: options.namespace ?? defaultNamespace,
    verb: "create" as const,
    name,
    subresource: "eviction",
  };
  return mutation(await requester.call(target, deletion(options), options), "deleted");
}

export interface FenceOptions extends MutationOptions {
  /** What makes one sure that nothing runs there, for the log. */
  readonly reason?: string;
}

/** Vouches that nothing runs on a lost node any more: the `fence` subresource. Conflict while the node is heard. */
export async function fenceNode(
  requester: Requester,
  name: string,
  { reason, ...options }: FenceOptions,
): Promise<Mutation> {
  const target = { ...targetOf(infoOf("Node"), {}), verb: "create" as const, name, subresource: "fence" };
  const request: ApiRequest = { ...common(options), ...(reason !== undefined && { reason }) };
  return mutation(await requester.call(target, request, options));
}

function openlySent({ kind }: KindInfo, patch: ObjectPatch): ObjectPatch {
  if (kind !== "Secret") return patch;
  const message = "values of secrets travel sealed, which a json patch can't: use a merge patch";
  throw new BerthError({ code: "BadRequest", message });
}

/** A secret's values go out sealed. Without a key the cluster takes none, and they do not go out at all. */
async function sealedValues<T extends Readonly<Record<string, unknown>>>(
  requester: Requester,
  { kind }: KindInfo,
  fields: T,
  { timeoutMs, signal }: MutationOptions,
): Promise<T> {
  if (kind !== "Secret" || !hasValues(fields)) return fields;
  const to = await requester.sealingKey({
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(signal && { signal }),
  });
  if (to !== undefined) return requester.secrets.sealed(fields, to);
  throw new BerthError({
    code: "Forbidden",
    message:
      "this cluster takes no secrets, because its masters have no key to seal them with: start every master with --secret-key-file",
  });
}

function deletion(options: DeleteOptions): ApiRequest {
  const { gracePeriodSeconds, propagationPolicy } = options;
  return {
    ...common(options),
    ...preconditionsOf(options),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy && { propagationPolicy }),
  };
}

function common(options: MutationOptions, manager?: string): ApiRequest {
  const fieldManager = options.fieldManager ?? manager;
  const { fieldValidation, dryRun } = options;
  return {
    ...(fieldManager && { fieldManager }),
    ...(fieldValidation && { fieldValidation }),
    ...(dryRun && { dryRun: true }),
  };
}

function preconditionsOf(options: { readonly uid?: string; readonly resourceVersion?: string }): ApiRequest {
  const { uid, resourceVersion } = options;
  if (uid === undefined && resourceVersion === undefined) return {};
  const preconditions: Preconditions = {
    ...(uid !== undefined && { uid: unwrap(parseUid(uid)) }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  return { preconditions };
}

function mutation(reply: OkReply, outcome: Outcome = "configured"): Mutation {
  if (reply.type !== "object") {
    throw new BerthError({ code: "Internal", message: `a mutation was answered with ${reply.type}` });
  }
  return {
    object: reply.object,
    outcome: reply.outcome ?? outcome,
    warnings: reply.warnings ?? [],
    position: reply.position,
  };
}
