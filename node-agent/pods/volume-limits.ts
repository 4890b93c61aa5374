// The size limits of emptyDir volumes on disk; those in memory are held by the file system itself.

import { parseBytes, type Pod, type Volume } from "../../protocol/mod.ts";
import type { PodHost } from "./pod-host.ts";
import type { PodState } from "./pod-state.ts";

const isLimited = ({ emptyDir }: Volume): boolean =>
  emptyDir?.sizeLimit !== undefined && emptyDir.medium !== "Memory";

export const hasLimitedVolumes = (pod: Pod): boolean => (pod.spec?.volumes ?? []).some(isLimited);

/** In Kubernetes' words, why the pod is evicted; undefined while every volume is within its limit. */
export async function overLimit(host: PodHost, { uid, pod }: PodState): Promise<string | undefined> {
  for (const { name, emptyDir } of (pod.spec?.volumes ?? []).filter(isLimited)) {
    const limit = parseBytes(emptyDir?.sizeLimit ?? 0);
    if (!limit.ok || limit.value === 0) continue;
    if ((await host.volumes.usedBytes(uid, name)) > limit.value) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit}". `;
    }
  }
  return undefined;
}
