// Service proxy without root: listens on the services' own loopback addresses and copies bytes.

import type { World } from "../../../actors/mod.ts";
import type { ServiceEntry } from "../../../protocol/mod.ts";
import type { ServiceProxy } from "../service-proxy.ts";
import { type Backends, type Listener, listenTcp } from "./tcp-listener.ts";
import { listenUdp } from "./udp-listener.ts";

/** `address/protocol/port` of a listener, with what it leads to. */
type WantedListeners = Map<
  string,
  { address: string; port: number; protocol: "TCP" | "UDP"; backends: Backends }
>;

export function createUserspaceProxy(world: World): ServiceProxy {
  const services = new Map<string, WantedListeners>();
  const listeners = new Map<string, Listener>();

  async function apply(serviceKey: string, wanted: WantedListeners): Promise<void> {
    const former = services.get(serviceKey) ?? new Map();
    services.set(serviceKey, wanted);
    for (const key of former.keys()) if (!wanted.has(key)) await closeListener(key);
    for (const [key, listener] of wanted) {
      const present = listeners.get(key);
      if (present) present.update(listener.backends);
      else await openListener(key, listener);
    }
  }

  async function openListener(
    key: string,
    { address, port, protocol, backends }: WantedListeners extends Map<string, infer W> ? W : never,
  ): Promise<void> {
    try {
      const open =
        protocol === "TCP"
          ? listenTcp(address, port, backends, world.random)
          : listenUdp(address, port, backends, world);
      listeners.set(key, await open);
    } catch (error) {
      // One port that something else holds must not take the other services down.
      world.logger.error({ listener: key, error: String(error) }, "cannot listen on a service address");
    }
  }

  async function closeListener(key: string): Promise<void> {
    const listener = listeners.get(key);
    listeners.delete(key);
    await listener?.close();
  }

  async function remove(serviceKey: string): Promise<void> {
    for (const key of services.get(serviceKey)?.keys() ?? []) await closeListener(key);
    services.delete(serviceKey);
  }

  return {
    kind: "userspace",
    replace: async (entries) => {
      const wanted = new Map(entries.map((entry) => [keyOf(entry), wantedListeners(entry)]));
      for (const key of services.keys()) if (!wanted.has(key)) await remove(key);
      for (const [key, each] of wanted) await apply(key, each);
    },
    set: (entry) => apply(keyOf(entry), wantedListeners(entry)),
    remove: (namespace, name) => remove(`${namespace}/${name}`),
    describe: () => `user space proxy, ${listeners.size} ports of ${services.size} services`,
    close: async () => {
      for (const key of services.keys()) await remove(key);
    },
  };
}

const keyOf = ({ namespace, name }: ServiceEntry): string => `${namespace}/${name}`;

function wantedListeners(entry: ServiceEntry): WantedListeners {
  const wanted: WantedListeners = new Map();
  if (entry.clusterIP === "None" || entry.clusterIP === "") return wanted;
  for (const [index, { port, protocol }] of entry.ports.entries()) {
    const targets = entry.endpoints
      .map(({ ip, ports }) => ({ ip, port: ports[index] ?? 0 }))
      .filter((target) => target.port !== 0);
    const backends = { targets, affinity: entry.affinitySeconds !== undefined };
    wanted.set(`${entry.clusterIP}/${protocol}/${port}`, {
      address: entry.clusterIP,
      port,
      protocol,
      backends,
    });
  }
  return wanted;
}
