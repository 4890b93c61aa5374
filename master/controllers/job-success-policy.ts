// When a job's successPolicy says that enough of its indexes have succeeded: the first rule that is met decides.

import type { JobSpec, JobStatus } from "../cluster/mod.ts";
import { parseIndexes } from "./job-indexes.ts";

/** Undefined while no rule is met. */
export function metSuccessRule(spec: JobSpec, status: JobStatus): string | undefined {
  const { successPolicy, completions = 0 } = spec;
  if (!successPolicy) return undefined;
  const succeeded = parseIndexes(status.completedIndexes, completions);
  for (const [index, { succeededIndexes, succeededCount }] of successPolicy.rules.entries()) {
    const wanted = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completions);
    const good = wanted ? [...wanted].filter((each) => succeeded.has(each)).length : succeeded.size;
    const needed = succeededCount ?? wanted?.size ?? completions;
    if (good >= needed) return `Matched rules at index ${index}`;
  }
  return undefined;
}
