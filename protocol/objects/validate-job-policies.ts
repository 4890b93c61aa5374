// Rules for what ends a job beside its counts: failure policy, limits per index, success policy.
// Source: k8s.io/kubernetes/pkg/apis/batch/validation.

import type { Job } from "./object.ts";
import type { Report } from "./report.ts";
import { validateRange } from "./validate-scalars.ts";

type JobSpec = NonNullable<Job["spec"]>;

const maxPolicyRules = 20;
const maxExitCodes = 255;
const maxLimit = 2 ** 31 - 1;

export function validateFailurePolicy(spec: JobSpec, path: string, report: Report): void {
  const { podFailurePolicy, template } = spec;
  if (!podFailurePolicy) return;
  const where = `${path}.podFailurePolicy`;
  if (template.spec?.restartPolicy !== "Never") {
    report.add(where, "Invalid", "needs the template's restartPolicy Never");
  }
  if (spec.podReplacementPolicy === "TerminatingOrFailed") {
    report.add(`${path}.podReplacementPolicy`, "NotSupported", "must be Failed with a podFailurePolicy");
  }
  if (podFailurePolicy.rules.length > maxPolicyRules) {
    report.add(`${where}.rules`, "TooLong", `must not be more than ${maxPolicyRules}`);
  }
  const names = new Set(
    [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])].map(({ name }) => name),
  );
  for (const [index, rule] of podFailurePolicy.rules.entries()) {
    const path = `${where}.rules[${index}]`;
    validateRule(rule, names, path, report);
    if (rule.action === "FailIndex" && spec.backoffLimitPerIndex === undefined) {
      report.add(`${path}.action`, "Invalid", "FailIndex needs spec.backoffLimitPerIndex");
    }
  }
}

type Rule = NonNullable<JobSpec["podFailurePolicy"]>["rules"][number];

function validateRule(rule: Rule, names: ReadonlySet<string>, path: string, report: Report): void {
  const { onExitCodes, onPodConditions = [] } = rule;
  if (!onExitCodes === (onPodConditions.length === 0)) {
    report.add(path, "Invalid", "must have either onExitCodes or onPodConditions");
  }
  if (!onExitCodes) return;
  const { containerName, operator, values } = onExitCodes;
  const where = `${path}.onExitCodes`;
  if (operator !== "In" && operator !== "NotIn") {
    report.add(`${where}.operator`, "NotSupported", `must be In or NotIn, found ${operator}`);
  }
  if (values.length === 0 || values.length > maxExitCodes) {
    report.add(`${where}.values`, "Invalid", `must be 1 to ${maxExitCodes} exit codes`);
  }
  if (operator === "In" && values.includes(0)) {
    report.add(`${where}.values`, "Invalid", "must not have 0 with the operator In: that is success");
  }
  if (containerName !== undefined && !names.has(containerName)) {
    report.add(`${where}.containerName`, "Invalid", `no container is named ${containerName}`);
  }
}

/** Limits of single indexes. */
export function validateIndexLimits(spec: JobSpec, path: string, report: Report): void {
  const { backoffLimitPerIndex, maxFailedIndexes, completionMode, completions = 0 } = spec;
  validateRange(backoffLimitPerIndex, { min: 0, max: maxLimit }, `${path}.backoffLimitPerIndex`, report);
  validateRange(maxFailedIndexes, { min: 0, max: completions }, `${path}.maxFailedIndexes`, report);
  if (backoffLimitPerIndex === undefined) {
    if (maxFailedIndexes !== undefined) {
      report.add(`${path}.maxFailedIndexes`, "Invalid", "needs backoffLimitPerIndex beside it");
    }
    return;
  }
  if (completionMode !== "Indexed") {
    report.add(`${path}.backoffLimitPerIndex`, "Invalid", "needs the completion mode Indexed");
  }
  if (spec.template.spec?.restartPolicy !== "Never") {
    const where = `${path}.template.spec.restartPolicy`;
    report.add(where, "Invalid", "must be Never with a backoffLimitPerIndex");
  }
}

export function validateSuccessPolicy(spec: JobSpec, path: string, report: Report): void {
  const { successPolicy, completionMode, completions = 0 } = spec;
  if (!successPolicy) return;
  const where = `${path}.successPolicy`;
  if (completionMode !== "Indexed") report.add(where, "Invalid", "needs the completion mode Indexed");
  const { length } = successPolicy.rules;
  if (length === 0 || length > maxPolicyRules) {
    report.add(`${where}.rules`, "Invalid", `must be 1 to ${maxPolicyRules} rules`);
  }
  for (const [index, { succeededIndexes, succeededCount }] of successPolicy.rules.entries()) {
    const rule = `${where}.rules[${index}]`;
    if (succeededIndexes === undefined && succeededCount === undefined) {
      report.add(rule, "Required", "must have succeededIndexes, succeededCount or both");
    }
    const count = succeededIndexes === undefined ? completions : countIndexes(succeededIndexes, completions);
    if (count === undefined) {
      const message = `must be rising indexes below ${completions}, such as 0,2-4`;
      report.add(`${rule}.succeededIndexes`, "Invalid", message);
    } else validateRange(succeededCount, { min: 1, max: count }, `${rule}.succeededCount`, report);
  }
}

/** How many indexes this names; undefined when it is not written as Kubernetes writes them. */
function countIndexes(text: string, completions: number): number | undefined {
  let count = 0;
  let next = 0;
  for (const part of text.split(",")) {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (from === undefined || to === undefined) return undefined;
    const first = Number(from);
    const last = Number(to);
    if (first < next || last < first || last >= completions) return undefined;
    count += last - first + 1;
    next = last + 1;
  }
  return count;
}
