// Which pods of a node a drain takes, and which keep it from beginning. Kubernetes' rules, in kubectl's words.

import { BerthError, type Pod } from "../protocol/mod.ts";
import type { Stored } from "./kinds.ts";

export interface DrainRules {
  /** Also evicts pods that no controller would replace. */
  readonly force?: boolean;
  /** Leaves the pods of daemon sets alone, which would come back at once. */
  readonly ignoreDaemonSets?: boolean;
  /** Also evicts pods whose emptyDir volumes go with them. */
  readonly deleteEmptyDirData?: boolean;
}

export interface DrainSelection {
  readonly evicted: readonly Stored<"Pod">[];
  /** What is done in spite of something: `ignoring DaemonSet-managed Pods: default/agent-x`. */
  readonly warnings: readonly string[];
}

/** Throws Conflict, which names every pod and the flag that would let it go, or stay. */
export function selectForDrain(
  node: string,
  pods: readonly Stored<"Pod">[],
  rules: DrainRules,
): DrainSelection {
  const daemons = pods.filter((pod) => hasController(pod, "DaemonSet") && !isFinished(pod));
  const others = pods.filter((pod) => !daemons.includes(pod));
  const storing = others.filter((pod) => !isFinished(pod) && hasLocalStorage(pod));
  const alone = others.filter((pod) => !isFinished(pod) && !hasController(pod));
  const problems: string[] = [];
  const warnings: string[] = [];
  const judge = (found: readonly Stored<"Pod">[], allowed: boolean | undefined, texts: Texts): void => {
    if (found.length === 0) return;
    if (allowed) warnings.push(`${texts.warning}: ${namesOf(found)}`);
    else problems.push(`${texts.problem}: ${namesOf(found)}`);
  };
  judge(daemons, rules.ignoreDaemonSets, {
    problem: "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
    warning: "ignoring DaemonSet-managed Pods",
  });
  judge(storing, rules.deleteEmptyDirData, {
    problem: "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
    warning: "deleting Pods with local storage",
  });
  judge(alone, rules.force, {
    problem: "cannot delete Pods that declare no controller (use --force to override)",
    warning: "deleting Pods that declare no controller",
  });
  if (problems.length > 0) {
    throw new BerthError({
      code: "Conflict",
      message: `unable to drain node "${node}": ${problems.join("; ")}`,
    });
  }
  return { evicted: others, warnings };
}

interface Texts {
  readonly problem: string;
  readonly warning: string;
}

const namesOf = (pods: readonly Stored<"Pod">[]): string =>
  pods
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .sort()
    .join(", ");
const hasController = (pod: Stored<"Pod">, kind?: string): boolean =>
  (pod.metadata.ownerReferences ?? []).some(
    (owner) => owner.controller && (kind === undefined || owner.kind === kind),
  );
const hasLocalStorage = ({ spec }: Pod): boolean => (spec?.volumes ?? []).some(({ emptyDir }) => emptyDir);
const isFinished = ({ status }: Pod): boolean => status?.phase === "Succeeded" || status?.phase === "Failed";
