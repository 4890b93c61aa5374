// Volumes on the host's file system: `<directory>/pods/<uid>/{volumes/<name>,logs,ends,parts,network}`. emptyDir and
// files of config maps, secrets and pod fields live there, hostPath is only looked at. Nothing outside is ever removed.

import { chmod, chown, lstat, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
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
import { writeAtomically } from "./atomic-files.ts";
import { diskUsage } from "./disk-usage.ts";
import { prepareEmptyDir } from "./empty-dir.ts";
import { checkHostPath } from "./host-path.ts";
import { canMount, mountTmpfs, unmountBelow } from "./mounts.ts";
import { type FilesOf, isClaimVolume, type PodVolumes } from "./pod-volumes.ts";
import { prepareSubPath } from "./sub-path.ts";
import { holdsSecrets, isFileVolume, type VolumeFile } from "./volume-files.ts";

/** Of what a container says about its end (Kubernetes' MaxContainerTerminationMessageLength). */
const maxEndBytes = 4096;
const everyoneWrites = 0o666;
const fileVolumeMode = 0o755;
/** Members of the group may write, and what is made inside belongs to the group, too. */
const groupShared = 0o2777;

export function volumeDirectory(directory: string): PodVolumes {
  const root = join(directory, "pods");
  const podDirectory = (uid: Uid): string => join(root, uid);
  const endPath = (uid: Uid, container: string, attempt: number): string =>
    join(podDirectory(uid), "ends", `${container}-${attempt}`);
  return {
    async prepare(uid, pod, filesOf) {
      const checked = parseUid(uid);
      if (!checked.ok) return checked;
      await mkdir(join(podDirectory(uid), "logs"), { recursive: true });
      const group = pod.spec?.securityContext?.fsGroup;
      const paths: Record<string, string> = {};
      for (const volume of pod.spec?.volumes ?? []) {
        if (isClaimVolume(volume)) continue;
        const place = { parent: join(podDirectory(uid), "volumes"), group, filesOf };
        const path = await prepareVolume(volume, place);
        if (!path.ok) return failure(path.error.code, `volume ${volume.name}: ${path.error.message}`);
        paths[volume.name] = path.value;
      }
      return success(paths);
    },
    subPath: (uid, { container, index, volume, subPath }) =>
      prepareSubPath({ volume, subPath, place: join(podDirectory(uid), "parts", container, String(index)) }),
    async endFile(uid, container, attempt) {
      const path = endPath(uid, container, attempt);
      await mkdir(join(podDirectory(uid), "ends"), { recursive: true });
      await writeFile(path, "", { flag: "a" });
      await chmod(path, everyoneWrites);
      return path;
    },
    readEndFile: (uid, container, attempt) => readStart(endPath(uid, container, attempt)),
    usedBytes: (uid, volume) => diskUsage(join(podDirectory(uid), "volumes", volume)),
    podBytes: (uid) => diskUsage(podDirectory(uid)),
    async dropVolumes(uid) {
      if (!parseUid(uid).ok) return;
      for (const name of ["volumes", "parts"]) {
        const path = join(podDirectory(uid), name);
        const found = await lstat(path).catch(() => undefined);
        if (found?.isDirectory()) await unmountBelow(path);
        await rm(path, { recursive: true, force: true });
      }
    },
    logDirectory: (uid) => join(podDirectory(uid), "logs"),
    networkDirectory: (uid) => join(podDirectory(uid), "network"),
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

interface Place {
  readonly parent: string;
  readonly group: number | undefined;
  readonly filesOf: FilesOf | undefined;
}

async function prepareVolume(volume: Volume, place: Place): Promise<Result<string>> {
  if (!isDnsLabel(volume.name)) return failure("Invalid", "its name is no DNS label");
  const { name, emptyDir, hostPath } = volume;
  const path = join(place.parent, name);
  if (hostPath) return checkHostPath(hostPath);
  if (isFileVolume(volume) && place.filesOf) return writeFiles(volume, path, place, place.filesOf(volume));
  const kind = Object.keys(volume).filter((key) => key !== "name");
  if (!emptyDir && kind.length > 0)
    return failure("Invalid", `type ${kind.join(", ")} is not supported by this node`);
  const made = await prepareEmptyDir(emptyDir ?? {}, path);
  if (made.ok && place.group !== undefined && canMount()) {
    await chown(path, -1, place.group);
    await chmod(path, groupShared);
  }
  return made;
}

async function writeFiles(
  volume: Volume,
  path: string,
  { group }: Place,
  files: Result<readonly VolumeFile[]>,
): Promise<Result<string>> {
  if (!files.ok) return files;
  try {
    await mkdir(path, { recursive: true });
    if (holdsSecrets(volume) && canMount()) await mountTmpfs(path, undefined);
    await chmod(path, fileVolumeMode);
    await writeAtomically(path, files.value, canMount() ? group : undefined);
    return success(path);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure("Internal", `its files could not be written: ${message}`);
  }
}

async function readStart(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxEndBytes), 0, maxEndBytes, 0);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}
