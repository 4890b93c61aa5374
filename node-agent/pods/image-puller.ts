// Makes sure that an image is here, by its pull policy. Pods that want the same image share one pull.

import {
  type ContainerRuntime,
  type ImageInfo,
  type RegistryCredentials,
  RuntimeError,
} from "../runtime/runtime.ts";
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
  async ensure(
    reference: string,
    policy: PullPolicy,
    credentials: readonly RegistryCredentials[] = [],
  ): Promise<void> {
    if (policy !== "Always" && (await this.#runtime.imagePresent(reference))) return;
    if (policy === "Never") {
      const message = `Container image "${reference}" is not present with pull policy of Never`;
      throw new RuntimeError("ErrImageNeverPull", message);
    }
    const [first, ...others] = credentials;
    let pulling = this.#pull(reference, first);
    // One registry may be known by several secrets: the next is tried when one is refused.
    for (const next of others) pulling = pulling.catch(() => this.#pull(reference, next));
    await pulling;
  }

  #pull(reference: string, credentials: RegistryCredentials | undefined): Promise<ImageInfo> {
    const { server = "", username = "", password = "", identityToken = "" } = credentials ?? {};
    const key = JSON.stringify([reference, server, username, password, identityToken]);
    const known = this.#pulls.get(key);
    if (known) return known;
    const pull = this.#gate
      .run(async () => {
        const image = await this.#runtime.pullImage(reference, credentials);
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
      .finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, pull);
    return pull;
  }
}
