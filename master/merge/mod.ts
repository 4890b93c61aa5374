// Merging manifests and patches into objects, and who owns which field.
export { mergeApplied } from "./apply-merge.ts";
export { jsonPatch } from "./json-patch.ts";
export {
  managersAfter,
  managersOfNew,
  ownedByOthers,
  takenFromOthers,
} from "./managed-fields.ts";
export { mergePatch } from "./merge-patch.ts";
export { strategicPatch } from "./strategic-patch.ts";
