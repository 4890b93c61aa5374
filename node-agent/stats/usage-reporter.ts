// Measures the node and its containers at an interval and publishes the figures, newest only: what is lost or fails
// is made good by the next round. Rates are of the time between two rounds, so the first has none.

import type { Cancel, Clock, Logger } from "../../actors/mod.ts";
import type { ContainerUsage as UsedNow } from "../runtime/runtime.ts";
import type { ContainerId, ContainerRuntime } from "../runtime/runtime.ts";
import type {
  ContainerUsage,
  PodReport,
  PodUsage,
  SessionId,
  Uid,
  Usage,
  UsageMessage,
} from "../../protocol/mod.ts";

/** Containers that are measured at a time; then others get their turn. */
const containersAtATime = 32;
/** Pods beyond this many are left out: a message has its bounds. */
const mostPods = 10_000;

export interface UsageReporterOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** Of the whole machine, since the last call. */
  readonly node: () => Usage;
  /** Last reports of the pods that are here. */
  readonly pods: () => Iterable<PodReport>;
  /** Undefined while nobody would know whose figures these are. */
  readonly session: () => SessionId | undefined;
  readonly publish: (message: UsageMessage) => void;
}

interface Sample extends UsedNow {
  readonly at: number;
}
interface Running {
  readonly pod: Uid;
  readonly name: string;
  readonly id: ContainerId;
}

export class UsageReporter {
  readonly #options: UsageReporterOptions;
  #samples = new Map<ContainerId, Sample>();
  #lastRound: number;
  #cancel: Cancel | undefined;
  #stopped = false;
  #failing = false;

  constructor(options: UsageReporterOptions) {
    this.#options = options;
    this.#lastRound = options.clock.monotonic();
    options.node();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #schedule(): void {
    const { clock, intervalMs } = this.#options;
    this.#cancel = clock.after(intervalMs, () => {
      void this.#round().finally(() => {
        if (!this.#stopped) this.#schedule();
      });
    });
  }

  async #round(): Promise<void> {
    const { clock, intervalMs, node, session: sessionNow, publish, logger } = this.#options;
    if (sessionNow() === undefined) return;
    try {
      const pods = await this.#measure();
      const session = sessionNow();
      if (session === undefined || this.#stopped) return;
      const now = clock.monotonic();
      const windowMs = Math.round(now - this.#lastRound);
      this.#lastRound = now;
      publish({ version: 1, session, at: clock.now(), intervalMs, windowMs, node: node(), pods });
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) logger.warn({ error: String(error) }, "the usage of this node was not measured");
      this.#failing = true;
    }
  }

  async #measure(): Promise<readonly PodUsage[]> {
    const { clock } = this.#options;
    const running = [...runningContainers(this.#options.pods())];
    const samples = new Map<ContainerId, Sample>();
    const figures = new Map<Uid, ContainerUsage[]>();
    for (let from = 0; from < running.length; from += containersAtATime) {
      if (from > 0) await clock.sleep(0);
      const some = running.slice(from, from + containersAtATime);
      const found = await Promise.all(some.map((container) => this.#sample(container)));
      for (const [index, { pod, name, id }] of some.entries()) {
        const sample = found[index];
        if (!sample) continue;
        samples.set(id, sample);
        const usage = rateBetween(this.#samples.get(id), sample);
        if (!usage) continue;
        const list = figures.get(pod);
        if (list) list.push({ name, ...usage });
        else if (figures.size < mostPods) figures.set(pod, [{ name, ...usage }]);
      }
    }
    this.#samples = samples;
    return Array.from(figures, ([uid, containers]) => ({ uid, containers }));
  }

  async #sample({ id }: Running): Promise<Sample | undefined> {
    const { runtime, clock, logger } = this.#options;
    try {
      const used = await runtime.usage(id);
      return used && { ...used, at: clock.monotonic() };
    } catch (error) {
      // One that ends meanwhile is no reason to know nothing of the others.
      logger.debug({ container: id, error: String(error) }, "a container was not measured");
      return undefined;
    }
  }
}

function rateBetween(before: Sample | undefined, now: Sample): Usage | undefined {
  if (!before || now.at <= before.at) return undefined;
  const cpuMilli = Math.max(0, Math.round((1000 * (now.cpuMs - before.cpuMs)) / (now.at - before.at)));
  return { cpuMilli, memoryBytes: now.memoryBytes };
}

/** Sidecars too; init containers that have ended do not run. */
export function* runningContainers(reports: Iterable<PodReport>): Generator<Running> {
  for (const { uid, status } of reports) {
    const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const { name, state, containerID } of all) {
      if (state?.running && containerID) yield { pod: uid, name, id: containerId(containerID) };
    }
  }
}

/** `docker://4f…` is the runtime's name and its id. */
const containerId = (text: string): ContainerId => text.slice(text.indexOf("://") + 3) as ContainerId;
