// A real agent over simulated containers, as a process of its own: `simulated-agent.ts <server> <node> <folder>`.
// Ends when its standard input does.

import { startSimulatedNode } from "../../support/simulated-nodes.ts";
import { prefix } from "./bench-cluster.ts";

const [url = "", name = "", directory = ""] = process.argv.slice(2);
const stop = await startSimulatedNode({
  url,
  prefix,
  cluster: "bench-simulated",
  name,
  directory,
  capacity: { cpuMilli: 1_000_000, memoryBytes: 2 ** 40, pods: 10_000 },
});
process.stdin.resume();
process.stdin.once("close", () => {
  void stop().then(() => process.exit());
});
