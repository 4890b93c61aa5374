// Priorities of pods: what a priority class makes of a pod's spec when the pod is created
// (source: Kubernetes, the Priority admission plugin).

import {
  type ApiObject,
  failure,
  isKind,
  type PodSpec,
  type PriorityClass,
  type Result,
  success,
  systemPriorityClasses,
} from "../../protocol/mod.ts";
import type { ClusterState, PodRow } from "./contract.ts";

export const priorityOf = ({ spec }: Pick<PodRow, "spec">): number => spec.priority ?? 0;

export function priorityClassNamed(
  state: Pick<ClusterState, "object">,
  name: string,
): PriorityClass | undefined {
  const row = state.object("PriorityClass", undefined, name);
  if (row && isKind(row.value, "PriorityClass")) return row.value;
  // Logs that are older than the kind do not have them as objects.
  return systemPriorityClasses.find(({ metadata }) => metadata?.name === name);
}

function defaultClass(state: ClusterState): PriorityClass | undefined {
  for (const { value } of state.objects("PriorityClass")) {
    if (isKind(value, "PriorityClass") && value.globalDefault) return value;
  }
  return undefined;
}

/** The same spec when no class is named and none is the default. Forbidden for a class that there is not. */
export function withPriority(state: ClusterState, spec: PodSpec): Result<PodSpec> {
  const { priorityClassName: name } = spec;
  const found = name ? priorityClassNamed(state, name) : defaultClass(state);
  if (name && !found) return failure("Forbidden", `no PriorityClass with name ${name} was found`);
  const priority = found?.value ?? 0;
  const preemptionPolicy = found?.preemptionPolicy ?? "PreemptLowerPriority";
  if (spec.priority !== undefined && spec.priority !== priority) {
    return failure(
      "Forbidden",
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    return failure(
      "Forbidden",
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  if (!found) return success(spec);
  return success({ ...spec, priorityClassName: found.metadata?.name ?? "", priority, preemptionPolicy });
}

/** A class that is to be the default while another one is already. */
export function refuseSecondDefault(state: ClusterState, value: ApiObject): Result<never> | undefined {
  if (!isKind(value, "PriorityClass") || !value.globalDefault) return undefined;
  const other = defaultClass(state)?.metadata?.name;
  if (other === undefined || other === value.metadata?.name) return undefined;
  return failure(
    "Forbidden",
    `PriorityClass ${other} is already marked as default. Only one default can exist`,
  );
}
