// The merge of apply: takes away what the manager applied last and now leaves out, sets what it applies now, and keeps
// what others have set. Lists merge by the identity of their items.

import {
  assertNever,
  byIdentity,
  type Fields,
  isFields,
  mergedOrder,
  type MergeRule,
  mergeRuleOf,
  mergeRuleOfKind,
} from "../../protocol/mod.ts";
import type { FieldTree } from "./field-tree.ts";

export interface Versions<T = unknown> {
  /** What this manager applied before; undefined at its first time. */
  readonly last: T | undefined;
  readonly live: T;
  readonly next: T;
  /** Fields that other managers own: they stay when this one leaves them out. */
  readonly others?: FieldTree | undefined;
}
type Part = Versions & { readonly rule: MergeRule };

export const mergeApplied = (kind: string, versions: Versions<Readonly<Record<string, unknown>>>): unknown =>
  merge({ ...versions, rule: mergeRuleOfKind(kind) });

function merge(part: Part): unknown {
  const { rule, live, next } = part;
  switch (rule.type) {
    case "atomic":
      return next;
    case "map":
    case "fields":
      return isFields(live) && isFields(next) ? mergeFields(part, rule, live, next) : next;
    case "set":
      return Array.isArray(live) && Array.isArray(next) ? mergeSet(part, live, next) : next;
    case "keyed":
      return Array.isArray(live) && Array.isArray(next) ? mergeItems(part, rule, live, next) : next;
    default:
      return assertNever(rule, "rule");
  }
}

type FieldsRule = Extract<MergeRule, { type: "map" | "fields" }>;
const innerRule = (rule: FieldsRule, key: string): MergeRule =>
  rule.type === "map" ? { type: "atomic" } : mergeRuleOf(rule.typeName, key);

function mergeFields({ last, others }: Part, rule: FieldsRule, live: Fields, next: Fields): Fields {
  const before = isFields(last) ? last : {};
  const result: Record<string, unknown> = { ...live };
  const at = (key: string) => ({
    rule: innerRule(rule, key),
    last: before[key],
    live: live[key],
    next: next[key],
    others: others?.[`f:${key}`],
  });
  for (const key of Object.keys(before)) {
    if (!(key in next)) put(result, key, survivor(at(key)));
  }
  for (const key of Object.keys(next)) result[key] = key in live ? merge(at(key)) : next[key];
  if (rule.type === "fields" && rule.retainsKeys) {
    for (const key of Object.keys(live)) if (!(key in next)) delete result[key];
  }
  return result;
}

function put(into: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined) delete into[key];
  else into[key] = value;
}

/** What stays of a value that this manager applied before and now leaves out altogether. */
function survivor({ rule, last, live, others }: Part): unknown {
  switch (rule.type) {
    case "atomic":
      return others && live;
    case "fields":
      // With what it set go the defaults beside it; what others own stays.
      return others && picked(live, others);
    case "map": {
      if (!isFields(live)) return others && live;
      const applied = isFields(last) ? last : {};
      const kept = Object.entries(live).filter(([key]) => !(key in applied) || others?.[`f:${key}`]);
      return kept.length === 0 ? undefined : Object.fromEntries(kept);
    }
    case "set":
    case "keyed": {
      if (!Array.isArray(live)) return others && live;
      const kept = merge({ rule, last, live, next: [], others });
      return Array.isArray(kept) && kept.length > 0 ? kept : undefined;
    }
    default:
      return assertNever(rule, "rule");
  }
}

/** The parts of a value that a set of fields names; an item of a list is named as a whole. */
function picked(live: unknown, tree: FieldTree): unknown {
  if (!isFields(live) || Object.keys(tree).length === 0) return live;
  const kept = Object.entries(live).flatMap(([key, value]) => {
    const inner = tree[`f:${key}`];
    return inner ? [[key, picked(value, inner)] as const] : [];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function mergeSet({ last, others }: Part, live: readonly unknown[], next: readonly unknown[]): unknown {
  const text = (value: unknown): string => JSON.stringify(value);
  const values = new Map([...live, ...next].map((value) => [text(value), value]));
  const wanted = new Set(next.map(text));
  const before = new Set(Array.isArray(last) ? last.map(text) : []);
  const present = live.map(text);
  const kept = present.filter((key) => !wanted.has(key) && (!before.has(key) || others?.[`v:${key}`]));
  return mergedOrder(kept, [...wanted], present).map((key) => values.get(key));
}

type KeyedRule = Extract<MergeRule, { type: "keyed" }>;

/** A list in which an identity is missing, or stands twice, is replaced as a whole. */
function mergeItems(
  { last, others }: Part,
  { keys, item: rule }: KeyedRule,
  live: readonly unknown[],
  next: readonly unknown[],
): unknown {
  const wanted = byIdentity(keys, next);
  const present = byIdentity(keys, live);
  if (!wanted || !present) return next;
  const before = (Array.isArray(last) ? byIdentity(keys, last) : undefined) ?? new Map<string, Fields>();
  // An item stays when another manager owns the item itself; owning a field of it is not enough.
  const stays = (key: string): boolean => !before.has(key) || others?.[`k:${key}`]?.["."] !== undefined;
  const kept = [...present.keys()].filter((key) => !wanted.has(key) && stays(key));
  return mergedOrder(kept, [...wanted.keys()], [...present.keys()]).map((key) => {
    const item = wanted.get(key);
    const found = present.get(key);
    if (!item || !found) return item ?? found;
    return mergeFields(
      { rule, last: before.get(key), live: found, next: item, others: others?.[`k:${key}`] },
      rule,
      found,
      item,
    );
  });
}
