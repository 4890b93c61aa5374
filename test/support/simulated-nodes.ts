// Nodes whose containers are simulated: real agents in this process over a real bus, that touch nothing of the machine.
// For pods whose images and commands are strangers': nothing of them is run, every probe succeeds.

import { connectNats, createLogger, createSystemWorld } from "../../actors/mod.ts";
import { simulatedHost } from "../../node-agent/host/simulated-host.ts";
import { createSimulatedRuntime, type ProgramOf, startAgent } from "../../node-agent/mod.ts";
import { type Prefix, parseNodeName, unwrap } from "../../protocol/mod.ts";

export interface SimulatedNodesOptions {
  readonly url: string;
  readonly prefix: Prefix;
  readonly cluster: string;
  readonly names: readonly string[];
  readonly program: ProgramOf;
  readonly capacity: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
  readonly labels?: Readonly<Record<string, string>>;
}

/** Returns what stops them. */
export async function startSimulatedNodes(options: SimulatedNodesOptions): Promise<() => Promise<void>> {
  const stops = await Promise.all(options.names.map((name, index) => startNode(options, name, index)));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

async function startNode(
  options: SimulatedNodesOptions,
  name: string,
  index: number,
): Promise<() => Promise<void>> {
  const { url, prefix, cluster, program, capacity, labels = {} } = options;
  const world = createSystemWorld(createLogger({ level: "error" }));
  const node = unwrap(parseNodeName(name));
  const connection = await connectNats({ servers: url, name: `berth-agent-${name}` }, world);
  const runtime = createSimulatedRuntime({ cluster, node, world, program });
  const healthy = { healthy: true, message: "" };
  const agent = await startAgent({
    world,
    bus: connection.bus,
    prefix,
    node,
    cluster,
    runtime,
    directory: `/${name}`,
    labels,
    capacity,
    version: "1.0.0",
    host: simulatedHost({
      hostname: name,
      address: `192.168.0.${index + 1}`,
      prober: { probe: () => Promise.resolve(healthy) },
    }),
  });
  return async () => {
    await agent.stop({ removePods: false });
    await runtime.close();
    await connection.close();
  };
}
