// Label selectors compiled to predicates, for matching one selector against many label sets.

import { type LabelSelector, matches, selectorFromObject } from "../../protocol/mod.ts";
import type { LabelPredicate } from "./label-sets.ts";

/** An empty or absent selector selects nothing: what a controller or service without one owns. */
export function selectorPredicate(selector: LabelSelector | undefined): LabelPredicate | undefined {
  const parsed = selectorFromObject(selector);
  if (!selector || !parsed.ok || parsed.value.length === 0) return undefined;
  return (labels) => matches(parsed.value, labels);
}
