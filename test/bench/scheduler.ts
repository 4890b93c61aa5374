// Pods planned per second for one large group of equal pods, on 1 node and on 10,000: the cost per pod must
// hardly grow with the number of nodes. Prints one line of figures and their ratio.

import { planPods } from "../../master/scheduler/mod.ts";
import { equalPods, snapshotOf } from "../../master/scheduler/testkit/snapshot.ts";

const podCount = 50_000;
const rounds = 3;

function podsPerSecond(nodeCount: number): number {
  const perNode = Math.ceil((2 * podCount) / nodeCount);
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({
    name: `node-${index}`,
    allocatable: { cpuMilli: 10 * perNode, memoryBytes: 10 * perNode, pods: perNode },
  }));
  const snapshot = snapshotOf(nodes);
  const pods = equalPods("web", podCount, { requests: { cpuMilli: 10, memoryBytes: 10 } });
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    const { bindings } = planPods(snapshot, pods, 0);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (bindings.length !== podCount)
      throw new Error(`only ${bindings.length} of ${podCount} pods were placed`);
    best = Math.max(best, podCount / seconds);
  }
  return best;
}

// Once for the compiler: whichever is measured first would look worse.
podsPerSecond(100);
const one = podsPerSecond(1);
const many = podsPerSecond(10_000);
console.log(
  `scheduler: ${Math.round(one)} pods/s on 1 node, ${Math.round(many)} pods/s on 10,000 nodes, ratio ${(many / one).toFixed(2)}`,
);
