// How some runs end, once everything is as asked: with something from which a cluster cannot go on by itself. Its
// masters must stop, say so and write nothing, and what runs must run on.

import { assertNever, encode, hasLease } from "../../protocol/mod.ts";
import type { SimCluster } from "./cluster/sim-cluster.ts";
import { stream } from "./cluster/sim-master.ts";
import type { Draw } from "./engine/draw.ts";
import { must } from "./invariants/invariant.ts";
import { namespaceManifest } from "./workload/manifests.ts";

export type Ending =
  /** A newer master led for a moment, and wrote what this version does not know. */
  | { readonly type: "unknown-event"; readonly knownType: boolean }
  /** The server comes back without the last messages that it had acknowledged: a disk that was not synced. */
  | { readonly type: "lost-tail"; readonly messages: number };

const watchedMs = 60_000;
const someoneRestartsMs = 20_000;

export function drawEnding(draw: Draw): Ending | undefined {
  return draw.weighted<Ending | undefined>([
    [94, undefined],
    [3, { type: "unknown-event", knownType: draw.chance(0.5) }],
    [3, { type: "lost-tail", messages: draw.between(1, 5) }],
  ]);
}

export async function bringAbout(cluster: SimCluster, ending: Ending): Promise<void> {
  const { timeline, hub, oracle, trace, coverage } = cluster;
  const log = hub.createStream(stream.stream);
  trace.tell("world", () => `the end: ${JSON.stringify(ending)}`);
  coverage.mark(`ending: ${ending.type}`);
  const running = runningContainers(cluster);
  oracle.close();
  await cause(cluster, ending);
  let appends = 0;
  log.onAppend(() => appends++);
  cluster.users[0]?.do({ do: "create", object: namespaceManifest("too-late") });
  // One that begins only now comes to the same end. A log without its tail looks whole to it.
  const [first] = cluster.masters;
  if (ending.type === "unknown-event") timeline.after(someoneRestartsMs, () => first?.crash(true));
  await timeline.run(timeline.now + watchedMs);
  const name = "masters stop where they cannot go on";
  must(appends === 0, name, () => `${appends} appends after ${ending.type}`);
  for (const { name: master, standing } of cluster.masters)
    must(standing === "halted", name, () => `${master} is ${standing} after ${ending.type}`);
  const left = runningContainers(cluster);
  for (const id of running)
    must(left.has(id), name, () => `container ${id} does not run any more after ${ending.type}`);
}

async function cause(cluster: SimCluster, ending: Ending): Promise<void> {
  const { hub, oracle, network, timeline } = cluster;
  const log = hub.createStream(stream.stream);
  switch (ending.type) {
    case "unknown-event": {
      const { epoch, last, position } = oracle;
      const at = cluster.startAt + timeline.now;
      const by = "master:newer";
      const events = [
        { type: "LeaderElected", version: 1, at, by, epoch: epoch + 1, master: "newer" },
        ending.knownType
          ? { type: "LevelRaised", version: 99, at, by, level: 99 }
          : { type: "PodTeleported", version: 1, at, by },
      ];
      const commit = { version: 1, epoch: epoch + 1, previous: last, firstPosition: position + 1, events };
      log.append({
        data: encode(commit),
        expectedSequence: log.lastSequence,
        messageId: "newer.1",
        timeoutMs: 0,
      });
      return;
    }
    case "lost-tail":
      network.serverGone();
      await timeline.run(timeline.now + 100);
      log.loseAfter(log.lastSequence - ending.messages);
      network.serverBack();
      return;
    default:
      return assertNever(ending, "ending");
  }
}

/** But for those that run by a lease: they end when nobody leads any more. */
function runningContainers({ machines, oracle: { state: log } }: SimCluster): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [{ containers }, { wire }] of machines)
    for (const { id, state, pod } of containers.values())
      if (state === "running" && !hasLease(log.pod(pod.uid) ?? {})) found.add(`${wire}/${id}`);
  return found;
}
