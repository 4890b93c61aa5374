// Images that cannot be pulled: each pod that waits tries again later and later, and says so.

import type { NodeName } from "../../../protocol/mod.ts";
import type { SimProcess } from "../engine/process.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

/** The first back-off. */
const windowMs = 10_000;
/** Of each pod: its first try and the one after its back-off. */
const triesOfEach = 2;
/** Pods that went meanwhile, or are not in the log yet. */
const slack = 2;

export const pullsBackOff: MakeInvariant = (cluster): Invariant => {
  const name = "pulls that fail are tried again later and later";
  interface Pulls {
    since: number;
    count: number;
  }
  const pulls = new WeakMap<SimProcess, Map<string, Pulls>>();
  return {
    name,
    pulls({ name: node, process }, image) {
      if (!process) return;
      const { now } = cluster.timeline;
      const ofAgent = pulls.get(process) ?? new Map<string, Pulls>();
      pulls.set(process, ofAgent);
      const known = ofAgent.get(image);
      if (!known || now - known.since >= windowMs) {
        ofAgent.set(image, { since: now, count: 1 });
        return;
      }
      known.count++;
      if (known.count <= triesOfEach + slack) return;
      const most = triesOfEach * podsWith(node, image) + slack;
      must(
        known.count <= most,
        name,
        () => `${node} has tried ${known.count} times to pull ${image} since ${known.since}`,
      );
    },
    before(event) {
      if (event.type !== "PodStatusObserved" || !cluster.plan.images) return;
      const waits = event.status.containerStatuses?.some(
        ({ state }) => state?.waiting?.reason === "ImagePullBackOff",
      );
      if (waits) cluster.coverage.mark("told as ImagePullBackOff");
    },
  };

  function podsWith(node: NodeName, image: string): number {
    const here = [...cluster.oracle.state.podsOnNode(node)];
    return here.filter(({ spec }) => spec.containers.some((container) => container.image === image)).length;
  }
};
