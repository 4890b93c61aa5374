// The volumes of a pod as its life cycle sees them. Implementations: volume-directory.ts (the host's files) and
// simulated-volumes.ts (no files, for virtual time).

import type { Pod, Result, Uid, Volume } from "../../protocol/mod.ts";
import type { VolumeFile } from "./volume-files.ts";

/** Files of the volumes that show config maps, secrets and fields of the pod. */
export type FilesOf = (volume: Volume) => Result<readonly VolumeFile[]>;

/** Its data is a claim's: claim-volumes.ts looks after it. */
export const isClaimVolume = ({ persistentVolumeClaim, ephemeral }: Volume): boolean =>
  (persistentVolumeClaim ?? ephemeral) !== undefined;

/** One mount of a part of a volume. */
export interface SubPathMount {
  readonly container: string;
  /** Place in the container's list of mounts. */
  readonly index: number;
  /** Host path of the volume. */
  readonly volume: string;
  readonly subPath: string;
}

export interface PodVolumes {
  /**
   * Idempotent, and called again when files have changed. Host path by volume name; Invalid or NotFound with the
   * volume's name and what was found otherwise.
   */
  prepare(uid: Uid, pod: Pod, filesOf?: FilesOf): Promise<Result<Readonly<Record<string, string>>>>;
  /** Host path of a part of a volume that nothing in the volume can lead astray. */
  subPath(uid: Uid, mount: SubPathMount): Promise<Result<string>>;
  /** An empty file for what one attempt of a container says about its end. */
  endFile(uid: Uid, container: string, attempt: number): Promise<string>;
  /** What was written there, at most 4 KiB; empty when nothing was. */
  readEndFile(uid: Uid, container: string, attempt: number): Promise<string>;
  /** Bytes on disk of an emptyDir. */
  usedBytes(uid: Uid, volume: string): Promise<number>;
  /** Bytes on disk of everything of this pod here: volumes, logs, ends. */
  podBytes(uid: Uid): Promise<number>;
  /** Unmounts and removes its volumes; logs stay. For a pod that has ended. Idempotent. */
  dropVolumes(uid: Uid): Promise<void>;
  /** Where the runtime keeps this pod's logs. */
  logDirectory(uid: Uid): string;
  /** For what the runtime needs for the pod's network; made by whoever writes there. */
  networkDirectory(uid: Uid): string;
  /** Unmounts and removes everything that `prepare` made for it, and its logs. Idempotent. */
  cleanUp(uid: Uid): Promise<void>;
  /** Pods that have something here, for the sweep after a restart. */
  pods(): Promise<readonly Uid[]>;
}
