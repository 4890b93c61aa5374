// Hosts that run full: something else on the machine takes its memory or its disk for a while, and lets go of it again.
// Drawn apart from the other faults, for runs whose agents watch over what is left.

import type { SimNode } from "../cluster/sim-node.ts";
import type { Draw } from "../engine/draw.ts";
import { drawApart, type Fault, type FaultClass, later, pick } from "./fault.ts";

const mebibyte = 2 ** 20;

export const pressureFaults: readonly FaultClass[] = [
  {
    type: "memory-fills",
    weight: 1,
    lasts: [5_000, 90_000],
    inject(cluster, fault) {
      const node = pick(cluster.nodes, fault);
      const { resources } = node.machine;
      cluster.coverage.fired("memory-fills");
      // Around what the agent wants to be left, and below nothing at all.
      const left = (fault.roll * 2 - 0.5) * 100 * mebibyte;
      resources.otherMemoryBytes += Math.max(0, resources.memory.available - left);
      killForMemory(node);
      later(cluster, fault, () => {
        resources.otherMemoryBytes = 0;
      });
    },
  },
  {
    type: "disk-fills",
    weight: 1,
    lasts: [5_000, 150_000],
    inject(cluster, fault) {
      const { resources } = pick(cluster.nodes, fault).machine;
      cluster.coverage.fired("disk-fills");
      // In a quarter of all cases nothing is left: neither the engine nor the agent can write.
      const share = Math.max(0, fault.roll - 0.25) * 0.22;
      const { available, capacity } = resources.disk;
      resources.otherDiskBytes += Math.max(0, available - share * capacity);
      later(cluster, fault, () => {
        resources.otherDiskBytes = 0;
      });
    },
  },
];

/** As a kernel does when nothing is left: whoever has most of it goes, until there is enough. */
function killForMemory({ machine }: SimNode): void {
  const { resources, containers } = machine;
  const ours = [...containers.values()].filter(({ pod }) => pod.cluster !== "another");
  for (const container of ours.toSorted((one, other) => other.memoryBytes - one.memoryBytes)) {
    if (resources.memory.available >= 0) return;
    machine.crash(container.id, 137, "OOMKilled");
  }
}

export const drawPressureFaults = (draw: Draw, troubleMs: number): readonly Fault[] =>
  drawApart(draw, { classes: pressureFaults, troubleMs, count: draw.between(3, 10) });
