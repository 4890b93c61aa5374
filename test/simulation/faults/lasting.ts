// The second mode: on a minority of masters and nodes something stays wrong for ever, and the others have to come to
// what was asked without them.

import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimMaster } from "../cluster/sim-master.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import { assertNever } from "../../../protocol/mod.ts";
import type { Draw } from "../engine/draw.ts";

export type LastingType =
  /** Does not come back. */
  | "away"
  /** Runs, and nothing comes or goes. */
  | "cut-off"
  /** Hears everything, and nobody hears it. */
  | "muted"
  /** Dies every few seconds and is started again. */
  | "crashing"
  /** Stands still for a while, again and again. */
  | "pausing";

export interface LastingFault {
  readonly name: string;
  readonly type: LastingType;
}

const crashEveryMs = 7_000;
const pauseEveryMs = 15_000;
const pauseMs = 4_000;
/** Silence of more nodes than this at the same time is not believed (docs/architecture.md, liveness). */
const mostNodes = 2;
const types: readonly LastingType[] = ["away", "away", "cut-off", "muted", "crashing", "pausing"];

/** Fewer than half of the masters, and few enough nodes. */
export function drawLasting(
  draw: Draw,
  masters: readonly string[],
  nodes: readonly string[],
): readonly LastingFault[] {
  const choose = (names: readonly string[], most: number): LastingFault[] => {
    const count = most > 0 ? draw.between(0, most) : 0;
    const start = draw.below(names.length);
    return Array.from({ length: count }, (_, index) => ({
      name: names[(start + index) % names.length] ?? "",
      type: draw.pick(types),
    }));
  };
  return [
    ...choose(masters, Math.floor((masters.length - 1) / 2)),
    ...choose(nodes, Math.min(mostNodes, Math.floor((nodes.length - 1) / 2))),
  ];
}

/** Whether its fault leads to commits again and again, so that the log never rests. */
export const isRestless = ({ type }: LastingFault): boolean => type === "crashing" || type === "pausing";

/** Everything else was healed just before. */
export function beginLasting(cluster: SimCluster, { name, type }: LastingFault): void {
  const place = [...cluster.masters, ...cluster.nodes].find((each) => each.name === name);
  if (!place) return;
  cluster.coverage.fired(`lasting-${type}`);
  cluster.trace.tell("fault", () => `${name} is ${type} from now on`);
  switch (type) {
    case "away":
      return place.keepDown();
    case "cut-off":
      return cluster.network.cut(name, ["to-server", "to-client"]);
    case "muted":
      return cluster.network.cut(name, ["to-server"]);
    case "crashing":
      return again(cluster, crashEveryMs, () => place.crash(true));
    case "pausing":
      return again(cluster, pauseEveryMs, () => standStill(cluster, place));
    default:
      return assertNever(type, "lasting fault");
  }
}

function standStill(cluster: SimCluster, { process }: SimMaster | SimNode): void {
  if (!process?.alive || process.paused) return;
  process.pause();
  cluster.timeline.after(pauseMs, () => process.resume());
}

function again(cluster: SimCluster, everyMs: number, action: () => void): void {
  action();
  cluster.timeline.after(everyMs, () => again(cluster, everyMs, action));
}
