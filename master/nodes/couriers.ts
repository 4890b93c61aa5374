// All couriers of one leadership: finds by index which agents a commit concerns, so that its cost follows what changed.

import {
  agentSubject,
  type HeartbeatMessage,
  type NodeName,
  type Positioned,
  type Prefix,
  type Uid,
} from "../../protocol/mod.ts";
import type { ClusterState, NodeRow } from "../cluster/contract.ts";
import type { Effect } from "../outbox.ts";
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
  for (const { ref, node } of state.pods()) if (node !== undefined) placed.set(ref.uid, node);

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

  return {
    note(event) {
      if (!("object" in event) || event.object.kind !== "Pod") return;
      const { uid } = event.object;
      const before = placed.get(uid);
      const row = state.pod(uid);
      const after = row?.node;
      // Most events of a pod are its own node's reports, and change nothing about what the node should do.
      if (after === before && row?.assigned !== event.position) return;
      if (before !== undefined) mark(before, uid);
      if (after === before) return;
      if (after === undefined) placed.delete(uid);
      else {
        placed.set(uid, after);
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
