// Remembers which images this agent pulled and when they were last of use, and removes them when the disk fills.
// What it remembers is on disk; without it nothing is removed, as nobody knows whose an image is.

import { z } from "zod";
import type { Cancel, Clock, Logger } from "../../actors/mod.ts";
import type { RecordStore } from "../host/agent-host.ts";
import type { ContainerRuntime, ContainerStatusInfo, ImageInfo } from "../runtime/runtime.ts";
import {
  bytesToFree,
  defaultImageGc,
  type Disk,
  type HeldImage,
  type ImageGcSettings,
  imagesToRemove,
  type PulledImage,
} from "./image-gc.ts";

/** What is asked of the runtime: images, and which of them containers need. */
interface Images extends Pick<ContainerRuntime, "listImages" | "removeImage"> {
  listContainers(): Promise<readonly Pick<ContainerStatusInfo, "image" | "imageId">[]>;
}

export interface ImageKeeperOptions {
  readonly runtime: Images;
  readonly record: RecordStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings?: ImageGcSettings | undefined;
  /** Of the disk that images are on; undefined where it can't be told. */
  disk(): Promise<Disk | undefined>;
}

const recordSchema = z.array(z.object({ id: z.string(), pulledAt: z.number(), usedAt: z.number() }));

export class ImageKeeper {
  readonly #options: ImageKeeperOptions;
  readonly #settings: ImageGcSettings;
  readonly #pulled = new Map<string, PulledImage>();
  readonly #loaded: Promise<void>;
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(options: ImageKeeperOptions) {
    this.#options = options;
    this.#settings = options.settings ?? defaultImageGc;
    this.#loaded = this.#load();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** An image was brought here for a pod. */
  async pulled({ id }: ImageInfo): Promise<void> {
    await this.#loaded;
    const now = this.#options.clock.now();
    if (this.#pulled.has(id)) return;
    this.#pulled.set(id, { id, pulledAt: now, usedAt: now });
    await this.#save();
  }

  /** Down to the low mark if the disk is above the high one. */
  async collect(): Promise<void> {
    const disk = await this.#options.disk();
    if (disk) await this.#remove(bytesToFree(disk, this.#settings));
  }

  /** Everything that nobody uses: the node is out of disk. */
  collectAll(): Promise<void> {
    return this.#remove(Number.POSITIVE_INFINITY);
  }

  async #remove(wantedBytes: number): Promise<void> {
    await this.#loaded;
    if (this.#pulled.size === 0) return;
    const { runtime, clock, logger } = this.#options;
    const held = await this.#held();
    const chosen = imagesToRemove(held, wantedBytes, this.#settings, clock.now());
    for (const { id, sizeBytes } of chosen) {
      if (!(await runtime.removeImage(id))) continue;
      this.#pulled.delete(id);
      logger.info({ image: id, sizeBytes }, "an image that no container uses was removed: the disk fills");
    }
    await this.#save();
  }

  /** Images that were pulled and are here; those in use are of use now. */
  async #held(): Promise<readonly HeldImage[]> {
    const { runtime, clock } = this.#options;
    const [images, containers] = await Promise.all([runtime.listImages(), runtime.listContainers()]);
    const used = new Set(containers.flatMap(({ image, imageId }) => [image, imageId]));
    const held: HeldImage[] = [];
    const present = new Set(images.map(({ id }) => id));
    for (const id of this.#pulled.keys()) if (!present.has(id)) this.#pulled.delete(id);
    for (const { id, references, sizeBytes } of images) {
      const known = this.#pulled.get(id);
      if (!known) continue;
      const inUse = [id, ...references].some((name) => used.has(name));
      const now = { ...known, usedAt: inUse ? clock.now() : known.usedAt };
      this.#pulled.set(id, now);
      held.push({ ...now, sizeBytes, inUse });
    }
    return held;
  }

  #schedule(): void {
    const { clock, logger } = this.#options;
    this.#cancel = clock.after(this.#settings.intervalMs, () => {
      void this.collect()
        .catch((error: unknown) => logger.warn({ error: String(error) }, "images were not looked through"))
        .finally(() => {
          if (!this.#stopped) this.#schedule();
        });
    });
  }

  async #load(): Promise<void> {
    const { record, logger } = this.#options;
    const text = await record.load().catch(() => undefined);
    if (text === undefined) return;
    try {
      for (const image of recordSchema.parse(JSON.parse(text))) this.#pulled.set(image.id, image);
    } catch (error) {
      logger.warn({ error: String(error) }, "the record of pulled images is unreadable: those images stay");
    }
  }

  async #save(): Promise<void> {
    await this.#options.record.save(JSON.stringify([...this.#pulled.values()]));
  }
}
