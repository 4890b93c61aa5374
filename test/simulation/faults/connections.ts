// Partitions, symmetric and one-way; connections that break; clogs that end in another order; the server away or stuck.

import type { Direction } from "../cluster/network.ts";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import { namespaceManifest } from "../workload/manifests.ts";
import { podManifest } from "../workload/pods.ts";
import { type Fault, type FaultClass, later, leaderOf, pick } from "./fault.ts";

function cut(type: string, weight: number, directions: readonly Direction[]): FaultClass {
  return {
    type,
    weight,
    lasts: [100, 25_000],
    inject(cluster, fault) {
      const { network } = cluster;
      // Masters as often as agents, however many agents there are.
      const masters = cluster.masters.map(({ name }) => name);
      const leader = fault.roll < 0.3 ? leaderOf(cluster)?.name : undefined;
      const name = leader ?? pick(fault.roll < 0.4 ? masters : network.names, fault);
      cluster.coverage.fired(type);
      network.cut(name, directions);
      if (fault.roll > 0.5) {
        // Either end notices before it is over, and gives the connection up.
        cluster.inTrouble(fault.lastsMs * fault.roll * 0.9, () => network.drop(name));
      }
      later(cluster, fault, () => {
        network.mend(name, fault.roll * 10 - Math.floor(fault.roll * 10) > 0.5);
        network.restore(name);
      });
    },
  };
}

const latePod = { cpuMilli: 10, graceSeconds: 1, image: "app:1" } as const;

/** It hears of its end later than everyone else, while users change things and read them. */
function readsOfTheDeposed(cluster: SimCluster, fault: Fault, name: string): void {
  const lagMs = 4_000;
  cluster.network.noiseFor(name).readLagMs = lagMs;
  const user = (index: number) => pick(cluster.users, { ...fault, target: fault.target + index });
  for (let count = 0; count < 6; count++) {
    const at = fault.lastsMs + 20 + count * 150;
    cluster.inTrouble(at, () =>
      user(count).do({ do: "create", object: namespaceManifest(`space-${fault.target % 7}-${count}`) }),
    );
    cluster.inTrouble(at + 60, () =>
      user(count + 1).do({ do: "list", kind: "Pod", stale: false, newcomer: true }),
    );
  }
  cluster.inTrouble(fault.lastsMs + lagMs, () => {
    cluster.network.noise.delete(name);
  });
}

export const connectionFaults: readonly FaultClass[] = [
  cut("partition", 6, ["to-server", "to-client"]),
  cut("partition-in", 4, ["to-client"]),
  cut("partition-out", 4, ["to-server"]),
  {
    // What a leader appends while nobody hears it comes late and in a row, behind its rival's claim: the guard by
    // sequence lets some of it in.
    type: "leader-muted",
    weight: 7,
    lasts: [2_200, 6_500],
    inject(cluster, fault) {
      const leader = leaderOf(cluster);
      if (!leader) return;
      const { name } = leader;
      cluster.coverage.fired("leader-muted");
      cluster.network.cut(name, ["to-server"]);
      for (let count = 2 + (fault.target % 9); count > 0; count--) {
        const user = pick(cluster.users, { ...fault, target: fault.target + count });
        cluster.inTrouble(count * 120 * (0.2 + fault.roll), () =>
          user.do({
            do: "create",
            object: podManifest("default", `late-${fault.target % 4}-${count}`, "web", latePod),
          }),
        );
      }
      later(cluster, fault, () => cluster.network.mend(name, false));
      if (fault.roll > 0.6) readsOfTheDeposed(cluster, fault, name);
    },
  },
  {
    type: "reset",
    weight: 6,
    lasts: [1, 5_000],
    inject(cluster, fault) {
      const name = pick(cluster.network.names, fault);
      cluster.coverage.fired("reset");
      cluster.network.drop(name);
      later(cluster, fault, () => cluster.network.restore(name));
    },
  },
  {
    type: "clogs",
    weight: 3,
    lasts: [500, 15_000],
    inject(cluster, fault) {
      // One after another, and freed in another order.
      const { network } = cluster;
      const count = 2 + (fault.target % 4);
      for (let index = 0; index < count; index++) {
        const name = pick(network.names, { ...fault, target: fault.target + index * 7 });
        cluster.inTrouble(index * 50, () => {
          cluster.coverage.fired("clogs");
          network.cut(name, index % 2 === 0 ? ["to-client"] : ["to-server", "to-client"]);
        });
        const order = (index * 5 + 3) % count;
        cluster.inTrouble(fault.lastsMs + order * 200, () => network.mend(name, false));
      }
    },
  },
  {
    type: "bus-away",
    weight: 4,
    lasts: [50, 20_000],
    inject(cluster, fault) {
      if (cluster.network.down) return;
      cluster.coverage.fired("bus-away");
      cluster.trace.tell("world", () => "the server is gone");
      cluster.network.serverGone();
      later(cluster, fault, () => serverBack(cluster));
    },
  },
  {
    type: "bus-stuck",
    weight: 3.5,
    lasts: [100, 12_000],
    inject(cluster, fault) {
      cluster.coverage.fired("bus-stuck");
      cluster.server.pause();
      later(cluster, fault, () => cluster.server.resume());
    },
  },
];

function serverBack(cluster: SimCluster): void {
  if (!cluster.network.down) return;
  cluster.trace.tell("world", () => "the server is back");
  cluster.network.serverBack();
}
