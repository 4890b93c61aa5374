// Nodes whose containers are simulated: real agents in this process over a real bus, whose programs never run.
// For pods whose images and commands are strangers', and for what an agent itself costs.

import { connectNats, createLogger, createSystemWorld } from "../../actors/mod.ts";
import { simulatedHost } from "../../node-agent/host/simulated-host.ts";
import { createSimulatedRuntime, type ProgramOf, startAgent } from "../../node-agent/mod.ts";
import type { AgentHost } from "../../node-agent/host/agent-host.ts";
import { type Prefix, parseNodeName, unwrap } from "../../protocol/mod.ts";

export interface SimulatedNodeOptions {
  readonly url: string;
  readonly prefix: Prefix;
  readonly cluster: string;
  readonly name: string;
  readonly directory: string;
  /** What containers do; they run on without one. */
  readonly program?: ProgramOf;
  readonly capacity: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
  /** The machine itself where none is given. */
  readonly host?: AgentHost;
}

/** Returns what stops it. */
export async function startSimulatedNode(options: SimulatedNodeOptions): Promise<() => Promise<void>> {
  const { url, prefix, cluster, name, directory, capacity, host, program } = options;
  const world = createSystemWorld(createLogger({ level: "error" }));
  const node = unwrap(parseNodeName(name));
  const connection = await connectNats({ servers: url, name: `berth-agent-${name}` }, world);
  const runtime = createSimulatedRuntime({ cluster, node, world, ...(program && { program }) });
  const agent = await startAgent({
    world,
    bus: connection.bus,
    prefix,
    node,
    cluster,
    runtime,
    directory,
    capacity,
    version: "1.0.0",
    ...(host && { host }),
  });
  return async () => {
    await agent.stop({ removePods: false });
    await runtime.close();
    await connection.close();
  };
}

type SimulatedNodesOptions = Omit<SimulatedNodeOptions, "name" | "directory" | "host"> & {
  readonly names: readonly string[];
};

/** Nodes that touch nothing of the machine, on which every probe succeeds. Returns what stops them. */
export async function startSimulatedNodes({
  names,
  ...options
}: SimulatedNodesOptions): Promise<() => Promise<void>> {
  const stops = await Promise.all(
    names.map((name, index) => {
      const host = simulatedHost({
        hostname: name,
        address: `192.168.0.${index + 1}`,
        prober: { probe: () => Promise.resolve({ healthy: true, message: "" }) },
      });
      return startSimulatedNode({ ...options, name, directory: `/${name}`, host });
    }),
  );
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
