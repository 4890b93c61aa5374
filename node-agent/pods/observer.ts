// Looks at the runtime for all pods at once and hands each its part: on events, on request, and now and then.
// It trusts no event's content; an event only says where to look.

import type { Cancel, Clock, Logger } from "../../actors/mod.ts";
import type { Uid } from "../../protocol/mod.ts";
import type {
  ContainerId,
  ContainerRuntime,
  ContainerStatusInfo,
  RuntimeEvent,
  SandboxState,
} from "../runtime/runtime.ts";
import type { PodEvent } from "./pod-action.ts";

export interface RuntimeView {
  readonly sandboxes: readonly SandboxState[];
  readonly containers: readonly ContainerStatusInfo[];
}

export interface ObserverOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pods that are looked after now. */
  pods(): Iterable<Uid>;
  deliver(pod: Uid, event: PodEvent): void;
  /** Tells whether the runtime answers. */
  health(error: Error | undefined): void;
  /** Between full looks when nothing happens. Default 10 s. */
  readonly intervalMs?: number;
}

const defaultIntervalMs = 10_000;
/** Least time between full looks: a burst of events is one look. */
const shortestGapMs = 100;
/** Between full looks, in times what the last one took: an engine that is slow is not kept busy with looks. */
const gapPerLook = 3;
/** A look that took longer than this holds the next one back no longer. */
const longestTakenMs = 300;
const retryMs = 1000;

export class RuntimeObserver {
  readonly #options: ObserverOptions;
  readonly #stopListening: () => void;
  #timer: Cancel | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #looking = false;
  #lastLook = Number.NEGATIVE_INFINITY;
  #lastTookMs = 0;
  #stopped = false;
  readonly #inspecting = new Map<ContainerId, "once" | "again">();

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#stopListening = options.runtime.onEvent((event) => this.#notice(event));
    this.#lookIn(options.intervalMs ?? defaultIntervalMs);
  }

  /** A full look soon; what it finds was so after this call. */
  look(): void {
    const sinceLast = this.#options.clock.monotonic() - this.#lastLook;
    this.#lookIn(Math.max(0, Math.max(shortestGapMs, gapPerLook * this.#lastTookMs) - sinceLast));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
    this.#stopListening();
  }

  #notice(event: RuntimeEvent): void {
    if (this.#stopped) return;
    if (event.type === "container-changed" && event.container !== undefined)
      void this.#inspect(event.container);
    else this.look();
  }

  /** One look at a time per container; an event during it makes one more. */
  async #inspect(id: ContainerId): Promise<void> {
    if (this.#inspecting.has(id)) {
      this.#inspecting.set(id, "again");
      return;
    }
    this.#inspecting.set(id, "once");
    const asOf = this.#options.clock.monotonic();
    try {
      const info = await this.#options.runtime.inspectContainer(id);
      if (this.#stopped) return;
      // A container that is gone is missing from the next full look; that alone proves it.
      if (info) this.#options.deliver(info.pod, { type: "container-observed", asOf, info });
      else this.look();
    } catch {
      this.look();
    } finally {
      const again = this.#inspecting.get(id) === "again";
      this.#inspecting.delete(id);
      if (again && !this.#stopped) void this.#inspect(id);
    }
  }

  #lookIn(delayMs: number): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const dueAt = clock.monotonic() + delayMs;
    if (dueAt >= this.#dueAt && this.#timer) return;
    this.#timer?.();
    this.#dueAt = dueAt;
    this.#timer = clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#dueAt = Number.POSITIVE_INFINITY;
      void this.#lookNow();
    });
  }

  async #lookNow(): Promise<void> {
    if (this.#looking) return this.#lookIn(shortestGapMs);
    const { runtime, clock, logger, intervalMs = defaultIntervalMs } = this.#options;
    this.#looking = true;
    const asOf = clock.monotonic();
    this.#lastLook = asOf;
    try {
      const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()]);
      if (this.#stopped) return;
      this.#options.health(undefined);
      this.#distribute({ sandboxes, containers }, asOf);
      this.#lookIn(intervalMs);
    } catch (error) {
      if (this.#stopped) return;
      const cause = error instanceof Error ? error : new Error(String(error));
      logger.warn({ error: cause.message }, "the container runtime does not answer");
      this.#options.health(cause);
      this.#lookIn(retryMs);
    } finally {
      this.#lastTookMs = Math.min(clock.monotonic() - asOf, longestTakenMs);
      this.#looking = false;
    }
  }

  #distribute(view: RuntimeView, asOf: number): void {
    const sandboxes = Map.groupBy(view.sandboxes, ({ pod }) => pod.uid);
    const containers = Map.groupBy(view.containers, ({ pod }) => pod);
    for (const uid of this.#options.pods()) {
      this.#options.deliver(uid, {
        type: "observed",
        asOf,
        sandboxes: sandboxes.get(uid) ?? [],
        containers: containers.get(uid) ?? [],
      });
    }
  }
}
