// What this agent asks of its leader: the table of services, and the contents of configs.

import type { World } from "../actors/mod.ts";
import {
  BerthError,
  type BoxKeys,
  type ConfigRequest,
  encode,
  type NodeMessageName,
  nodeSubject,
  unwrap,
} from "../protocol/mod.ts";
import type { AgentView } from "./agent-options.ts";
import { ConfigStore } from "./configs/config-store.ts";
import type { AgentHost } from "./host/agent-host.ts";
import { readMessage } from "./incoming.ts";
import { noProxy } from "./no-proxy.ts";
import { ServiceSync } from "./service-sync.ts";
import type { StartAgentOptions } from "./start-options.ts";

const askTimeoutMs = 2000;

export function serviceSync(
  options: StartAgentOptions,
  view: AgentView,
  logger: World["logger"],
): ServiceSync {
  const { bus, prefix, node, world } = options;
  const subject = (name: NodeMessageName): string => nodeSubject(prefix, node, name);
  return new ServiceSync({
    proxy: options.proxy ?? noProxy,
    clock: world.clock,
    logger,
    async fetchTable() {
      if (view.session === undefined || bus.state !== "connected") return undefined;
      const request = encode({ version: 1, session: view.session });
      const reply = await bus.request(subject("endpoints-sync"), request, { timeoutMs: askTimeoutMs });
      const table = readMessage("endpoints-table", reply.data);
      if (!table.ok) logger.warn({ error: table.error.message }, "an answer to endpoints-sync was refused");
      return table.ok ? table.value : undefined;
    },
    acknowledge(position) {
      if (view.session === undefined || bus.state !== "connected") return;
      bus.publish(subject("endpoints-ack"), encode({ version: 1, session: view.session, position }));
    },
  });
}

export function configStore(
  { bus, prefix, node }: StartAgentOptions,
  host: AgentHost,
  keys: BoxKeys,
  view: AgentView,
): ConfigStore {
  return new ConfigStore({
    node,
    keys,
    cache: host.configs,
    async fetch(namespace, { kind, name }) {
      const what = `${kind.toLowerCase()} "${name}"`;
      if (view.session === undefined || bus.state !== "connected") {
        throw new BerthError({
          code: "Unavailable",
          message: `${what} can't be asked for: no master is there`,
        });
      }
      const { session } = view;
      const request = encode({ version: 1, session, kind, namespace, name } satisfies ConfigRequest);
      const answer = await bus.request(nodeSubject(prefix, node, "config"), request, {
        timeoutMs: askTimeoutMs,
      });
      const reply = unwrap(readMessage("config-reply", answer.data));
      if (!reply.ok) throw new BerthError({ ...reply.error, message: `${what}: ${reply.error.message}` });
      return reply.content;
    },
  });
}
