// Rules for tolerations of pods and taints of nodes.

import { isLabelValue, isQualifiedName, labelKeySyntax, labelValueSyntax } from "../labels.ts";
import type { Taint, Toleration } from "./object.ts";
import type { Report } from "./report.ts";
import { validateUnique } from "./validate-scalars.ts";

const effects: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const effectSyntax = `must be one of ${effects.join(", ")}`;

export function validateTolerations(tolerations: readonly Toleration[], path: string, report: Report): void {
  for (const [index, { key, operator, value, effect, tolerationSeconds }] of tolerations.entries()) {
    const at = `${path}[${index}]`;
    const named = operator ?? "Equal";
    if (key && !isQualifiedName(key)) report.add(`${at}.key`, "Invalid", `must be ${labelKeySyntax}`);
    if (!key && named !== "Exists") {
      report.add(
        `${at}.operator`,
        "Invalid",
        "must be Exists when the key is empty, which tolerates every taint",
      );
    }
    if (named === "Exists" && value)
      report.add(`${at}.value`, "Invalid", "must be empty when the operator is Exists");
    if (named === "Equal" && value && !isLabelValue(value)) {
      report.add(`${at}.value`, "Invalid", `must be ${labelValueSyntax}`);
    }
    if (effect && !effects.includes(effect)) report.add(`${at}.effect`, "NotSupported", effectSyntax);
    if (tolerationSeconds !== undefined && effect !== "NoExecute") {
      report.add(`${at}.effect`, "Invalid", "must be NoExecute when tolerationSeconds is set");
    }
  }
}

export function validateTaints(taints: readonly Taint[], path: string, report: Report): void {
  for (const [index, { key, value, effect }] of taints.entries()) {
    const at = `${path}[${index}]`;
    if (!isQualifiedName(key)) report.add(`${at}.key`, "Invalid", `must be ${labelKeySyntax}`);
    if (value && !isLabelValue(value)) report.add(`${at}.value`, "Invalid", `must be ${labelValueSyntax}`);
    if (!effects.includes(effect)) report.add(`${at}.effect`, "NotSupported", effectSyntax);
  }
  validateUnique(
    taints.map(({ key, effect }) => `${key}:${effect}`),
    (index) => `${path}[${index}]`,
    report,
  );
}
