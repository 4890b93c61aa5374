// Rules for pod disruption budgets: one of the two amounts, and a selector that can be read
// (source: k8s.io/kubernetes/pkg/apis/policy/validation).

import { selectorFromObject } from "../label-selector.ts";
import type { PodDisruptionBudget } from "./object.ts";
import type { Report } from "./report.ts";

export function validateDisruptionBudget({ spec }: PodDisruptionBudget, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  const { minAvailable, maxUnavailable, selector } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    report.add("spec", "Invalid", "minAvailable and maxUnavailable cannot be both set");
  }
  validateAmount(minAvailable, "spec.minAvailable", report);
  validateAmount(maxUnavailable, "spec.maxUnavailable", report);
  const parsed = selectorFromObject(selector);
  if (!parsed.ok) report.add("spec.selector", "Invalid", parsed.error.message);
}

function validateAmount(amount: number | string | undefined, path: string, report: Report): void {
  if (amount === undefined) return;
  const isNumber = typeof amount === "number" && Number.isSafeInteger(amount) && amount >= 0;
  const percent = typeof amount === "string" ? /^(\d{1,3})%$/.exec(amount) : undefined;
  if (isNumber || (percent && Number(percent[1]) <= 100)) return;
  const message = `must be a number from 0 or a percentage from 0% to 100%, found ${JSON.stringify(amount)}`;
  report.add(path, "Invalid", message);
}
