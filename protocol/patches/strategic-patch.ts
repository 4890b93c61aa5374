// Kubernetes' strategic merge patch: a merge patch that merges lists by the identity of their items, with directives
// ($patch, $retainKeys, $deleteFromPrimitiveList/…, $setElementOrder/…) for what that cannot say.
// Source: Kubernetes community, "Strategic Merge Patch" (devel/sig-api-machinery/strategic-merge-patch.md).

import { assertNever, failure, quoteValue, type Result, success } from "../errors.ts";
import { itemKey, type MergeRule, mergeRuleOf, mergeRuleOfKind } from "../objects/merge-rules.ts";
import { byIdentity, type Fields, isFields, mergedOrder } from "./keyed-list.ts";

const retain = "$retainKeys";
const deleteFrom = "$deleteFromPrimitiveList/";
const order = "$setElementOrder/";

/** BadRequest for directives that are none, and for items without their key. */
export function strategicPatch(kind: string, live: Fields, patch: Fields): Result<unknown> {
  try {
    return success(patchFields(mergeRuleOfKind(kind), live, patch, ""));
  } catch (error) {
    if (error instanceof PatchError)
      return failure("BadRequest", `the patch can't be used: ${error.message}`);
    throw error;
  }
}

/** Leaves the recursion; never leaves this module. */
class PatchError extends Error {}

type FieldsRule = Extract<MergeRule, { type: "map" | "fields" }>;
const innerRule = (rule: FieldsRule, key: string): MergeRule =>
  rule.type === "map" ? { type: "atomic" } : mergeRuleOf(rule.typeName, key);

function directiveOf(patch: Fields, path: string): "replace" | "delete" | "merge" {
  const { $patch: directive = "merge" } = patch;
  if (directive === "replace" || directive === "delete" || directive === "merge") return directive;
  throw new PatchError(
    `${path || "."}: $patch takes replace, delete or merge, found ${quoteValue(directive)}`,
  );
}

/** Undefined where the directive deletes. */
function patchFields(rule: FieldsRule, live: unknown, patch: Fields, path: string): Fields | undefined {
  const directive = directiveOf(patch, path);
  if (directive === "delete") return undefined;
  const kept = directive === "replace" || !isFields(live) ? {} : retained(live, patch, path);
  const result: Record<string, unknown> = { ...kept };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    const at = `${path}.${key}`;
    const inner = innerRule(rule, key);
    const patched = value === null ? undefined : patchValue(inner, result[key], value, at);
    if (patched === undefined) delete result[key];
    else result[key] = patched;
  }
  removeFromSets(result, patch, path);
  reorder(rule, result, patch);
  return result;
}

function retained(live: Fields, patch: Fields, path: string): Fields {
  const keys = patch[retain];
  if (keys === undefined) return live;
  if (!Array.isArray(keys)) throw new PatchError(`${path}: ${retain} takes a list of names`);
  return Object.fromEntries(Object.entries(live).filter(([key]) => keys.includes(key)));
}

function removeFromSets(result: Record<string, unknown>, patch: Fields, path: string): void {
  for (const [key, gone] of Object.entries(patch)) {
    if (!key.startsWith(deleteFrom)) continue;
    const field = key.slice(deleteFrom.length);
    const values = result[field];
    if (!Array.isArray(gone)) throw new PatchError(`${path}.${key} takes a list of values`);
    if (Array.isArray(values)) result[field] = values.filter((value) => !gone.includes(value));
  }
}

/** An order without a change of the list itself. */
function reorder(rule: FieldsRule, result: Record<string, unknown>, patch: Fields): void {
  for (const [key, wanted] of Object.entries(patch)) {
    const field = key.slice(order.length);
    const list = result[field];
    if (!key.startsWith(order) || !Array.isArray(wanted) || !Array.isArray(list)) continue;
    result[field] = inOrder(innerRule(rule, field), list, wanted);
  }
}

function inOrder(rule: MergeRule, list: readonly unknown[], wanted: readonly unknown[]): readonly unknown[] {
  const keyOf = (item: unknown): string =>
    (rule.type === "keyed" ? itemKey(rule.keys, item) : undefined) ?? JSON.stringify(item);
  const items = new Map(list.map((item) => [keyOf(item), item]));
  const named = wanted.map(keyOf).filter((key) => items.has(key));
  const others = [...items.keys()].filter((key) => !named.includes(key));
  if (items.size !== list.length) return list;
  return mergedOrder(others, named, [...items.keys()]).map((key) => items.get(key));
}

function patchValue(rule: MergeRule, live: unknown, patch: unknown, path: string): unknown {
  switch (rule.type) {
    case "map":
    case "fields":
      return isFields(patch) ? patchFields(rule, live, patch, path) : patch;
    case "set": {
      if (!Array.isArray(patch)) return patch;
      const present = Array.isArray(live) ? live : [];
      return [...present, ...patch.filter((value) => !present.includes(value))];
    }
    case "keyed":
      return Array.isArray(patch) ? patchItems(rule, Array.isArray(live) ? live : [], patch, path) : patch;
    case "atomic":
      return patch;
    default:
      return assertNever(rule, "rule");
  }
}

type KeyedRule = Extract<MergeRule, { type: "keyed" }>;

function patchItems(
  { keys, item: rule }: KeyedRule,
  live: readonly unknown[],
  patch: readonly unknown[],
  path: string,
): readonly unknown[] {
  const items = patch.filter(isFields);
  if (items.length !== patch.length) throw new PatchError(`${path}: its items must be objects`);
  const isReplaced = items.some((item) => item["$patch"] === "replace" && Object.keys(item).length === 1);
  const given = isReplaced ? items.filter((item) => item["$patch"] !== "replace") : items;
  const present = isReplaced ? new Map<string, Fields>() : byIdentity(keys, live);
  if (!present) throw new PatchError(`${path}: its items can't be told apart by ${keys.join(" and ")}`);
  const result = new Map<string, Fields | undefined>();
  for (const item of given) {
    const key = identityOf(keys, item, present, path);
    result.set(key, patchFields(rule, present.get(key), item, `${path}[${key}]`));
  }
  const kept = [...present.keys()].filter((key) => !result.has(key));
  const named = [...result.keys()].filter((key) => result.get(key) !== undefined);
  return mergedOrder(kept, named, [...present.keys()]).map((key) => result.get(key) ?? present.get(key));
}

/** An item that names only some of the keys is the one item that has them. */
function identityOf(
  keys: readonly string[],
  item: Fields,
  present: ReadonlyMap<string, Fields>,
  path: string,
): string {
  const key = itemKey(keys, item);
  if (key !== undefined && (present.has(key) || keys.every((name) => name in item))) return key;
  const named = keys.filter((name) => name in item);
  const alike = [...present].filter(([, found]) => named.every((name) => found[name] === item[name]));
  if (named.length > 0 && alike.length === 1) return alike[0]?.[0] ?? "";
  if (key !== undefined) return key;
  throw new PatchError(
    `${path}: an item must have ${keys.join(" and ")}, found ${JSON.stringify(item).slice(0, 80)}`,
  );
}
