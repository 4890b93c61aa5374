// Makes sure that an image is here, by its pull policy. Pods that want the same image share one pull.

import { type ContainerRuntime, type ImageInfo, RuntimeError } from "../runtime/runtime.ts";
import type { PullPolicy } from "./container-spec.ts";
import { Gate } from "./gate.ts";

/** Pulls at the same time; more only share the line. */
export const parallelPulls = 3;

export class ImagePuller {
  readonly #runtime: ContainerRuntime;
  readonly #gate = new Gate(parallelPulls);
  readonly #pulls = new Map<string, Promise<ImageInfo>>();

  readonly #pulled: ((image: ImageInfo) => Promise<void>) | undefined;

  /** `pulled` is told of every image that was brought here. */
  constructor(runtime: ContainerRuntime, pulled?: (image: ImageInfo) => Promise<void>) {
    this.#runtime = runtime;
    this.#pulled = pulled;
  }

  /** Rejects with RuntimeError ErrImagePull, ErrImageNeverPull, InvalidImageName or Unavailable. */
  async ensure(reference: string, policy: PullPolicy): Promise<void> {
    if (policy !== "Always" && (await this.#runtime.imagePresent(reference))) return;
    if (policy === "Never") {
      const message = `Container image "${reference}" is not present with pull policy of Never`;
      throw new RuntimeError("ErrImageNeverPull", message);
    }
    await this.#pull(reference);
  }

  #pull(reference: string): Promise<ImageInfo> {
    const known = this.#pulls.get(reference);
    if (known) return known;
    const pull = this.#gate
      .run(async () => {
        const image = await this.#runtime.pullImage(reference);
        await this.#pulled?.(image);
        return image;
      })
      .catch((error: unknown) => {
        if (error instanceof RuntimeError && error.code !== "NotFound") throw error;
        const words = error instanceof Error ? error.message : String(error);
        throw new RuntimeError("ErrImagePull", `failed to pull image "${reference}": ${words}`, {
          cause: error,
        });
      })
      .finally(() => this.#pulls.delete(reference));
    this.#pulls.set(reference, pull);
    return pull;
  }
}
