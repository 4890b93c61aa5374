// A real agent over simulated containers, as a process of its own: `simulated-agent.ts <server> <node> <folder>`.
// Ends when its standard input does.

import { connectNats, createLogger, createSystemWorld } from "../../../actors/mod.ts";
import { createSimulatedRuntime, startAgent } from "../../../node-agent/mod.ts";
import { parseNodeName, unwrap } from "../../../protocol/mod.ts";
import { prefix } from "./bench-cluster.ts";

const [servers = "", name = "", directory = ""] = process.argv.slice(2);
const world = createSystemWorld(createLogger({ level: "error" }));
const node = unwrap(parseNodeName(name));
const cluster = "bench-simulated";
const connection = await connectNats({ servers, name: `berth-agent-${name}` }, world);
const runtime = createSimulatedRuntime({ cluster, node, world });
const agent = await startAgent({
  world,
  bus: connection.bus,
  prefix,
  node,
  cluster,
  runtime,
  directory,
  capacity: { cpuMilli: 1_000_000, memoryBytes: 2 ** 40, pods: 10_000 },
  version: "1.0.0",
});
process.stdin.resume();
process.stdin.once("close", () => {
  void (async () => {
    await agent.stop({ removePods: false });
    await runtime.close();
    await connection.close();
    process.exit();
  })();
});
