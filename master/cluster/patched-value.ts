// An object as a patch of any of the three types leaves it, before anything is checked.

import {
  type ApiObject,
  isRecord,
  jsonPatch,
  mergePatch,
  type Result,
  strategicPatch,
  success,
} from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";

export function patchedValue(
  kind: string,
  value: ApiObject,
  { patch, patchType }: CommandOf<"PatchObject">,
): Result<unknown> {
  if (isRecord(patch)) {
    return patchType === "strategic"
      ? strategicPatch(kind, { ...value }, patch)
      : success(mergePatch(value, patch));
  }
  return jsonPatch(value, patch);
}
