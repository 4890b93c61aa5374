// How a daemon set's pods are replaced by those of a new template: node by node, each within what may be too many or
// too few (source: Kubernetes, "Perform a rolling update on a DaemonSet", and update.go of its controller).

import type { NodeName } from "../../protocol/mod.ts";
import { isFinished, type PodRow } from "../cluster/mod.ts";
import type { NodeView } from "./daemon-set-nodes.ts";
import type { Bounds } from "./rollout-bounds.ts";

export interface UpdateStep {
  readonly deleted: readonly PodRow[];
  /** Nodes that get a second pod beside the old one. */
  readonly surged: readonly NodeName[];
}

export interface PodRules {
  readonly isUpdated: (pod: PodRow) => boolean;
  readonly isAvailable: (pod: PodRow) => boolean;
}

interface Pair {
  readonly node: NodeName;
  readonly fresh: PodRow | undefined;
  readonly old: PodRow | undefined;
}

/** Pods that are neither ended nor on their way out; more than one of a sort is for the next reconcile to clear. */
function pairOf({ node, pods }: NodeView, { isUpdated }: PodRules): Pair | undefined {
  const living = pods.filter((pod) => !pod.deletion && !isFinished(pod));
  const fresh = living.filter(isUpdated);
  const old = living.filter((pod) => !isUpdated(pod));
  return fresh.length > 1 || old.length > 1 ? undefined : { node: node.name, fresh: fresh[0], old: old[0] };
}

/** Without surge: the old pod goes, and the next reconcile fills its place. */
export function replaceStep(nodes: readonly NodeView[], bounds: Bounds, rules: PodRules): UpdateStep {
  let unavailable = 0;
  const broken: PodRow[] = [];
  const candidates: PodRow[] = [];
  const present = nodes.filter(({ node }) => node.state !== "Lost");
  for (const view of present.filter(({ wanted, pods }) => wanted || pods.length > 0)) {
    const pair = pairOf(view, rules);
    if (!pair || (pair.old === undefined) === (pair.fresh === undefined)) unavailable++;
    else if (pair.fresh) unavailable += rules.isAvailable(pair.fresh) ? 0 : 1;
    else if (pair.old && rules.isAvailable(pair.old)) candidates.push(pair.old);
    else if (pair.old) {
      // What does not work anyway is replaced at once.
      broken.push(pair.old);
      unavailable++;
    }
  }
  const room = Math.max(0, bounds.maxUnavailable - unavailable);
  return { deleted: [...broken, ...candidates.slice(0, room)], surged: [] };
}

/** With surge: the new pod comes first, and the old one goes when it is available. */
export function surgeStep(nodes: readonly NodeView[], bounds: Bounds, rules: PodRules): UpdateStep {
  let surging = 0;
  const deleted: PodRow[] = [];
  const broken: NodeName[] = [];
  const candidates: NodeName[] = [];
  for (const view of nodes.filter(({ wanted }) => wanted)) {
    const pair = pairOf(view, rules);
    if (!pair) surging++;
    else if (pair.old && !pair.fresh) {
      (rules.isAvailable(pair.old) ? candidates : broken).push(pair.node);
    } else if (pair.old && pair.fresh) {
      if (rules.isAvailable(pair.fresh)) deleted.push(pair.old);
      else surging++;
    }
  }
  const room = Math.max(0, bounds.maxSurge - surging);
  return { deleted, surged: [...broken, ...candidates.slice(0, room)] };
}
