// Deletes the data of released volumes on the leader's word, and says so. What a pod that is still here uses stays:
// the leader asks again.

import type { Logger } from "../actors/mod.ts";
import type {
  AssignedVolume,
  DeleteVolumesMessage,
  Uid,
  VolumeDeletedMessage,
  VolumeSource,
} from "../protocol/mod.ts";
import type { ClaimVolumes } from "./volumes/claim-volumes.ts";

export interface VolumeDeleterOptions {
  readonly claims: ClaimVolumes;
  readonly logger: Logger;
  /** Of every pod that is here, also of those that are leaving. */
  volumesInUse(): Iterable<AssignedVolume>;
  tell(message: VolumeDeletedMessage): void;
}

export class VolumeDeleter {
  readonly #options: VolumeDeleterOptions;
  readonly #deleting = new Set<Uid>();

  constructor(options: VolumeDeleterOptions) {
    this.#options = options;
  }

  /** Resolves when every volume of the message was looked at. */
  async delete({ session, volumes }: DeleteVolumesMessage): Promise<void> {
    const inUse = new Set(Array.from(this.#options.volumesInUse(), ({ source }) => handleOf(source)));
    await Promise.all(
      volumes.map(async ({ uid, source }) => {
        if (this.#deleting.has(uid) || inUse.has(handleOf(source))) return;
        this.#deleting.add(uid);
        try {
          await this.#deleteOne({ uid, source, session });
        } finally {
          this.#deleting.delete(uid);
        }
      }),
    );
  }

  async #deleteOne(volume: {
    readonly uid: Uid;
    readonly source: VolumeSource;
    readonly session: DeleteVolumesMessage["session"];
  }): Promise<void> {
    const { claims, logger, tell } = this.#options;
    const { uid, source, session } = volume;
    const removed = await claims.remove(source);
    const handle = handleOf(source);
    if (removed.ok) logger.info({ volume: handle }, "deleted the data of a released volume");
    else
      logger.warn({ volume: handle, error: removed.error.message }, "a volume's data could not be deleted");
    tell({
      version: 1,
      session,
      volume: uid,
      ...(!removed.ok && { error: removed.error.message }),
    });
  }
}

const handleOf = (source: VolumeSource): string => (source.type === "path" ? source.path : source.handle);
