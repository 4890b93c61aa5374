// What a fault class is. An occurrence is plain data in the plan; the class knows how to make it happen and how it ends.

import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimMaster } from "../cluster/sim-master.ts";
import type { Draw } from "../engine/draw.ts";

export interface Fault {
  readonly at: number;
  readonly type: string;
  /** Chooses the target among those that the class concerns; the class takes it modulo their number. */
  readonly target: number;
  readonly lastsMs: number;
  /** In [0, 1): what else the class draws. */
  readonly roll: number;
}

export interface FaultClass {
  readonly type: string;
  /** How often it is drawn beside the others. */
  readonly weight: number;
  /** How long it lasts, drawn between these on a logarithmic scale. */
  readonly lasts: readonly [leastMs: number, mostMs: number];
  inject(cluster: SimCluster, fault: Fault): void;
}

/** Ends something later, if the general healing has not done so before. */
export const later = (cluster: SimCluster, { lastsMs }: Fault, action: () => void): void => {
  cluster.inTrouble(lastsMs, action);
};

export function pick<Item>(items: readonly Item[], { target }: Fault): Item {
  const item = items[target % items.length];
  if (item === undefined) throw new Error("a fault has nobody to happen to");
  return item;
}

/** It has most to lose, so faults look for it more often than chance would. */
export const leaderOf = (cluster: SimCluster): SimMaster | undefined =>
  cluster.masters.find(({ standing }) => standing === "leading");

/** So many of these, whatever else a run has: what is drawn for the other faults stays what it was. */
export function drawApart(
  draw: Draw,
  {
    classes,
    troubleMs,
    count,
  }: { readonly classes: readonly FaultClass[]; readonly troubleMs: number; readonly count: number },
): readonly Fault[] {
  return Array.from({ length: count }, () => {
    const { type, lasts } = draw.weighted(classes.map((each) => [each.weight, each] as const));
    return {
      at: 500 + draw.next() * (troubleMs - 500),
      type,
      target: draw.below(1_000),
      lastsMs: draw.spread(...lasts),
      roll: draw.next(),
    };
  });
}
