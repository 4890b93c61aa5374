// Volumes without files, for clusters on virtual time: the paths are names only.

import { failure, success, type Uid } from "../../protocol/mod.ts";
import { isClaimVolume, type PodVolumes } from "./pod-volumes.ts";
import { isFileVolume } from "./volume-files.ts";

export function simulatedVolumes(): PodVolumes {
  const pods = new Set<Uid>();
  return {
    prepare(uid, pod, filesOf) {
      pods.add(uid);
      const paths: Record<string, string> = {};
      for (const volume of pod.spec?.volumes ?? []) {
        if (isClaimVolume(volume)) continue;
        const files = filesOf && isFileVolume(volume) ? filesOf(volume) : success([]);
        if (!files.ok) {
          return Promise.resolve(failure(files.error.code, `volume ${volume.name}: ${files.error.message}`));
        }
        paths[volume.name] = volume.hostPath?.path ?? `/${uid}/${volume.name}`;
      }
      return Promise.resolve(success(paths));
    },
    subPath: (_uid, { volume, subPath }) => Promise.resolve(success(`${volume}/${subPath}`)),
    endFile: (uid, container, attempt) => Promise.resolve(`/${uid}/ends/${container}-${attempt}`),
    readEndFile: () => Promise.resolve(""),
    usedBytes: () => Promise.resolve(0),
    podBytes: () => Promise.resolve(0),
    dropVolumes: () => Promise.resolve(),
    logDirectory: (uid) => `/${uid}/logs`,
    networkDirectory: (uid) => `/${uid}/network`,
    cleanUp(uid) {
      pods.delete(uid);
      return Promise.resolve();
    },
    pods: () => Promise.resolve([...pods]),
  };
}
