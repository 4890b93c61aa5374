// Masters and agents that die, between any two effects; that stand still and go on; and clocks that are wrong.

import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimMaster } from "../cluster/sim-master.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import { type Fault, type FaultClass, later, leaderOf, pick } from "./fault.ts";

type Place = SimMaster | SimNode;
type Places = (cluster: SimCluster) => readonly Place[];
const masters: Places = (cluster) => cluster.masters;
const nodes: Places = (cluster) => cluster.nodes;
const either = (cluster: SimCluster, { roll }: Fault): readonly Place[] =>
  roll < 0.5 ? cluster.masters : cluster.nodes;

function chooseMaster(cluster: SimCluster, fault: Fault): SimMaster {
  const leader = leaderOf(cluster);
  return leader && fault.roll < 0.7 ? leader : pick(cluster.masters, fault);
}
const choose = (cluster: SimCluster, places: Places, fault: Fault): Place =>
  places === masters ? chooseMaster(cluster, fault) : pick(places(cluster), fault);

const crash = (type: string, weight: number, places: Places): FaultClass => ({
  type,
  weight,
  lasts: [1, 10_000],
  inject(cluster, fault) {
    const place = choose(cluster, places, fault);
    if (!place.process?.alive) return;
    cluster.coverage.fired(type);
    if (fault.roll < 0.8) place.crash(fault.target % 2 === 0);
    else {
      place.keepDown();
      later(cluster, fault, () => place.start());
    }
  },
});

/** Somewhere in the middle of what it is doing. */
const crashAtEffect = (type: string, weight: number, places: Places): FaultClass => ({
  type,
  weight,
  lasts: [1, 60],
  inject(cluster, fault) {
    const place = choose(cluster, places, fault);
    place.process?.armCrash(fault.lastsMs, () => {
      cluster.coverage.fired(type);
      place.crash(fault.target % 2 === 0);
    });
  },
});

const pause = (type: string, weight: number, places: Places): FaultClass => ({
  type,
  weight,
  lasts: [200, 30_000],
  inject(cluster, fault) {
    const place = choose(cluster, places, fault);
    const { process } = place;
    if (!process?.alive || process.paused) return;
    cluster.coverage.fired(type);
    cluster.trace.tell(process.name, () => `stands still for ${Math.round(fault.lastsMs)} ms`);
    process.pause();
    later(cluster, fault, () => process.resume());
  },
});

const gentle = (type: string, weight: number, places: Places): FaultClass => ({
  type,
  weight,
  lasts: [1, 2],
  inject(cluster, fault) {
    const place = choose(cluster, places, fault);
    if (!place.process?.alive) return;
    cluster.coverage.fired(type);
    place.stopGently();
  },
});

export const processFaults: readonly FaultClass[] = [
  crash("master-crash", 6, masters),
  crash("agent-crash", 6, nodes),
  crashAtEffect("master-crash-at-effect", 10, masters),
  crashAtEffect("agent-crash-at-effect", 12, nodes),
  pause("master-pause", 5, masters),
  pause("agent-pause", 4, nodes),
  gentle("master-stop", 4, masters),
  gentle("agent-stop", 4.5, nodes),
  {
    type: "crash-after-append",
    weight: 15,
    lasts: [1, 10_000],
    inject(cluster, fault) {
      // The commit is stored, and its writer never hears of it.
      const listener = {
        accepted: ({ writer }: { readonly writer: string }): void => {
          const place = cluster.masters.find(({ name }) => writer.startsWith(`${name}-`));
          if (!armed || !place) return;
          disarm();
          cluster.coverage.fired("crash-after-append");
          place.crash(true);
        },
      };
      let armed = true;
      const disarm = (): void => {
        armed = false;
      };
      cluster.oracle.listeners.push(listener);
      later(cluster, fault, disarm);
    },
  },
  {
    type: "masters-away",
    weight: 4,
    lasts: [500, 30_000],
    inject(cluster, fault) {
      cluster.coverage.fired("masters-away");
      for (const master of cluster.masters) master.keepDown();
      later(cluster, fault, () => {
        for (const master of cluster.masters) master.start();
      });
    },
  },
  {
    type: "clock-jump",
    weight: 4,
    lasts: [1, 2],
    inject(cluster, fault) {
      const place = pick(either(cluster, fault), fault);
      const size = 10 ** (2 + (fault.target % 100) / 25);
      cluster.coverage.fired("clock-jump");
      const byMs = Math.round(fault.target % 2 === 0 ? size : -size);
      cluster.trace.tell("world", () => `the clock of ${place.name} jumps by ${byMs} ms`);
      place.host.jump(byMs);
    },
  },
  {
    type: "clock-drift",
    weight: 3,
    lasts: [1_000, 60_000],
    inject(cluster, fault) {
      const place = pick(either(cluster, fault), fault);
      cluster.coverage.fired("clock-drift");
      place.host.drift(1 + ((fault.target % 100) - 50) / 5_000);
      later(cluster, fault, () => place.host.drift(1));
    },
  },
];
