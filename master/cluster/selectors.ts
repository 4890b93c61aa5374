// Label selectors compiled to predicates, for matching the same selector against many label sets.

import { assertNever, type LabelSelector } from "../../protocol/mod.ts";
import type { LabelPredicate } from "./label-sets.ts";

type Operator = "In" | "NotIn" | "Exists" | "DoesNotExist";

/** An empty or absent selector selects nothing: what a controller or service without one owns. */
export function selectorPredicate(selector: LabelSelector | undefined): LabelPredicate | undefined {
  const equals = Object.entries(selector?.matchLabels ?? {});
  const expressions = selector?.matchExpressions ?? [];
  if (equals.length === 0 && expressions.length === 0) return undefined;
  const tests = expressions.map(({ key, operator, values }) =>
    expressionPredicate(key, operator as Operator, new Set(values)),
  );
  return (labels) =>
    equals.every(([key, value]) => labels[key] === value) && tests.every((test) => test(labels));
}

/** As Kubernetes: NotIn holds where the label is absent, too. */
function expressionPredicate(key: string, operator: Operator, values: ReadonlySet<string>): LabelPredicate {
  switch (operator) {
    case "In":
      return (labels) => labels[key] !== undefined && values.has(labels[key]);
    case "NotIn":
      return (labels) => labels[key] === undefined || !values.has(labels[key]);
    case "Exists":
      return (labels) => labels[key] !== undefined;
    case "DoesNotExist":
      return (labels) => labels[key] === undefined;
    default:
      return assertNever(operator, "selector operator");
  }
}
