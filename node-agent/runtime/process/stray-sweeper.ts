// Ends processes that outlived their container. Walking the table of processes costs milliseconds: those that end
// together share a walk.

import type { Logger } from "../../../actors/mod.ts";
import { killMarked } from "./process-table.ts";

export class StraySweeper {
  readonly #logger: Logger;
  readonly #markers = new Set<string>();
  #sweeping: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `marker` is what a container's processes have in their environment. */
  sweep(marker: string): void {
    this.#markers.add(marker);
    this.#sweeping ??= this.#sweepAll();
  }

  /** Resolves when no walk is under way. */
  async ended(): Promise<void> {
    await this.#sweeping;
  }

  async #sweepAll(): Promise<void> {
    try {
      while (this.#markers.size > 0) {
        const markers = new Set(this.#markers);
        this.#markers.clear();
        const killed = await killMarked(markers);
        if (killed > 0) this.#logger.debug({ killed }, "killed processes that outlived their container");
      }
    } finally {
      this.#sweeping = undefined;
    }
  }
}
