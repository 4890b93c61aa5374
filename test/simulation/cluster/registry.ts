// Where images come from, in runs in which machines have none: pulls take their time, and for a while there is nobody
// to pull from.

import { RuntimeError } from "../../../node-agent/mod.ts";
import type { Timeline } from "../engine/timeline.ts";

export interface RegistryRates {
  /** What a pull takes. */
  readonly pullMs: number;
}

export class Registry {
  readonly #timeline: Timeline;
  readonly #rates: RegistryRates | undefined;
  /** Wire names of hosts that do not reach it, and how long each of them tries. */
  readonly unreachable = new Map<string, number>();

  constructor(timeline: Timeline, rates: RegistryRates | undefined) {
    this.#timeline = timeline;
    this.#rates = rates;
  }

  /** Resolves when the host has the image's layers; rejects with ErrImagePull. */
  async fetch(wire: string, reference: string): Promise<void> {
    const triesMs = this.unreachable.get(wire);
    const { pullMs = 0 } = this.#rates ?? {};
    if (triesMs === undefined && pullMs === 0) return;
    await new Promise<void>((resolve) => this.#timeline.after(triesMs ?? pullMs, resolve));
    if (triesMs !== undefined)
      throw new RuntimeError("ErrImagePull", `pull of ${reference} failed: the registry cannot be reached`);
  }

  heal(): void {
    this.unreachable.clear();
  }
}
