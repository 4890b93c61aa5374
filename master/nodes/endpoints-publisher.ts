// Service changes to the agents as one chain over all services, and how far each agent's data plane has got.

import {
  type EndpointsMessage,
  endpointsSubject,
  type EndpointsTable,
  type NodeName,
  type Position,
  type Positioned,
  type Prefix,
} from "../../protocol/mod.ts";
import type { ClusterState, PodRow } from "../cluster/contract.ts";
import type { Effect } from "../outbox.ts";

export interface EndpointsPublisher {
  /** Called for each event, after it was folded. */
  note(event: Positioned): void;
  /** Messages for what was noted since the last time. */
  collect(): readonly Effect[];
  table(): EndpointsTable;
  /** Cumulative; a lower position than known changes nothing. */
  acknowledged(node: NodeName, position: Position): void;
  /** A new session's data plane begins with nothing. */
  forget(node: NodeName): void;
  /** Leaving pods whose endpoints every ready node has let go of. */
  released(): readonly PodRow[];
}

export function createEndpointsPublisher(prefix: Prefix, state: ClusterState): EndpointsPublisher {
  let told = state.servicesPosition;
  let seen = state.servicesPosition;
  const changed = new Map<string, { namespace: string; name: string; position: Position }>();
  const acknowledgements = new Map<NodeName, Position>();

  function point() {
    if (state.logId === undefined) throw new Error("endpoints need a log that was created");
    return { version: 1, logId: state.logId, epoch: state.epoch } as const;
  }

  return {
    note(event) {
      if (state.servicesPosition === seen) return;
      seen = state.servicesPosition;
      if (!("object" in event) || event.object.namespace === undefined) return;
      const { namespace, name } = event.object;
      const key = `${namespace}/${name}`;
      // Last change last: the chain goes by position.
      changed.delete(key);
      changed.set(key, { namespace, name, position: seen });
    },
    collect() {
      const effects: Effect[] = [];
      for (const { namespace, name, position } of changed.values()) {
        const service = state.serviceEntry(namespace, name);
        const link = { ...point(), from: told, to: position };
        const message: EndpointsMessage = service
          ? { ...link, type: "service", service }
          : { ...link, type: "removed", namespace, name };
        effects.push({ type: "publish", subject: endpointsSubject(prefix, namespace, name), message });
        told = position;
      }
      changed.clear();
      return effects;
    },
    table: () => ({ ...point(), position: state.servicesPosition, services: [...state.serviceEntries()] }),
    acknowledged(node, position) {
      const before = acknowledgements.get(node);
      if (before === undefined || position > before) acknowledgements.set(node, position);
    },
    forget: (node) => {
      acknowledgements.delete(node);
    },
    released() {
      const leaving: PodRow[] = [];
      for (const row of state.podsLeaving()) if (row.deletion?.left !== undefined) leaving.push(row);
      if (leaving.length === 0) return leaving;
      let least = Number.POSITIVE_INFINITY;
      for (const { name, state: condition } of state.nodes()) {
        if (condition === "Ready") least = Math.min(least, acknowledgements.get(name) ?? 0);
      }
      return leaving.filter(({ deletion }) => (deletion?.left ?? Number.POSITIVE_INFINITY) <= least);
    },
  };
}
