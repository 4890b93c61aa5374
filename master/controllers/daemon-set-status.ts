// What a daemon set tells of its nodes (source: Kubernetes API, apps/v1 DaemonSetStatus).

import { isFinished } from "../cluster/mod.ts";
import type { DaemonView } from "./daemon-set-view.ts";

export function daemonSetStatus({ row, nodes, rules }: DaemonView): Readonly<Record<string, number>> {
  const told = {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
    updatedNumberScheduled: 0,
    numberAvailable: 0,
  };
  for (const { node, wanted, pods } of nodes) {
    if (node.state === "Lost") continue;
    const living = pods.filter((pod) => !pod.deletion && !isFinished(pod));
    if (!wanted) {
      if (living.length > 0) told.numberMisscheduled++;
      continue;
    }
    told.desiredNumberScheduled++;
    if (living.length === 0) continue;
    told.currentNumberScheduled++;
    // The oldest stands for the node, ready ones first.
    const [shown = living[0]] = living.filter((pod) => pod.ready);
    if (shown?.ready) told.numberReady++;
    if (shown && rules.isAvailable(shown)) told.numberAvailable++;
    if (living.some(rules.isUpdated)) told.updatedNumberScheduled++;
  }
  return {
    ...told,
    numberUnavailable: told.desiredNumberScheduled - told.numberAvailable,
    observedGeneration: row.value.metadata.generation ?? 0,
  };
}
