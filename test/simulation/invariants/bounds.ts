// What a process has open, and what it does in a while, stays bounded whatever happens to it: no timer, subscription
// or request is left behind, and nobody tries again and again without a pause. Several times what was ever seen.

import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimProcess } from "../engine/process.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

/** For a process alone, and for each node and pod that it may have to do with. */
interface Bound {
  readonly own: number;
  readonly each: number;
}

/** The server in memory has one for each message that is under way. */
const timers: Bound = { own: 500, each: 5 };
/** Messages sent, calls of the engine, appends, looks at the disk: between two checkpoints. */
const effects: Bound = { own: 2_000, each: 60 };
const subscriptions: Bound = { own: 100, each: 0 };
const requests: Bound = { own: 100, each: 2 };
/** When nothing happens any more, only what goes on for ever is open. */
const restingRequests: Bound = { own: 4, each: 0 };

const sizeOf = ({ nodes, oracle: { state } }: SimCluster): number => nodes.length + [...state.pods()].length;

export const everythingStaysBounded: MakeInvariant = (cluster): Invariant => {
  const name = "what is open and under way stays bounded";
  let before = new Map<SimProcess, number>();
  let size = 0;
  return {
    name,
    checkpoint(moment) {
      const after = new Map<SimProcess, number>();
      size = sizeOf(cluster);
      for (const process of cluster.processes()) {
        after.set(process, process.effects);
        within(process, "timers", process.timers, timers);
        within(process, "effects since the last look", process.effects - (before.get(process) ?? 0), effects);
        const load = cluster.network.end(process.name)?.client.load;
        if (!load) continue;
        within(process, "subscriptions", load.subscriptions, subscriptions);
        // Who is cut off for ever waits for answers for ever.
        const rests = moment === "settled" && !cluster.lastingFault(process.name);
        within(process, "requests", load.requests, rests ? restingRequests : requests);
      }
      before = after;
    },
  };

  function within(process: SimProcess, what: string, found: number, { own, each }: Bound): void {
    const most = own + each * size;
    must(found <= most, name, () => `${process.name} has ${found} ${what}, at most ${most} are reasonable`);
  }
};
