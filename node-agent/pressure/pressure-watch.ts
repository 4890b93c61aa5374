// Watches over the node: measures at an interval, tells the conditions, and while something is short frees what nobody
// uses, and then lets one pod go at a time. Decides nothing itself: judge.ts and ranking.ts do.

import type { Cancel, Clock, Logger } from "../../actors/mod.ts";
import { type Pod, qosClassOf, type Uid } from "../../protocol/mod.ts";
import { defaultGraceSeconds } from "../pods/timing.ts";
import { type Judgement, judge, noPressure, type PressureState, type Shortage } from "./judge.ts";
import { evictionMessage, isCritical, type PodFigures, rankForEviction } from "./ranking.ts";
import { pressureOf, type PressureType, type Signals } from "./signals.ts";
import type { PressureSettings } from "./thresholds.ts";

export interface PressureWatchOptions {
  readonly settings: PressureSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  measure(): Promise<Signals>;
  /** Pods that could go, with what they use of this. */
  figures(of: PressureType): Promise<readonly PodFigures[]>;
  /** Removes images and ended containers that nobody needs. */
  freeDisk(): Promise<void>;
  evict(pod: Uid, message: string, graceSeconds: number): void;
  changed(conditions: ReadonlySet<PressureType>): void;
}

export class PressureWatch {
  readonly #options: PressureWatchOptions;
  #state: PressureState = noPressure;
  #conditions: ReadonlySet<PressureType> = new Set();
  /** The pod that went last may need this long to leave its room. */
  #settlesAt = 0;
  #cancel: Cancel | undefined;
  #stopped = false;
  #failing = false;

  constructor(options: PressureWatchOptions) {
    this.#options = options;
    this.#schedule(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Why a pod that comes now is not taken, in kubelet's words; critical ones always are. */
  refusalOf(pod: Pod): string | undefined {
    if (this.#conditions.size === 0 || isCritical(pod)) return undefined;
    const onlyMemory = this.#conditions.size === 1 && this.#conditions.has("MemoryPressure");
    const spec = pod.spec ?? { containers: [] };
    if (onlyMemory && (qosClassOf(spec) !== "BestEffort" || toleratesMemoryPressure(pod))) return undefined;
    return `The node had condition: [${[...this.#conditions].join(" ")}]. `;
  }

  #schedule(delayMs: number): void {
    const { clock, settings } = this.#options;
    this.#cancel = clock.after(delayMs, () => {
      void this.#safely().finally(() => {
        if (!this.#stopped) this.#schedule(settings.intervalMs);
      });
    });
  }

  async #safely(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#round();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) logger.warn({ error: String(error) }, "the node's resources were not judged");
      this.#failing = true;
    }
  }

  async #round(): Promise<void> {
    const { clock, freeDisk } = this.#options;
    let { shortages } = await this.#judge();
    const [first] = shortages;
    if (!first || this.#stopped) return;
    if (pressureOf(first.threshold.signal) === "DiskPressure") {
      await freeDisk();
      ({ shortages } = await this.#judge());
    }
    const [shortage] = shortages;
    if (!shortage || this.#stopped || clock.monotonic() < this.#settlesAt) return;
    await this.#evictOne(shortage);
  }

  async #judge(): Promise<Judgement> {
    const { measure, settings, clock, changed, logger } = this.#options;
    const judged = judge(this.#state, await measure(), settings, clock.monotonic());
    this.#state = judged.state;
    const same =
      judged.conditions.size === this.#conditions.size &&
      [...judged.conditions].every((type) => this.#conditions.has(type));
    if (!same) {
      this.#conditions = judged.conditions;
      logger.warn({ conditions: [...judged.conditions] }, "the node's pressure changed");
      changed(judged.conditions);
    }
    return judged;
  }

  async #evictOne(shortage: Shortage): Promise<void> {
    const { figures, evict, settings, clock, logger } = this.#options;
    const { signal, graceMs } = shortage.threshold;
    const [first] = rankForEviction(await figures(pressureOf(signal)), shortage);
    if (!first) {
      logger.warn({ signal }, "something is short, and no pod is left that may be evicted");
      return;
    }
    const own = first.pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;
    const graceSeconds = graceMs === 0 ? 0 : Math.min(own, settings.maxPodGraceSeconds);
    this.#settlesAt = clock.monotonic() + graceSeconds * 1000 + settings.intervalMs / 2;
    const message = evictionMessage(first, shortage);
    logger.warn({ pod: first.uid, signal, message }, "a pod is evicted");
    evict(first.uid, message, graceSeconds);
  }
}

const toleratesMemoryPressure = ({ spec }: Pod): boolean =>
  (spec?.tolerations ?? []).some(
    ({ key, operator, effect }) =>
      operator === "Exists" &&
      (key === undefined || key === "" || key === "node.kubernetes.io/memory-pressure") &&
      (!effect || effect === "NoSchedule"),
  );
