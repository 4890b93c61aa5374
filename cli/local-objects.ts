// `--local`: changes of what manifests hold, shown and not sent. No cluster is asked.

import type { ApiObject, ObjectPatch, PatchType, Stored } from "../client/mod.ts";
import {
  isFields,
  isKind,
  jsonPatch,
  type KindName,
  kinds,
  mergePatch,
  type Result,
  strategicPatch,
  success,
} from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";
import { type FileFlags, readManifestFiles } from "./manifest-files.ts";
import type { Session } from "./session.ts";

export const localHelp = "change what -f names and show it; no cluster is asked";

export async function localObjects(
  session: Session,
  args: readonly string[],
  flags: FileFlags,
): Promise<readonly Stored<KindName>[]> {
  if (args.length > 0 || !flags.filename) {
    throw new UsageError("--local works on manifests: name them with -f, and no objects of the cluster");
  }
  const { documents, problems, leftOut } = await readManifestFiles(flags, session.io);
  await session.warn(leftOut);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return documents.map(({ object }) => object).filter(isKnown);
}
const isKnown = (object: ApiObject): object is Stored<KindName> =>
  kinds.some(({ kind }) => isKind(object, kind));

/** As the cluster would merge it, without defaults and checks; throws UsageError for a patch that does not fit. */
export function patchedLocally(object: ApiObject, patch: ObjectPatch, type: PatchType): ApiObject {
  const patched = resultOf(object, patch, type);
  if (!patched.ok) throw new UsageError(patched.error.message);
  const { value } = patched;
  if (isObject(value)) return value;
  throw new UsageError("the patch leaves no object with apiVersion, kind and metadata");
}

function resultOf(object: ApiObject, patch: ObjectPatch, type: PatchType): Result<unknown> {
  if (!isFields(patch)) return jsonPatch(object, patch);
  return type === "strategic"
    ? strategicPatch(object.kind, { ...object }, patch)
    : success(mergePatch(object, patch));
}

/** Throws UsageError where the value is no patch of this type. */
export function asPatch(value: unknown, type: PatchType): ObjectPatch {
  if (type === "json") {
    if (Array.isArray(value) && value.every(isFields)) return value;
    throw new UsageError(
      'a json patch is a list of operations, such as [{"op":"remove","path":"/spec/paused"}]',
    );
  }
  if (isFields(value)) return value;
  throw new UsageError(`a ${type} patch is an object, such as {"spec":{"replicas":3}}`);
}

const isObject = (value: unknown): value is ApiObject =>
  isFields(value) &&
  typeof value["apiVersion"] === "string" &&
  typeof value["kind"] === "string" &&
  isFields(value["metadata"]);
