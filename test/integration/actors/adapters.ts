// The two adapters that the contract tests run against: a real nats-server and the hub in memory.

import { connect, type JetStreamManager } from "nats";
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
  /** What stands below this sequence is removed. */
  trim(stream: string, below: number): Promise<void>;
  /** The stream is there again, and empty. */
  startOver(stream: string): Promise<void>;
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
    trim: (stream, below) =>
      administer(server.url, async ({ streams }) => void (await streams.purge(stream, { seq: below }))),
    startOver: (stream) =>
      administer(server.url, async ({ streams }) => {
        const { config } = await streams.info(stream);
        await streams.delete(stream);
        await streams.add(config);
      }),
    dispose: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
      await server.stop();
    },
  };
}

async function administer(url: string, work: (manager: JetStreamManager) => Promise<void>): Promise<void> {
  const connection = await connect({ servers: url });
  try {
    await work(await connection.jetstreamManager());
  } finally {
    await connection.close();
  }
}

async function startMemory(): Promise<Adapter> {
  const hub = createMemoryHub(world);
  return {
    connect: async (name) => hub.connect(name),
    interrupt: async () => hub.dropAll(),
    resume: async () => hub.restoreAll(),
    trim: async (stream, below) => hub.createStream(stream).trimBelow(below),
    startOver: async (stream) => {
      // A server that was replaced is seen when its clients connect again.
      hub.dropAll();
      hub.createStream(stream).loseAfter(0);
      hub.restoreAll();
    },
    dispose: async () => undefined,
  };
}
