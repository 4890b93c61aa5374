// Lists whose items have an identity: looking items up by it, and the order of what two lists merge into.

import { itemKey } from "../objects/merge-rules.ts";

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Items by identity, in their order; undefined where one has none, or two have the same. */
export function byIdentity(
  keys: readonly string[],
  items: readonly unknown[],
): ReadonlyMap<string, Fields> | undefined {
  const found = new Map<string, Fields>();
  for (const item of items) {
    const key = itemKey(keys, item);
    if (key === undefined || found.has(key) || !isFields(item)) return undefined;
    found.set(key, item);
  }
  return found;
}

/**
 * Identities of `wanted` in its order, with `kept` among them where the present order puts them, so that what others
 * have added moves as little as it can (as Kubernetes' strategic merge orders lists).
 */
export function mergedOrder(
  kept: readonly string[],
  wanted: readonly string[],
  present: readonly string[],
): readonly string[] {
  const places = new Map(present.map((key, index) => [key, index]));
  const result: string[] = [];
  let next = 0;
  for (const key of wanted) {
    const place = places.get(key);
    while (next < kept.length && place !== undefined && (places.get(kept[next] ?? "") ?? 0) < place) {
      result.push(kept[next++] ?? "");
    }
    result.push(key);
  }
  return [...result, ...kept.slice(next)];
}
