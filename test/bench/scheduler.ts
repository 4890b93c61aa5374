// Pods planned per second for one large group of equal pods, on 1 node and on 10,000: the cost per pod must
// hardly grow with the number of nodes.

import { planPods } from "../../master/scheduler/mod.ts";
import { equalPods, snapshotOf } from "../../master/scheduler/testkit/snapshot.ts";
import { progressLine, type Report } from "./progress.ts";
import { type Figure, median } from "./report.ts";

const podCount = 50_000;
const rounds = 5;

function podsPerSecond(nodeCount: number): number {
  const perNode = Math.ceil((2 * podCount) / nodeCount);
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({
    name: `node-${index}`,
    allocatable: { cpuMilli: 10 * perNode, memoryBytes: 10 * perNode, pods: perNode },
  }));
  const snapshot = snapshotOf(nodes);
  const pods = equalPods("web", podCount, { requests: { cpuMilli: 10, memoryBytes: 10 } });
  const started = performance.now();
  const { bindings } = planPods(snapshot, pods, 0);
  const seconds = (performance.now() - started) / 1000;
  if (bindings.length !== podCount)
    throw new Error(`only ${bindings.length} of ${podCount} pods were placed`);
  return podCount / seconds;
}

export function benchScheduler(report: Report): readonly Figure[] {
  // Once for the compiler: whichever is measured first would look worse.
  podsPerSecond(100);
  const one: number[] = [];
  const many: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const [few, most] = [podsPerSecond(1), podsPerSecond(10_000)];
    one.push(few);
    many.push(most);
    report(
      progressLine(`round ${round}/${rounds}`, {
        "on 10,000 nodes": [most, "pods/s"],
        "on one node": [few, "pods/s"],
      }),
    );
  }
  return [
    {
      name: `scheduling ${podCount.toLocaleString("en")} equal pods on 10,000 nodes`,
      value: median(many),
      unit: "pods/s",
      reference: { name: "on one node", value: median(one) },
    },
  ];
}
