// Ends pods of the process driver from outside of it, by the files that it leaves: for a guard that outlives the agent.

import { existsSync, writeFileSync } from "node:fs";
import type { Uid } from "../../../protocol/mod.ts";
import type { Fence, FenceAddress } from "../runtime.ts";
import { killCgroups } from "./cgroups.ts";
import {
  containerDirectory,
  containerPaths,
  type ContainerRecord,
  fencedFile,
  loadContainers,
  loadSandboxes,
  type SandboxRecord,
  sandboxDirectory,
} from "./layout.ts";
import { isAlive, killMarked, sendSignal } from "./process-table.ts";
import { readIdentity } from "./wrapper.ts";

export function processFence({
  cluster,
  node,
  directory,
}: Extract<FenceAddress, { type: "process" }>): Fence {
  const sandboxesOf = (pod: Uid): readonly SandboxRecord[] =>
    loadSandboxes(directory).filter(
      (sandbox) => sandbox.pod.uid === pod && sandbox.pod.cluster === cluster && sandbox.pod.node === node,
    );
  const containersOf = (pod: Uid): readonly ContainerRecord[] =>
    sandboxesOf(pod).flatMap(({ id }) => loadContainers(directory, id));

  /** Containers whose strays were looked for once nothing else of them lived: walking all processes is slow. */
  const swept = new Set<string>();

  /** False when nothing of it lives. */
  function signal(record: ContainerRecord, name: NodeJS.Signals): boolean {
    const { run } = containerPaths(containerDirectory(directory, record));
    const wrapper = readIdentity(run, "wrapper");
    const main = readIdentity(run, "main");
    // The wrapper leads the group; its pid stands for the group as long as any member lives.
    const alive = [wrapper, main].some((each) => each && isAlive(each));
    if (wrapper && alive) sendSignal(-wrapper.pid, name);
    return alive;
  }

  return {
    async stop(pod) {
      for (const record of containersOf(pod)) signal(record, "SIGTERM");
    },
    async kill(pod) {
      // First: what is about to start finds it.
      for (const { id } of sandboxesOf(pod)) {
        if (existsSync(sandboxDirectory(directory, id))) writeFileSync(fencedFile(directory, id), "");
      }
      const markers = new Set<string>();
      for (const record of containersOf(pod)) {
        const alive = signal(record, "SIGKILL");
        if (!alive && swept.has(record.id)) continue;
        killCgroups(record.cgroups);
        markers.add(`${cluster}/${node}/${record.id}`);
        if (!alive) swept.add(record.id);
      }
      if (markers.size > 0) await killMarked(markers);
    },
  };
}
