// All couriers of one leadership: finds by index which agents a commit concerns, so that its cost follows what changed.

import {
  agentSubject,
  type ConfigName,
  type HeartbeatMessage,
  type NodeName,
  type Positioned,
  type Prefix,
  type Uid,
} from "../../protocol/mod.ts";
import type { ClusterState, NodeRow, PodRow } from "../cluster/contract.ts";
import type { Effect } from "../outbox.ts";
import { ConfigUsers, isConfigKind } from "./config-users.ts";
import { type Courier, createCourier } from "./courier.ts";

export interface Couriers {
  /** Called for each event, after it was folded. */
  note(event: Positioned): void;
  /** The whole assignment goes out with the next `collect`. */
  wantFull(node: NodeName): void;
  heartbeat(row: NodeRow, message: HeartbeatMessage, now: number): void;
  /** Messages for everything that was noted since; the state stands where they say it does. */
  collect(now: number): readonly Effect[];
  readonly waiting: boolean;
  inSync(node: NodeName): boolean;
}

export function createCouriers(prefix: Prefix, state: ClusterState): Couriers {
  const couriers = new Map<NodeName, { readonly row: NodeRow; readonly courier: Courier }>();
  /** Where each pod was when it was last noted: a removed row no longer says. */
  const placed = new Map<Uid, NodeName>();
  const changed = new Map<NodeName, Set<Uid>>();
  const full = new Set<NodeName>();
  const configUsers = new ConfigUsers();
  for (const row of state.pods()) if (row.node !== undefined) settle(row, row.node);

  function settle(row: PodRow, node: NodeName): void {
    placed.set(row.ref.uid, node);
    configUsers.add(row);
  }

  function courierOf(row: NodeRow): Courier {
    const known = couriers.get(row.name);
    if (known && known.row.session === row.session) return known.courier;
    const courier = createCourier(row.name, row.session);
    couriers.set(row.name, { row, courier });
    return courier;
  }

  function mark(node: NodeName, uid: Uid): void {
    const uids = changed.get(node);
    if (uids) uids.add(uid);
    else changed.set(node, new Set([uid]));
  }

  /** A config that came, changed or went: exactly the nodes whose pods use it hear of it. */
  function noteConfig(namespace: string, config: ConfigName): void {
    for (const uid of configUsers.of(namespace, config)) {
      const node = placed.get(uid);
      if (node !== undefined) mark(node, uid);
    }
  }

  return {
    note(event) {
      if (!("object" in event)) return;
      const { kind, namespace = "", name, uid } = event.object;
      if (isConfigKind(kind)) return noteConfig(namespace, { kind, name });
      if (kind !== "Pod") return;
      const before = placed.get(uid);
      const row = state.pod(uid);
      const after = row?.node;
      // Most events of a pod are its own node's reports, and change nothing about what the node should do.
      if (after === before && row?.assigned !== event.position) return;
      if (before !== undefined) mark(before, uid);
      // A change by hand may add a container that uses more.
      if (row && after !== undefined && event.type === "ObjectUpdated") configUsers.add(row);
      if (after === before) return;
      if (!row || after === undefined) {
        placed.delete(uid);
        configUsers.remove(uid);
      } else {
        settle(row, after);
        mark(after, uid);
      }
    },
    wantFull: (node) => {
      full.add(node);
    },
    heartbeat(row, message, now) {
      if (courierOf(row).heartbeat(state, message, now)) full.add(row.name);
    },
    collect(now) {
      const effects: Effect[] = [];
      for (const node of new Set([...full, ...changed.keys()])) {
        const row = state.node(node);
        if (!row || row.session === 0) continue;
        const courier = courierOf(row);
        const message = full.has(node)
          ? courier.full(state, now)
          : courier.delta(state, changed.get(node) ?? [], now);
        if (message)
          effects.push({ type: "publish", subject: agentSubject(prefix, node, "assign"), message });
      }
      full.clear();
      changed.clear();
      return effects;
    },
    get waiting() {
      return full.size > 0;
    },
    inSync: (node) => couriers.get(node)?.courier.inSync ?? false,
  };
}
