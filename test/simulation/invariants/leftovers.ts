// No container without an owner after a bound. The bound counts while nothing keeps the node's agent from doing its
// work: that this is so in the end, whatever was before, is in liveness.ts.

import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import type { SimProcess } from "../engine/process.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

/** A sweep each 60 s, a grace of 30 s at most, a last retry after 30 s. */
const boundMs = 120_000;

interface Watched {
  /** Of the agent and of the leader: with another one it begins anew. */
  readonly processes: readonly SimProcess[];
  /** When each was first seen without an owner. */
  readonly ownerless: ReadonlyMap<string, number>;
}

export const nothingIsLeftWithoutAnOwner: MakeInvariant = (cluster): Invariant => {
  const name = "no container without an owner after a while";
  const watched = new Map<SimNode, Watched>();
  return {
    name,
    checkpoint() {
      for (const node of cluster.nodes) {
        const processes = atWork(cluster, node);
        if (!processes) {
          watched.delete(node);
          continue;
        }
        const known = watched.get(node);
        const isSame = known?.processes.every((process, index) => process === processes[index]);
        const before = isSame ? known?.ownerless : undefined;
        const ownerless = new Map(
          ownerlessOn(cluster, node).map((id) => [id, before?.get(id) ?? cluster.timeline.now]),
        );
        watched.set(node, { processes, ownerless });
        for (const [id, since] of ownerless)
          must(
            cluster.timeline.now - since < boundMs,
            name,
            () => `${id} is on ${node.name} since ${since}, and nobody wants it there`,
          );
      }
    },
  };
};

function* ownerlessOf({ oracle: { state } }: SimCluster, { machine, name }: SimNode): Generator<string> {
  for (const { pod, id } of [...machine.sandboxes.values(), ...machine.containers.values()])
    if (pod.cluster !== "another" && state.pod(pod.uid)?.node !== name) yield id;
}
const ownerlessOn = (cluster: SimCluster, node: SimNode): readonly string[] => [
  ...ownerlessOf(cluster, node),
];

/** The agent and its leader, when both run, hear each other, and the engine does as it is told. */
function atWork(cluster: SimCluster, node: SimNode): readonly SimProcess[] | undefined {
  const { network, server, masters, oracle } = cluster;
  const { process, machine, wire, disk, name } = node;
  const leaders = masters.filter(({ standing }) => standing === "leading");
  const leader = leaders.length === 1 ? leaders[0]?.process : undefined;
  if (!process || !leader || server.paused || oracle.state.node(name)?.state !== "Ready") return undefined;
  if (process.paused || leader.paused || !network.isSound(process.name) || !network.isSound(leader.name))
    return undefined;
  if (!machine.isSound || disk.full || cluster.unanswered.has(wire) || cluster.patience.has(wire))
    return undefined;
  return node.isRunning && !cluster.isDoubled(node) ? [process, leader] : undefined;
}
