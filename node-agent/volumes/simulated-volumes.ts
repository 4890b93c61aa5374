// Volumes without files, for clusters on virtual time: the paths are names only.

import { success, type Uid } from "../../protocol/mod.ts";
import type { PodVolumes } from "./pod-volumes.ts";

export function simulatedVolumes(): PodVolumes {
  const pods = new Set<Uid>();
  return {
    prepare(uid, pod) {
      pods.add(uid);
      const paths: Record<string, string> = {};
      for (const { name, hostPath } of pod.spec?.volumes ?? [])
        paths[name] = hostPath?.path ?? `/${uid}/${name}`;
      return Promise.resolve(success(paths));
    },
    logDirectory: (uid) => `/${uid}/logs`,
    cleanUp(uid) {
      pods.delete(uid);
      return Promise.resolve();
    },
    pods: () => Promise.resolve([...pods]),
  };
}
