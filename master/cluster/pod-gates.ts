// What a pod waits for by its own word: scheduling gates before it gets a node, readiness gates before it is ready.
// Source: Kubernetes, "Pod Scheduling Readiness" and "Pod Lifecycle: Pod readiness".

import type { PodCondition } from "../../protocol/mod.ts";
import type { PodRow } from "./contract.ts";

/** No scheduler looks at it until somebody has taken its last gate away. */
export const isGated = ({ spec }: Pick<PodRow, "spec">): boolean => (spec.schedulingGates ?? []).length > 0;

/** Why a pod whose containers are ready is not, in the words of Kubernetes' agent; undefined when no gate is closed. */
export function closedGate({
  spec,
  conditions = [],
}: Pick<PodRow, "spec" | "conditions">): string | undefined {
  const said: string[] = [];
  for (const { conditionType } of spec.readinessGates ?? []) {
    const found = conditions.find(({ type }) => type === conditionType);
    if (!found) said.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (found.status !== "True")
      said.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`);
  }
  return said.length === 0 ? undefined : said.join(", ");
}

/** Types of conditions that its node and the control plane say; everybody else's are free. */
const ownTypes: ReadonlySet<string> = new Set([
  "ContainersReady",
  "DisruptionTarget",
  "Initialized",
  "PodReadyToStartContainers",
  "PodScheduled",
  "Ready",
]);
export const isOthers = ({ type }: PodCondition): boolean => !ownTypes.has(type);
