// The two adapters that the contract tests run against: a real nats-server and the hub in memory.

import {
  connectNats,
  createMemoryHub,
  createSystemWorld,
  silentLogger,
  type Connection,
} from "../../../actors/mod.ts";
import { startNatsServer } from "../../support/nats-server.ts";

export interface Adapter {
  connect(name: string): Promise<Connection>;
  /** The server dies. */
  interrupt(): Promise<void>;
  /** It comes back with what it had stored. */
  resume(): Promise<void>;
  dispose(): Promise<void>;
}

export const adapters: readonly { readonly name: string; readonly start: () => Promise<Adapter> }[] = [
  { name: "nats", start: startNats },
  { name: "memory", start: startMemory },
];

export const world = createSystemWorld(silentLogger);

async function startNats(): Promise<Adapter> {
  let server = await startNatsServer();
  const connections: Connection[] = [];
  return {
    connect: async (name) => {
      const connection = await connectNats({ servers: server.url, name }, world);
      connections.push(connection);
      return connection;
    },
    interrupt: () => server.kill(),
    resume: async () => {
      server = await server.restart();
    },
    dispose: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
      await server.stop();
    },
  };
}

async function startMemory(): Promise<Adapter> {
  const hub = createMemoryHub(world);
  return {
    connect: async (name) => hub.connect(name),
    interrupt: async () => hub.dropAll(),
    resume: async () => hub.restoreAll(),
    dispose: async () => undefined,
  };
}
