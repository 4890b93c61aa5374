// Images: a registry that cannot be reached, and images that somebody removes. Drawn apart from the other faults, for
// runs in which machines begin without any.

import type { SimNode } from "../cluster/sim-node.ts";
import type { Draw } from "../engine/draw.ts";
import { drawApart, type Fault, type FaultClass, later, pick } from "./fault.ts";

export const imageFaults: readonly FaultClass[] = [
  {
    type: "registry-away",
    weight: 1,
    lasts: [2_000, 90_000],
    inject(cluster, fault) {
      cluster.coverage.fired("registry-away");
      const hosts = fault.roll < 0.5 ? [pick(cluster.nodes, fault)] : cluster.nodes;
      // Refused at once, or not answered at all.
      const triesMs = fault.target % 3 === 0 ? 15_000 : 5;
      for (const { wire } of hosts) cluster.registry.unreachable.set(wire, triesMs);
      later(cluster, fault, () => {
        for (const { wire } of hosts) cluster.registry.unreachable.delete(wire);
      });
    },
  },
  {
    type: "images-pruned",
    weight: 1,
    lasts: [1, 2],
    inject(cluster, fault) {
      cluster.coverage.fired("images-pruned");
      prune(pick(cluster.nodes, fault));
    },
  },
];

/** As a person does who wants room: what no container is made of. */
function prune({ machine }: SimNode): void {
  const used = new Set([...machine.containers.values()].map(({ spec }) => spec.image));
  for (const image of machine.presentImages ?? []) if (!used.has(image)) machine.presentImages?.delete(image);
}

export const drawImageFaults = (draw: Draw, troubleMs: number): readonly Fault[] =>
  drawApart(draw, { classes: imageFaults, troubleMs, count: draw.between(3, 10) });
