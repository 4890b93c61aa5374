// Volumes on the host's file system: `<directory>/pods/<uid>/{volumes/<name>,logs}`. emptyDir lives there,
// hostPath is only looked at. Nothing outside that directory is ever removed.

import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  failure,
  isDnsLabel,
  parseUid,
  type Result,
  success,
  type Uid,
  type Volume,
} from "../../protocol/mod.ts";
import { prepareEmptyDir } from "./empty-dir.ts";
import { checkHostPath } from "./host-path.ts";
import type { PodVolumes } from "./pod-volumes.ts";
import { unmountBelow } from "./tmpfs.ts";

export function volumeDirectory(directory: string): PodVolumes {
  const root = join(directory, "pods");
  const podDirectory = (uid: Uid): string => join(root, uid);
  return {
    async prepare(uid, pod) {
      const checked = parseUid(uid);
      if (!checked.ok) return checked;
      await mkdir(join(podDirectory(uid), "logs"), { recursive: true });
      const paths: Record<string, string> = {};
      for (const volume of pod.spec?.volumes ?? []) {
        const path = await prepareVolume(volume, join(podDirectory(uid), "volumes"));
        if (!path.ok) return failure(path.error.code, `volume ${volume.name}: ${path.error.message}`);
        paths[volume.name] = path.value;
      }
      return success(paths);
    },
    logDirectory: (uid) => join(podDirectory(uid), "logs"),
    async cleanUp(uid) {
      if (!parseUid(uid).ok) return;
      const path = podDirectory(uid);
      const found = await lstat(path).catch(() => undefined);
      if (!found) return;
      // A pod's own directory is never a link; if somebody made it one, only the link goes.
      if (found.isDirectory()) await unmountBelow(path);
      await rm(path, { recursive: true, force: true });
    },
    async pods() {
      const names = await readdir(root).catch(() => []);
      return names.flatMap((name) => {
        const uid = parseUid(name);
        return uid.ok ? [uid.value] : [];
      });
    },
  };
}

async function prepareVolume(volume: Volume, parent: string): Promise<Result<string>> {
  if (!isDnsLabel(volume.name)) return failure("Invalid", "its name is no DNS label");
  const { name, emptyDir, hostPath } = volume;
  if (emptyDir) return prepareEmptyDir(emptyDir, join(parent, name));
  if (hostPath) return checkHostPath(hostPath);
  const kind = Object.keys(volume).filter((key) => key !== "name");
  if (kind.length === 0) return prepareEmptyDir({}, join(parent, name));
  return failure(
    "Invalid",
    `type ${kind.join(", ")} is not supported by this node; emptyDir and hostPath are`,
  );
}
