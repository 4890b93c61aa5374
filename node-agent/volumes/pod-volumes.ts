// The volumes of a pod as its life cycle sees them. Implementations: volume-directory.ts (the host's files) and
// simulated-volumes.ts (no files, for virtual time).

import type { Pod, Result, Uid } from "../../protocol/mod.ts";

export interface PodVolumes {
  /** Idempotent. Host path by volume name; Invalid with the volume's name and what was found otherwise. */
  prepare(uid: Uid, pod: Pod): Promise<Result<Readonly<Record<string, string>>>>;
  /** Where the runtime keeps this pod's logs. */
  logDirectory(uid: Uid): string;
  /** Unmounts and removes everything that `prepare` made for it, and its logs. Idempotent. */
  cleanUp(uid: Uid): Promise<void>;
  /** Pods that have something here, for the sweep after a restart. */
  pods(): Promise<readonly Uid[]>;
}
