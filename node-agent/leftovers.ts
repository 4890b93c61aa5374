// Removes what former agents left in the runtime and on disk for pods that nobody wants here any more.
// The runtime lists only this cluster's and node's own: what is foreign is never seen, and never touched.

import type { Logger } from "../actors/mod.ts";
import type { Uid } from "../protocol/mod.ts";
import { defaultGraceSeconds } from "./pods/timing.ts";
import type { ContainerRuntime, SandboxState } from "./runtime/runtime.ts";
import type { PodVolumes } from "./volumes/pod-volumes.ts";

export interface SweepOptions {
  readonly runtime: ContainerRuntime;
  readonly volumes: PodVolumes;
  readonly logger: Logger;
  /** Pods that have an actor: they look after their own. Asked again before each removal. */
  readonly isKept: (pod: Uid) => boolean;
  /** For the containers of pods whose own grace nobody remembers. */
  readonly graceMs?: number;
}

/** Rejects when the runtime does not answer; what was not removed is found by the next sweep. */
export async function sweepLeftovers(options: SweepOptions): Promise<void> {
  const { runtime, volumes, isKept } = options;
  const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()]);
  const lost = new Map<Uid, SandboxState[]>();
  for (const sandbox of sandboxes) {
    if (!isKept(sandbox.pod.uid)) lost.set(sandbox.pod.uid, [...(lost.get(sandbox.pod.uid) ?? []), sandbox]);
  }
  for (const { pod } of containers) if (!isKept(pod) && !lost.has(pod)) lost.set(pod, []);
  await Promise.all([...lost].map(([uid, own]) => removePod(uid, own, options)));
  for (const uid of await volumes.pods()) if (!isKept(uid)) await volumes.cleanUp(uid);
}

async function removePod(uid: Uid, sandboxes: readonly SandboxState[], options: SweepOptions): Promise<void> {
  const { runtime, logger, isKept, graceMs = defaultGraceSeconds * 1000 } = options;
  if (isKept(uid)) return;
  const containers = await runtime.listContainers(uid);
  logger.info(
    { pod: uid, sandboxes: sandboxes.length, containers: containers.length },
    "removing a pod that nobody wants here",
  );
  await Promise.all(
    containers.map(async ({ id, state }) => {
      if (state === "running" || state === "unknown") await runtime.stopContainer(id, graceMs);
    }),
  );
  for (const { id } of sandboxes) await runtime.stopSandbox(id);
  await Promise.all(containers.map(({ id }) => runtime.removeContainer(id)));
  for (const { id } of sandboxes) await runtime.removeSandbox(id);
}
