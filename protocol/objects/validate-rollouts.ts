// Rules for deployments and daemon sets: their selectors and templates are checked as a replica set's are, and what
// a rolling update may do must leave it something to do
// (source: k8s.io/kubernetes/pkg/apis/apps/validation).

import type { DaemonSet, Deployment } from "./object.ts";
import type { Report } from "./report.ts";
import { validateSelectingTemplate } from "./validate-replication.ts";
import { validateRange } from "./validate-scalars.ts";

type Amount = number | string | undefined;

export function validateDeployment({ spec }: Deployment, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  validateSelectingTemplate(spec, report);
  const { revisionHistoryLimit, progressDeadlineSeconds, minReadySeconds = 0 } = spec;
  validateRange(revisionHistoryLimit, { min: 0 }, "spec.revisionHistoryLimit", report);
  validateRange(progressDeadlineSeconds, { min: 1 }, "spec.progressDeadlineSeconds", report);
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const message = `must be greater than minReadySeconds (${minReadySeconds}), found ${progressDeadlineSeconds}`;
    report.add("spec.progressDeadlineSeconds", "Invalid", message);
  }
  const { type, rollingUpdate } = spec.strategy ?? {};
  if (type === "RollingUpdate") {
    validateRollingUpdate(rollingUpdate ?? {}, "spec.strategy.rollingUpdate", report);
  } else if (type !== "Recreate") {
    report.add(
      "spec.strategy.type",
      "NotSupported",
      `must be RollingUpdate or Recreate, found ${String(type)}`,
    );
  } else if (rollingUpdate) {
    report.add("spec.strategy.rollingUpdate", "Forbidden", "only goes with the type RollingUpdate");
  }
}

export function validateDaemonSet({ spec }: DaemonSet, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  validateSelectingTemplate(spec, report);
  validateRange(spec.revisionHistoryLimit, { min: 0 }, "spec.revisionHistoryLimit", report);
  const { type, rollingUpdate = {} } = spec.updateStrategy ?? {};
  const path = "spec.updateStrategy";
  if (type === "RollingUpdate") {
    validateRollingUpdate(rollingUpdate, `${path}.rollingUpdate`, report);
    if (!isZero(rollingUpdate.maxSurge) && !isZero(rollingUpdate.maxUnavailable)) {
      const message = "must be 0 when maxUnavailable is not: a node's pod is replaced in one of the two ways";
      report.add(`${path}.rollingUpdate.maxSurge`, "Invalid", message);
    }
    const hostPort = (spec.template.spec?.containers ?? []).some(({ ports }) =>
      ports?.some((port) => port.hostPort !== undefined && port.hostPort > 0),
    );
    if (hostPort && !isZero(rollingUpdate.maxSurge)) {
      const message = "must be 0 for pods with a host port: two of them do not fit on a node";
      report.add(`${path}.rollingUpdate.maxSurge`, "Invalid", message);
    }
  } else if (type !== "OnDelete") {
    report.add(`${path}.type`, "NotSupported", `must be RollingUpdate or OnDelete, found ${String(type)}`);
  }
}

interface RollingUpdate {
  readonly maxUnavailable?: Amount;
  readonly maxSurge?: Amount;
}
function validateRollingUpdate(
  { maxUnavailable, maxSurge }: RollingUpdate,
  path: string,
  report: Report,
): void {
  validateMaxUnavailable(maxUnavailable, `${path}.maxUnavailable`, report);
  validateAmount(maxSurge, `${path}.maxSurge`, report);
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    report.add(
      `${path}.maxUnavailable`,
      "Invalid",
      "may not be 0 when maxSurge is 0: no pod could be replaced",
    );
  }
}

export function validateMaxUnavailable(amount: Amount, path: string, report: Report): void {
  validateAmount(amount, path, report);
  const percent = /^(\d+)%$/.exec(String(amount));
  if (percent && Number(percent[1]) > 100) {
    report.add(path, "Invalid", `must not be more than 100%, found ${String(amount)}`);
  }
}

function validateAmount(amount: Amount, path: string, report: Report): void {
  const isNumber = typeof amount === "number" && Number.isSafeInteger(amount) && amount >= 0;
  const isPercent = typeof amount === "string" && /^\d{1,9}%$/.test(amount);
  if (amount === undefined || isNumber || isPercent) return;
  const message = `must be a number from 0 or a percentage such as 25%, found ${JSON.stringify(amount)}`;
  report.add(path, "Invalid", message);
}

export const isZero = (amount: Amount): boolean => amount === undefined || /^0+%?$/.test(String(amount));
