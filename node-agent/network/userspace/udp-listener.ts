// One UDP port of one service address: a flow is a client's address and port, bound to one endpoint until idle.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Cancel, Clock, Random } from "../../../actors/mod.ts";
import { tryOrder } from "./balancer.ts";
import type { Backends, Listener } from "./tcp-listener.ts";

const flowIdleMs = 30_000;
/** Beyond it datagrams of new flows are dropped. */
const maxFlows = 4096;

interface Flow {
  readonly socket: Socket;
  expire: Cancel;
}

export interface UdpWorld {
  readonly clock: Clock;
  readonly random: Random;
}

export function listenUdp(
  address: string,
  port: number,
  backends: Backends,
  world: UdpWorld,
): Promise<Listener> {
  const server = createSocket("udp4");
  const flows = new Map<string, Flow>();
  let current = backends;
  server.on("message", (data, client) => {
    const key = `${client.address}:${client.port}`;
    const flow = flows.get(key) ?? openFlow(key, client);
    if (!flow) return;
    flow.expire();
    flow.expire = world.clock.after(flowIdleMs, () => dropFlow(key));
    flow.socket.send(data);
  });

  function openFlow(key: string, client: RemoteInfo): Flow | undefined {
    const affinityKey = current.affinity ? client.address : undefined;
    const [target] = tryOrder(current.targets, world.random, affinityKey);
    if (!target || flows.size >= maxFlows) return undefined;
    const socket = createSocket("udp4");
    socket.on("message", (data) => server.send(data, client.port, client.address));
    socket.on("error", () => dropFlow(key));
    socket.connect(target.port, target.ip);
    const flow = { socket, expire: () => undefined };
    flows.set(key, flow);
    return flow;
  }

  function dropFlow(key: string): void {
    const flow = flows.get(key);
    flows.delete(key);
    flow?.expire();
    flow?.socket.close();
  }

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.bind(port, address, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve({
        update: (next) => {
          current = next;
        },
        close: async () => {
          for (const key of flows.keys()) dropFlow(key);
          await new Promise<void>((done) => server.close(() => done()));
        },
      });
    });
  });
}
