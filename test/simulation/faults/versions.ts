// Several versions of Berth in one cluster: agents that say more than is known here, or speak another version
// altogether; masters of the next version that write what this one cannot read, before or after all are of that version.
// Drawn apart from the other faults, for some of the seeds.

import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { Draw } from "../engine/draw.ts";
import { drawApart, type Fault, type FaultClass, later, leaderOf, pick } from "./fault.ts";

/** From one master of a rolling upgrade to the next. */
const upgradeEveryMs = 2_000;

export const versionFaults: readonly FaultClass[] = [
  {
    type: "agent-version",
    weight: 3,
    lasts: [2_000, 60_000],
    inject(cluster, fault) {
      const node = pick(cluster.nodes, fault);
      // Each message that it says in another way counts.
      node.install(fault.roll < 0.5 ? "more-fields" : "next-version");
      later(cluster, fault, () => node.install(undefined));
    },
  },
  {
    type: "master-version",
    weight: 1,
    lasts: [1_000, 30_000],
    inject(cluster, fault) {
      if (cluster.writesNext) return;
      if (fault.roll < 0.5) upgradeAll(cluster, fault);
      else upgradeOne(cluster, fault);
    },
  },
];

/** One after the other; only then the level is raised. Later the old version is started again on one of them. */
function upgradeAll(cluster: SimCluster, fault: Fault): void {
  const { masters } = cluster;
  for (const [index, place] of masters.entries())
    cluster.inTrouble(index * upgradeEveryMs, () => place.install("next"));
  cluster.inTrouble(masters.length * upgradeEveryMs, () => {
    cluster.raiseLevel();
    later(cluster, fault, () => pick(masters, fault).install("this"));
  });
}

/** Against the rules: the one that leads then writes what the others cannot read, and they have to stop. */
function upgradeOne(cluster: SimCluster, fault: Fault): void {
  cluster.raiseLevel();
  (leaderOf(cluster) ?? pick(cluster.masters, fault)).install("next");
}

const share = 0.4;

export function drawVersionFaults(draw: Draw, troubleMs: number): readonly Fault[] {
  if (!draw.chance(share)) return [];
  return drawApart(draw, { classes: versionFaults, troubleMs, count: draw.between(1, 4) });
}
