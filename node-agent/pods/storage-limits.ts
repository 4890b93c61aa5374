// Limits of what a pod may take of its node's disk: emptyDir volumes (those in memory are held by the file system
// itself), what a container writes outside of volumes, and the pod as a whole.

import { type Container, formatBytes, parseBytes, type Pod, type Volume } from "../../protocol/mod.ts";
import { memoryOf } from "./lifecycle.ts";
import type { PodHost } from "./pod-host.ts";
import { allContainers, type PodState } from "./pod-state.ts";

const isLimited = ({ emptyDir }: Volume): boolean =>
  emptyDir?.sizeLimit !== undefined && emptyDir.medium !== "Memory";

/** In bytes; undefined for a container that may write what it likes. */
function limitOf({ resources }: Container): number | undefined {
  const limit = parseBytes(resources?.limits?.["ephemeral-storage"]);
  return limit.ok && limit.value > 0 ? limit.value : undefined;
}

export const hasStorageLimits = (pod: Pod): boolean =>
  (pod.spec?.volumes ?? []).some(isLimited) ||
  allContainers(pod).some((container) => limitOf(container) !== undefined);

/** In Kubernetes' words, why the pod is evicted; undefined while everything is within its limit. */
export async function overLimit(host: PodHost, state: PodState): Promise<string | undefined> {
  return (await overVolumeLimit(host, state)) ?? (await overContainerLimit(host, state));
}

async function overVolumeLimit(host: PodHost, { uid, pod }: PodState): Promise<string | undefined> {
  for (const { name, emptyDir } of (pod.spec?.volumes ?? []).filter(isLimited)) {
    const limit = parseBytes(emptyDir?.sizeLimit ?? 0);
    if (!limit.ok || limit.value === 0) continue;
    if ((await host.volumes.usedBytes(uid, name)) > limit.value) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit}". `;
    }
  }
  return undefined;
}

async function overContainerLimit(host: PodHost, state: PodState): Promise<string | undefined> {
  const { uid, pod } = state;
  let allowed = 0;
  let used = 0;
  for (const container of allContainers(pod)) {
    const limit = limitOf(container);
    const id = memoryOf(state, container.name)?.current?.id;
    if (limit === undefined) continue;
    const written = id ? await host.runtime.writtenBytes(id) : 0;
    allowed += limit;
    used += written;
    if (written > limit) {
      return `Container ${container.name} exceeded its local ephemeral storage limit "${container.resources?.limits?.["ephemeral-storage"]}". `;
    }
  }
  if (allowed === 0 || used + (await host.volumes.podBytes(uid)) <= allowed) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${formatBytes(allowed)}. `;
}
