// `--sort-by`: numbers and quantities by size, all else by its text; what is absent comes first.

import { compareQuantities, parseQuantity } from "../protocol/mod.ts";
import { find } from "./jsonpath/find.ts";
import { valueText } from "./jsonpath/render.ts";
import { parseRelaxedPath } from "./jsonpath/template.ts";

/** In the order given when nothing is to be sorted by. */
export function sortedBy<T>(objects: readonly T[], path: string | undefined): readonly T[] {
  if (path === undefined) return objects;
  const parsed = parseRelaxedPath(path);
  const keyed = objects.map((object) => ({ object, value: find(parsed, object)[0] }));
  return keyed.toSorted((a, b) => compareValues(a.value, b.value)).map(({ object }) => object);
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [one, other] = [parseQuantity(a), parseQuantity(b)];
  if (one.ok && other.ok) return compareQuantities(one.value, other.value);
  const [left, right] = [valueText(a), valueText(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
