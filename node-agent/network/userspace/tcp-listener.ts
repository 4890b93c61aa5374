// One TCP port of one service address: accepts, picks an endpoint, joins the two sockets.
// A changed endpoint list concerns new connections only.

import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Random } from "../../../actors/mod.ts";
import { type Target, tryOrder } from "./balancer.ts";

export interface Backends {
  readonly targets: readonly Target[];
  readonly affinity: boolean;
}

export interface Listener {
  update(backends: Backends): void;
  close(): Promise<void>;
}

/** An endpoint that does not answer is passed over for the next one. */
const connectTimeoutMs = 1000;
/** Beyond it new connections of this port are refused. */
const maxConnections = 4096;

export function listenTcp(
  address: string,
  port: number,
  backends: Backends,
  random: Random,
): Promise<Listener> {
  let current = backends;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    open.add(client);
    client.once("close", () => open.delete(client));
    const key = current.affinity ? (client.remoteAddress ?? "") : undefined;
    connectFirst(client, tryOrder(current.targets, random, key), 0);
  });
  server.maxConnections = maxConnections;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port, backlog: 1024 }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve({
        update: (next) => {
          current = next;
        },
        close: () => closeServer(server, open),
      });
    });
  });
}

/** Nothing was read from the client yet, so the next endpoint can still take it over. */
function connectFirst(client: Socket, targets: readonly Target[], index: number): void {
  client.once("error", () => client.destroy());
  const target = targets[index];
  if (!target) {
    client.resetAndDestroy();
    return;
  }
  const upstream = createConnection({ host: target.ip, port: target.port, allowHalfOpen: true });
  upstream.setTimeout(connectTimeoutMs, () => upstream.destroy(new Error("connect timed out")));
  const next = (): void => connectFirst(client, targets, index + 1);
  upstream.once("error", next);
  upstream.once("connect", () => {
    upstream.off("error", next);
    upstream.setTimeout(0);
    if (client.destroyed) upstream.destroy();
    else join(client, upstream);
  });
}

function join(client: Socket, upstream: Socket): void {
  client.setNoDelay(true);
  upstream.setNoDelay(true);
  client.on("error", () => upstream.destroy());
  upstream.on("error", () => client.resetAndDestroy());
  client.on("close", () => upstream.destroy());
  upstream.on("close", () => client.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
}

async function closeServer(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of open) socket.destroy();
  await closed;
}
