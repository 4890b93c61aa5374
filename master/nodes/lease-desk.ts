// Lets the leases of identities go on: heartbeats that ask for it are gathered, one small commit confirms all of
// them, and only then is each agent told. ★ What an agent is told rests on an append that came after its heartbeat:
// a leader that was deposed meanwhile, and does not know it, confirms nothing.

import {
  agentSubject,
  type HeartbeatMessage,
  leaseConfirmEveryMs,
  type LeaseMessage,
  type NodeName,
  type Prefix,
  type SessionId,
} from "../../protocol/mod.ts";
import { type ClusterState, leasedPods } from "../cluster/mod.ts";
import type { Effect } from "../outbox.ts";
import type { Turn } from "../turn.ts";

interface Asked {
  readonly session: SessionId;
  /** When the agent sent its heartbeat, in its own time. */
  readonly sent: number;
}

export interface LeaseDesk {
  /** A heartbeat of the node's present session. True when a confirmation is due. */
  heartbeat(node: NodeName, message: HeartbeatMessage, now: number): boolean;
  /** Has what was asked for until now confirmed, if it is time again. After nodes were judged. */
  run(turn: Turn, now: number): void;
  /** What agents are to be told once the state as it stands is accepted. */
  collect(): readonly Effect[];
}

export function createLeaseDesk(prefix: Prefix, state: ClusterState): LeaseDesk {
  let asked = new Map<NodeName, Asked>();
  let confirmed: ReadonlyMap<NodeName, Asked> = new Map();
  let confirmedAt = Number.NEGATIVE_INFINITY;
  const isDue = (now: number): boolean => asked.size > 0 && now - confirmedAt >= leaseConfirmEveryMs;

  return {
    heartbeat(node, { session, lease }, now) {
      if (lease === undefined) asked.delete(node);
      else asked.set(node, { session, sent: lease });
      return isDue(now);
    },
    run(turn, now) {
      if (!isDue(now)) return;
      const nodes = Array.from(asked, ([node, { session }]) => ({ node, session }));
      const decision = turn.run({ by: "controller:leases", command: { type: "ConfirmLeases", nodes } });
      const batch = asked;
      asked = new Map();
      const [event] = decision.ok ? decision.value.events : [];
      if (event?.type !== "LeasesConfirmed") return;
      confirmedAt = now;
      const named = new Set(event.nodes);
      confirmed = new Map([...batch].filter(([node]) => named.has(node)));
    },
    collect() {
      const effects: Effect[] = [];
      for (const [name, { session, sent }] of confirmed) {
        const node = state.node(name);
        if (node?.session !== session || node.state === "Lost") continue;
        const pods = Array.from(leasedPods(state, node), ({ ref }) => ref.uid);
        const message: LeaseMessage = { version: 1, session, sent, pods };
        effects.push({ type: "publish", subject: agentSubject(prefix, name, "lease"), message });
      }
      confirmed = new Map();
      return effects;
    },
  };
}
