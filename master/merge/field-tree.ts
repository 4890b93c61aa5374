// Sets of fields, in the notation of Kubernetes' managedFields: `f:` a field or key, `k:` an item by its identity, `v:`
// a value of a set, `.` the item itself. A node without children is a field as a whole.

import {
  assertNever,
  byIdentity,
  isFields,
  type MergeRule,
  mergeRuleOf,
  mergeRuleOfKind,
  sameValue,
} from "../../protocol/mod.ts";

export interface FieldTree {
  readonly [step: string]: FieldTree;
}

const leaf: FieldTree = Object.freeze({});
const isLeaf = (tree: FieldTree): boolean => Object.keys(tree).length === 0;
/** Nothing is `undefined`: an empty tree is a field. */
type Part = FieldTree | undefined;

/** What a user writes of an object: not its kind, identity and status, which are the cluster's. */
const metadataFields = ["labels", "annotations", "finalizers", "ownerReferences"] as const;
function written({
  apiVersion: _a,
  kind: _k,
  status: _s,
  metadata,
  ...rest
}: Readonly<Record<string, unknown>>) {
  const own = isFields(metadata) ? metadata : {};
  const kept = metadataFields.filter((name) => own[name] !== undefined).map((name) => [name, own[name]]);
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) as unknown };
}

type ObjectOfKind = Readonly<Record<string, unknown>> & { readonly kind: string };

/** Every field that an object has. */
export const fieldsIn = (object: ObjectOfKind): FieldTree =>
  treeOf(written(object), mergeRuleOfKind(object.kind));

/** Fields of `after` that `before` has not, or with another value. */
export const changedBetween = (before: ObjectOfKind, after: ObjectOfKind): FieldTree =>
  changed(written(before), written(after), mergeRuleOfKind(after.kind)) ?? noFields;

/** No field at all; as a set of an object's fields, an empty tree. */
export const noFields: FieldTree = leaf;
export const isNoFields = isLeaf;

function treeOf(value: unknown, rule: MergeRule): FieldTree {
  switch (rule.type) {
    case "atomic":
      return leaf;
    case "set":
      return Array.isArray(value) ? setTree(value) : leaf;
    case "map":
      return isFields(value) ? fromEntries(Object.keys(value).map((key) => [`f:${key}`, leaf])) : leaf;
    case "fields":
      return isFields(value)
        ? fromEntries(
            Object.entries(value).map(([key, item]) => [
              `f:${key}`,
              treeOf(item, mergeRuleOf(rule.typeName, key)),
            ]),
          )
        : leaf;
    case "keyed": {
      const items = Array.isArray(value) ? byIdentity(rule.keys, value) : undefined;
      if (!items) return leaf;
      return fromEntries([...items].map(([key, item]) => [`k:${key}`, itemTree(item, rule.item)]));
    }
    default:
      return assertNever(rule, "rule");
  }
}

const setTree = (values: readonly unknown[]): FieldTree =>
  fromEntries(values.map((value) => [`v:${JSON.stringify(value)}`, leaf]));
const itemTree = (item: unknown, rule: MergeRule): FieldTree => ({ ".": leaf, ...treeOf(item, rule) });
const fromEntries = (entries: readonly (readonly [string, FieldTree])[]): FieldTree =>
  Object.fromEntries(entries);

function changed(before: unknown, after: unknown, rule: MergeRule): Part {
  if (before === after) return undefined;
  if (before === undefined) return treeOf(after, rule);
  switch (rule.type) {
    case "atomic":
      return sameValue(before, after) ? undefined : leaf;
    case "set": {
      if (!Array.isArray(before) || !Array.isArray(after)) return treeOf(after, rule);
      return minus(setTree(after), setTree(before), true);
    }
    case "map":
    case "fields": {
      if (!isFields(before) || !isFields(after)) return treeOf(after, rule);
      const inner = (key: string): MergeRule =>
        rule.type === "map" ? { type: "atomic" } : mergeRuleOf(rule.typeName, key);
      return some(
        Object.keys(after).map((key) => [`f:${key}`, changed(before[key], after[key], inner(key))]),
      );
    }
    case "keyed": {
      const items = Array.isArray(after) ? byIdentity(rule.keys, after) : undefined;
      const known = Array.isArray(before) ? byIdentity(rule.keys, before) : undefined;
      if (!items || !known) return sameValue(before, after) ? undefined : treeOf(after, rule);
      return some(
        [...items].map(([key, item]) => {
          const old = known.get(key);
          return [`k:${key}`, old ? changed(old, item, rule.item) : itemTree(item, rule.item)];
        }),
      );
    }
    default:
      return assertNever(rule, "rule");
  }
}

function some(entries: readonly (readonly [string, Part])[]): Part {
  const kept = entries.flatMap(([key, tree]) => (tree === undefined ? [] : [[key, tree] as const]));
  return kept.length === 0 ? undefined : fromEntries(kept);
}

/** Fields of `tree` that are not among `others`. A leaf stays when only something inside it is taken. */
function minus(tree: FieldTree, others: Part, isRoot = false): Part {
  if (others === undefined) return tree;
  if (isLeaf(others) && !isRoot) return undefined;
  if (isLeaf(tree)) return isRoot ? undefined : tree;
  return some(Object.entries(tree).map(([key, inner]) => [key, minus(inner, others[key])]));
}

/** Fields of `tree` that `present` has too. */
function within(tree: FieldTree, present: Part): Part {
  if (present === undefined || isLeaf(tree)) return present && tree;
  return some(Object.entries(tree).map(([key, inner]) => [key, within(inner, present[key])]));
}

export const without = (tree: FieldTree, others: FieldTree): FieldTree =>
  minus(tree, others, true) ?? noFields;
export const common = (tree: FieldTree, present: FieldTree): FieldTree => within(tree, present) ?? noFields;

export function union(one: FieldTree, other: FieldTree): FieldTree {
  const result: Record<string, FieldTree> = { ...one };
  for (const [key, inner] of Object.entries(other)) {
    const mine = result[key];
    result[key] = mine === undefined ? inner : union(mine, inner);
  }
  return result;
}

/** Paths for people, as Kubernetes writes them in conflicts: `.spec.containers[name="web"].image`. */
export function pathsOf(tree: FieldTree, at = ""): readonly string[] {
  if (isLeaf(tree)) return at === "" ? [] : [at];
  return Object.entries(tree).flatMap(([step, inner]) => pathsOf(inner, at + stepText(step)));
}

function stepText(step: string): string {
  const text = step.slice(2);
  if (step === ".") return "";
  if (step.startsWith("f:")) return /^[\w-]+$/.test(text) ? `.${text}` : `.${JSON.stringify(text)}`;
  if (step.startsWith("v:")) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as Fields);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}
type Fields = Readonly<Record<string, unknown>>;
