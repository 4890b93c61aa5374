// Several nats-servers that form a cluster on loopback.

import { createServer } from "node:net";

import { startNatsServer, type NatsServerHandle } from "./nats-server.ts";

export interface NatsCluster {
  /** By name: n0, n1, … */
  readonly servers: ReadonlyMap<string, NatsServerHandle>;
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

export async function startNatsCluster(size = 3): Promise<NatsCluster> {
  const ports = await Promise.all(Array.from({ length: size }, freePort));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const handles = await Promise.all(
    ports.map((port, index) =>
      startNatsServer({
        config: [
          `server_name: n${index}`,
          `cluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }`,
        ].join("\n"),
      }),
    ),
  );
  return {
    servers: new Map(handles.map((handle, index) => [`n${index}`, handle])),
    urls: handles.map(({ url }) => url),
    stop: async () => {
      await Promise.all(handles.map((handle) => handle.stop()));
    },
  };
}

/** Routes name each other's ports, so these must be known before the servers start. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
