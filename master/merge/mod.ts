// Merging manifests into objects, and who owns which field.
export { mergeApplied } from "./apply-merge.ts";
export {
  managersAfter,
  managersOfNew,
  ownedByOthers,
  takenFromOthers,
} from "./managed-fields.ts";
