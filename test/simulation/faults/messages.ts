// Messages lost, doubled, late and slow; appends whose outcome nobody knows.

import { type Noise, quiet } from "../cluster/network.ts";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import { type Fault, type FaultClass, later, leaderOf, pick } from "./fault.ts";

const hardest = (roll: number): number => 0.02 + roll * roll * 0.5;

/** For one end, or for everyone. */
function noise(type: string, weight: number, set: (noise: Noise, fault: Fault) => void): FaultClass {
  return {
    type,
    weight,
    lasts: [500, 20_000],
    inject(cluster, fault) {
      const name = fault.target % 3 === 0 ? "*" : pick(cluster.network.names, fault);
      set(cluster.network.noiseFor(name), fault);
      later(cluster, fault, () => {
        const before = cluster.network.noise.get(name);
        if (before) reset(cluster, name, type);
      });
    },
  };
}

const fields: Readonly<Record<string, readonly (keyof Noise)[]>> = {
  "noise-lose": ["lose"],
  "noise-double": ["double"],
  "noise-late": ["late"],
  "noise-slow": ["slowMs"],
  "log-lag": ["readLagMs"],
  "noise-append": ["appendLost", "acknowledgementLost", "appendDelayed", "noLeader"],
};

function reset(cluster: SimCluster, name: string, type: string): void {
  const present = cluster.network.noiseFor(name);
  for (const field of fields[type] ?? []) present[field] = 0;
  const none = quiet();
  const isQuiet = Object.entries(none).every(
    ([field, value]) => Reflect.get(present, field) === value || field === "lateMs",
  );
  if (isQuiet) cluster.network.noise.delete(name);
}

export const messageFaults: readonly FaultClass[] = [
  noise("noise-lose", 6, (present, { roll }) => {
    present.lose = hardest(roll);
  }),
  noise("noise-double", 6, (present, { roll }) => {
    present.double = hardest(roll);
    present.lateMs = Math.max(present.lateMs, roll * 500);
  }),
  noise("noise-late", 6, (present, { roll }) => {
    present.late = hardest(roll);
    present.lateMs = Math.max(present.lateMs, 5 + roll * 3_000);
  }),
  noise("noise-slow", 4, (present, { roll }) => {
    present.slowMs = 5 + roll * roll * 1_500;
  }),
  {
    type: "log-lag",
    weight: 5,
    lasts: [1_000, 15_000],
    inject(cluster, fault) {
      const { name } = pick(cluster.masters, fault);
      cluster.network.noiseFor(name).readLagMs = 20 + fault.roll * fault.roll * 4_000;
      later(cluster, fault, () => reset(cluster, name, "log-lag"));
    },
  },
  {
    type: "noise-append",
    weight: 14,
    lasts: [2_000, 20_000],
    inject(cluster, fault) {
      const { roll } = fault;
      const name = leaderOf(cluster)?.name ?? pick(cluster.masters, fault).name;
      const present = cluster.network.noiseFor(fault.target % 2 === 0 ? "*" : name);
      const share = 0.1 + roll * 0.6;
      const field = pick(["appendLost", "acknowledgementLost", "appendDelayed", "noLeader"] as const, {
        ...fault,
        target: Math.floor(roll * 1_000),
      });
      present[field] = share;
      later(cluster, fault, () => reset(cluster, fault.target % 2 === 0 ? "*" : name, "noise-append"));
    },
  },
];
