// When leftovers of former agents are looked for: one sweep at a time, again for ever, sooner after one that failed.

import type { ActorContext } from "../actors/mod.ts";
import type { Uid } from "../protocol/mod.ts";
import type { AgentMessage } from "./agent-message.ts";
import { sweepLeftovers } from "./leftovers.ts";
import type { PodHost } from "./pods/pod-host.ts";

const retryMs = 10_000;
/** What a former agent asked of a slow engine may come into being after the first sweep. */
const everyMs = 60_000;

export interface SweeperOptions {
  readonly context: ActorContext<AgentMessage>;
  readonly host: Pick<PodHost, "runtime" | "volumes" | "logger">;
  readonly isKept: (pod: Uid) => boolean;
}

export class Sweeper {
  readonly #options: SweeperOptions;
  #sweeping = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  get sweeping(): boolean {
    return this.#sweeping;
  }

  /** Its end comes as a `swept` message. */
  sweep(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    const { context, host, isKept } = this.#options;
    const { runtime, volumes, logger } = host;
    context.pipe(
      sweepLeftovers({ runtime, volumes, logger, isKept }),
      (): AgentMessage => ({ type: "swept", error: undefined }),
      (error): AgentMessage => ({ type: "swept", error }),
    );
  }

  swept(error: Error | undefined): void {
    this.#sweeping = false;
    const { logger, timers } = this.#options.context;
    timers.once("sweep", error ? retryMs : everyMs, { type: "sweep" });
    if (error) logger.warn({ error: error.message }, "leftovers could not all be removed; trying again");
  }

  /** Whatever is there goes, with this grace: the agent ends and takes its pods along. */
  sweepAll(graceMs: number): Promise<void> {
    const { runtime, volumes, logger } = this.#options.host;
    return sweepLeftovers({ runtime, volumes, logger, isKept: () => false, graceMs });
  }
}
