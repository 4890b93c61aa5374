// Agents and strangers that say what they must not: nonsense, other versions, other sessions, other nodes' news.

import { encode } from "../../../protocol/mod.ts";
import { prefix } from "../cluster/sim-master.ts";
import { Draw } from "../engine/draw.ts";
import type { FaultClass } from "./fault.ts";
import { pick } from "./fault.ts";

const toMasters = [
  "register",
  "heartbeat",
  "status",
  "sync",
  "endpoints-sync",
  "endpoints-ack",
  "magic",
] as const;
const toAgents = ["assign", "status-committed", "superseded", "ping", "stream", "magic"] as const;

function body(draw: Draw, position: number): Uint8Array {
  const session = draw.pick([0, 1, 7, position, 10 ** 9]);
  const bodies: (() => Uint8Array)[] = [
    () => Uint8Array.from({ length: draw.between(0, 300) }, () => draw.below(256)),
    () => encode({ version: 2, session, number: 1, pods: [], to: 5, kind: "full", digest: 0 }),
    () => encode({ version: 1, session, number: 10 ** 12, pods: [] }),
    () => encode({ version: 1, session, number: -1, pods: "all" }),
    () => encode({ version: 1, session, position: 10 ** 12 }),
    () => encode({ version: 1, session, reason: "\u0000".repeat(draw.between(1, 2_000)) }),
    () => encode({ version: 1, session, number: 3, pods: [{ uid: "nobody", status: { phase: "Dancing" } }] }),
    () =>
      encode({
        version: 1,
        kind: "full",
        session,
        logId: "other",
        epoch: 99,
        to: 10 ** 9,
        pods: [],
        digest: 0,
        services: 0,
      }),
    () => encode(null),
    () => encode([[[[[[]]]]]]),
  ];
  return draw.pick(bodies)();
}

export const hostileFaults: readonly FaultClass[] = [
  {
    type: "hostile",
    weight: 5,
    lasts: [1, 2],
    inject(cluster, fault) {
      const bus = cluster.users[0]?.bus;
      if (!bus || bus.state !== "connected") return;
      const draw = new Draw(Math.floor(fault.roll * 2 ** 31));
      const { name } = pick(cluster.nodes, fault);
      for (let count = draw.between(1, 5); count > 0; count--) {
        cluster.coverage.fired("hostile");
        const subject = draw.chance(0.6)
          ? `${prefix}.node.${draw.pick([name, name, "stranger", "%", "N%2E"])}.${draw.pick(toMasters)}`
          : `${prefix}.agent.${name}.${draw.pick(toAgents)}`;
        bus.publish(subject, body(draw, cluster.oracle.position));
      }
    },
  },
];
