// A service proxy that acts only while its agent owns the host's data plane, and otherwise remembers what it
// would do, so that it takes over with the whole table when the owner is gone.

import type { Clock, Logger } from "../../actors/mod.ts";
import type { ServiceEntry } from "../../protocol/mod.ts";
import { acquireHostOwnership } from "./host-ownership.ts";
import type { ServiceProxy } from "./service-proxy.ts";

export interface SharedProxyOptions {
  readonly cluster: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

export function shareHost(proxy: ServiceProxy, options: SharedProxyOptions): ServiceProxy {
  const table = new Map<string, ServiceEntry>();
  let queue: Promise<void> = Promise.resolve();
  /** One change at a time, in order; a failed one is told to its caller and does not block the next. */
  const enqueue = (change: () => Promise<void>): Promise<void> => {
    const done = queue.then(change);
    queue = done.catch(() => undefined);
    return done;
  };
  const ownership = acquireHostOwnership({
    ...options,
    onOwned: () => {
      enqueue(() => proxy.replace([...table.values()])).catch((error: unknown) => {
        options.logger.error({ error: String(error) }, "cannot set up the services of this host");
      });
    },
  });
  const change = (act: () => Promise<void>): Promise<void> =>
    enqueue(() => (ownership.owned ? act() : Promise.resolve()));

  return {
    kind: proxy.kind,
    replace: (services) => {
      table.clear();
      for (const service of services) table.set(keyOf(service.namespace, service.name), service);
      return change(() => proxy.replace(services));
    },
    set: (service) => {
      table.set(keyOf(service.namespace, service.name), service);
      return change(() => proxy.set(service));
    },
    remove: (namespace, name) => {
      table.delete(keyOf(namespace, name));
      return change(() => proxy.remove(namespace, name));
    },
    describe: () => (ownership.owned ? proxy.describe() : `${proxy.kind}, by another agent of this host`),
    close: async ({ cleanUp }) => {
      await queue;
      await proxy.close({ cleanUp: cleanUp && ownership.owned });
      await ownership.release();
    },
  };
}
