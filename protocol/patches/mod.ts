// The three ways to write a change of an object: JSON patch, JSON merge patch and strategic merge patch.
export { jsonPatch } from "./json-patch.ts";
export { byIdentity, type Fields, isFields, mergedOrder } from "./keyed-list.ts";
export { mergePatch } from "./merge-patch.ts";
export { strategicPatch } from "./strategic-patch.ts";
