// From a request to the command that it asks for. Pure: it looks at the request alone, never at the cluster.

import {
  type ApiObject,
  type ApiRequest,
  type ApiTarget,
  type CommandEnvelope,
  failure,
  type FieldValidation,
  type KindInfo,
  type ObjectPatch,
  parseNodeName,
  type Result,
  success,
  type UserCommand,
} from "../../protocol/mod.ts";
import { evictionRequest } from "./eviction.ts";
import { agree, defaultNamespace, targetKind, targetNamespace } from "./target-kind.ts";

export interface Mutation {
  readonly info: KindInfo;
  readonly envelope: CommandEnvelope & { readonly command: UserCommand };
  readonly dryRun: boolean;
}

/** Errors: NotFound (resource), BadRequest, MethodNotSupported, Invalid (no object where one is needed). */
export function mutationOf(target: ApiTarget, asked: ApiRequest): Result<Mutation> {
  const info = targetKind(target);
  if (!info.ok) return info;
  const read = target.subresource === "eviction" ? evictionRequest(target, asked) : success(asked);
  if (!read.ok) return read;
  const request = read.value;
  const command = commandOf(info.value, target, request);
  if (!command.ok) return command;
  const envelope = {
    by: `user:${target.user}`,
    command: command.value,
    ...(request.commandId !== undefined && { id: request.commandId }),
  };
  return success({ info: info.value, envelope, dryRun: request.dryRun === true });
}

function commandOf(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const { verb, subresource } = target;
  if (subresource === "eviction" && verb === "create" && info.kind === "Pod") {
    return evictionCommand(info, target, request);
  }
  if (subresource === "fence" && verb === "create" && info.kind === "Node")
    return fenceCommand(target, request);
  if (subresource === "scale" && (verb === "patch" || verb === "update" || verb === "apply")) {
    return scaleCommand(info, target, request);
  }
  if (
    subresource === "ephemeralcontainers" &&
    info.kind === "Pod" &&
    (verb === "patch" || verb === "update")
  ) {
    return ephemeralCommand(info, target, request);
  }
  if (subresource === "status" && info.kind === "Pod" && (verb === "patch" || verb === "update")) {
    return statusCommand(info, target, request);
  }
  if (subresource === "status") {
    const message = `the status of ${info.resource} is what the cluster observes and can't be set; conditions of pods can`;
    return failure("MethodNotSupported", message);
  }
  if (subresource !== undefined) {
    return failure("MethodNotSupported", `${verb} of ${info.resource}/${subresource} is not supported`);
  }
  switch (verb) {
    case "create":
    case "update":
    case "apply":
      return objectCommand(info, target, request);
    case "patch":
      return patchCommand(info, target, request);
    case "delete":
      return deleteCommand(info, target, request);
    case "get":
    case "list":
    case "watch":
      return failure("MethodNotSupported", `${verb} changes nothing`);
  }
}

function objectCommand(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  if (!request.object) {
    return failure("BadRequest", `${target.verb} of ${info.resource} needs the object as its body`);
  }
  const agreed = agree(info, target, request.object);
  if (!agreed.ok) return agreed;
  const { object } = agreed.value;
  if (target.verb !== "create" && object.metadata.name === undefined) {
    return failure("BadRequest", `${target.verb} needs metadata.name`);
  }
  const manager = request.fieldManager ?? target.user;
  const common = { object, manager, ...validationOf(request), ...dryRunOf(request) };
  if (target.verb === "create") return success({ type: "CreateObject", ...common });
  if (target.verb === "update") return success({ type: "ReplaceObject", ...common });
  const { serverSide, force } = request;
  if (force && !serverSide) {
    return failure("BadRequest", "force goes with serverSide: any other apply takes what it names anyway");
  }
  return success({
    type: "ApplyObject",
    ...common,
    ...(serverSide && { serverSide }),
    ...(force && { force }),
  });
}

function patchCommand(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const { patch, patchType = "merge" } = request;
  if (!patch) return failure("BadRequest", `patch of ${info.resource} needs "patch"`);
  if (Array.isArray(patch) !== (patchType === "json")) {
    return failure("BadRequest", "a json patch is a list of operations, and every other patch an object");
  }
  const named = nameOf(info, target);
  if (!named.ok) return named;
  return success({
    type: "PatchObject",
    kind: info.kind,
    ...named.value,
    patch,
    ...(patchType !== "merge" && { patchType }),
    manager: request.fieldManager ?? target.user,
    ...validationOf(request),
    ...(request.preconditions && { preconditions: request.preconditions }),
    ...dryRunOf(request),
  });
}

/** Takes `{spec:{replicas}}` as a patch or in a Scale object, and nothing else. */
function scaleCommand(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const replicas = replicasIn(request.patch) ?? replicasIn(request.object);
  if (replicas === undefined) {
    return failure("BadRequest", "scale needs spec.replicas, a whole number from 0");
  }
  return patchCommand(info, target, { ...request, patch: { spec: { replicas } }, patchType: "merge" });
}

function replicasIn(value: ObjectPatch | ApiObject | undefined): number | undefined {
  if (value === undefined || !("spec" in value)) return undefined;
  const { spec } = value;
  if (typeof spec !== "object" || spec === null || !("replicas" in spec)) return undefined;
  const { replicas } = spec;
  return typeof replicas === "number" && Number.isSafeInteger(replicas) && replicas >= 0
    ? replicas
    : undefined;
}

function evictionCommand(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const command = deleteCommand(info, target, request);
  if (!command.ok || command.value.type !== "DeleteObject") return command;
  const { kind: _kind, propagation: _propagation, namespace = defaultNamespace, ...rest } = command.value;
  return success({ ...rest, type: "EvictPod", namespace });
}

/** Takes the whole list, in a patch or in the pod, and nothing else. */
function ephemeralCommand(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const body: unknown = request.patch ?? request.object;
  const spec = isRecord(body) ? body["spec"] : undefined;
  const list: unknown = isRecord(spec) ? spec["ephemeralContainers"] : undefined;
  if (!Array.isArray(list)) {
    return failure("BadRequest", "ephemeralcontainers needs spec.ephemeralContainers, the whole list");
  }
  const { patchType: _merge, ...rest } = request;
  const patched = patchCommand(info, target, { ...rest, patch: { spec: { ephemeralContainers: list } } });
  if (!patched.ok || patched.value.type !== "PatchObject") return patched;
  return success({ ...patched.value, subresource: "ephemeralcontainers" });
}

/** A patch as it is, or a pod whose status is meant. */
function statusCommand(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const { object, ...rest } = request;
  const whole: unknown = object;
  const asked: ApiRequest = object
    ? { ...rest, patch: { status: isRecord(whole) ? whole["status"] : undefined }, patchType: "merge" }
    : request;
  const patched = patchCommand(info, target, asked);
  if (!patched.ok || patched.value.type !== "PatchObject") return patched;
  return success({ ...patched.value, subresource: "status" });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fenceCommand(target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const node = parseNodeName(target.name);
  if (!node.ok) return node;
  const { reason } = request;
  return success({
    type: "FenceNode",
    node: node.value,
    ...(reason !== undefined && { reason }),
    ...dryRunOf(request),
  });
}

function deleteCommand(info: KindInfo, target: ApiTarget, request: ApiRequest): Result<UserCommand> {
  const named = nameOf(info, target);
  if (!named.ok) return named;
  const seconds = request.gracePeriodSeconds;
  return success({
    type: "DeleteObject",
    kind: info.kind,
    ...named.value,
    ...(seconds !== undefined && { gracePeriodSeconds: seconds }),
    ...(request.propagationPolicy && { propagation: request.propagationPolicy }),
    ...(request.preconditions && { preconditions: request.preconditions }),
    ...dryRunOf(request),
  });
}

function nameOf(
  info: KindInfo,
  target: ApiTarget,
): Result<{ readonly name: string; readonly namespace?: string }> {
  if (target.name === undefined) {
    return failure("BadRequest", `${target.verb} of ${info.resource} needs a name, one object at a time`);
  }
  const namespace = targetNamespace(info, target);
  if (!namespace.ok) return namespace;
  return success({ name: target.name, ...(namespace.value !== undefined && { namespace: namespace.value }) });
}

const validationOf = ({ fieldValidation }: ApiRequest): { readonly validation?: FieldValidation } =>
  fieldValidation === undefined ? {} : { validation: fieldValidation };
const dryRunOf = (request: ApiRequest): { readonly dryRun?: boolean } =>
  request.dryRun === undefined ? {} : { dryRun: request.dryRun };
