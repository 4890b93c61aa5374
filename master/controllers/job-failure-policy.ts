// What a job's podFailurePolicy says of a pod that failed: the first rule that matches it decides.

import { isDisrupted, type JobSpec, type PodRow } from "../cluster/mod.ts";

type Rule = NonNullable<JobSpec["podFailurePolicy"]>["rules"][number];

export type Verdict =
  | { readonly action: "Count" }
  | { readonly action: "Ignore" }
  | { readonly action: "FailIndex" }
  | { readonly action: "FailJob"; readonly message: string };

export function verdictOn(pod: PodRow, policy: JobSpec["podFailurePolicy"]): Verdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const match = matchOf(pod, rule);
    if (match === undefined) continue;
    if (rule.action === "Ignore" || rule.action === "FailIndex") return { action: rule.action };
    if (rule.action !== "FailJob") return { action: "Count" };
    return { action: "FailJob", message: `${match} matching FailJob rule at index ${index}` };
  }
  return { action: "Count" };
}

/** What it matched, in words. */
function matchOf(pod: PodRow, { onExitCodes, onPodConditions = [] }: Rule): string | undefined {
  const name = `${pod.ref.namespace}/${pod.ref.name}`;
  for (const { type, status = "True" } of onPodConditions) {
    if (hasCondition(pod, type, status)) return `Pod ${name} has condition ${type}`;
  }
  if (!onExitCodes) return undefined;
  const { containerName, operator, values } = onExitCodes;
  const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  for (const { name: container, state } of containers) {
    const exitCode = state?.terminated?.exitCode ?? 0;
    if (exitCode === 0 || (containerName !== undefined && containerName !== container)) continue;
    if (values.includes(exitCode) === (operator === "In")) {
      return `Container ${container} for pod ${name} failed with exit code ${exitCode}`;
    }
  }
  return undefined;
}

const hasCondition = (pod: PodRow, wanted: string, wantedStatus: string): boolean =>
  (wanted === "DisruptionTarget" && wantedStatus === "True" && isDisrupted(pod)) ||
  (pod.status.conditions ?? []).some(({ type, status }) => type === wanted && status === wantedStatus);
