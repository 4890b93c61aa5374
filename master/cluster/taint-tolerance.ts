// How long a pod may stay on a node with NoExecute taints, by the tolerations that cover them
// (source: Kubernetes, "Taint based Evictions"). Disruption budgets have no say in it.

import type { Taint } from "../../protocol/mod.ts";
import { covers } from "./tolerations.ts";
import type { NodeRow, PodRow } from "./contract.ts";
import { timestamp } from "./timestamps.ts";

const evicts = ({ effect }: Taint): boolean => effect === "NoExecute";

/**
 * ms since 1970: `-Infinity` when a taint is not tolerated at all, `Infinity` when all are for ever. Counted from when
 * the taint came, or the pod after it.
 */
export function toleratedUntil(pod: PodRow, taints: readonly Taint[], node: NodeRow): number {
  let until = Number.POSITIVE_INFINITY;
  for (const taint of taints.filter(evicts)) {
    const used = (pod.spec.tolerations ?? []).filter((toleration) => covers(toleration, taint));
    if (used.length === 0) return Number.NEGATIVE_INFINITY;
    const since = Math.max(addedAt(taint) ?? node.since, pod.boundAt ?? 0);
    for (const { tolerationSeconds } of used) {
      if (tolerationSeconds !== undefined)
        until = Math.min(until, since + Math.max(0, tolerationSeconds) * 1000);
    }
  }
  return until;
}

/** True for the few pods whose stay may end by time alone. */
export const toleratesForAWhile = ({ spec }: PodRow): boolean =>
  (spec.tolerations ?? []).some(({ tolerationSeconds }) => tolerationSeconds !== undefined);

function addedAt({ timeAdded }: Taint): number | undefined {
  if (timeAdded === undefined) return undefined;
  const ms = Date.parse(String(timeAdded));
  return Number.isNaN(ms) ? undefined : ms;
}

/** New NoExecute taints are marked with the time; one that was there keeps its own. */
export function stampedTaints(
  before: readonly Taint[],
  next: readonly Taint[],
  now: number,
): readonly Taint[] {
  return next.map((taint) => {
    if (!evicts(taint) || taint.timeAdded !== undefined) return taint;
    const known = before.find(
      ({ key, value, effect }) => key === taint.key && value === taint.value && effect === taint.effect,
    );
    return { ...taint, timeAdded: known?.timeAdded ?? timestamp(now) };
  });
}
