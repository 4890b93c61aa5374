// Keeps the service table current and the proxy in line with it, and acknowledges positions that traffic follows.
// A gap in the chain, a reconnect, or a pod that needs a later position asks for the whole table.

import type { Cancel, Clock, Logger } from "../actors/mod.ts";
import type { EndpointsMessage, EndpointsTable, Position, ServiceEntry } from "../protocol/mod.ts";
import type { ServiceProxy } from "./network/service-proxy.ts";
import { ServiceTable, serviceKey } from "./service-table.ts";

export interface ServiceSyncOptions {
  readonly proxy: ServiceProxy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asks the leader; undefined when it could not be had now. */
  fetchTable(): Promise<EndpointsTable | undefined>;
  acknowledge(position: Position): void;
}

/** At most 20 acknowledgements a second. */
const ackGapMs = 50;
/** From one change of the proxy to the next: pods that become ready one after the other are one change. */
const applyGapMs = 50;
const fetchRetryMs = 500;
const fetchRetryMaxMs = 10_000;
const proxyRetryMs = 1000;
/** A pod waits this long for the services of its environment, then starts with those that are known. */
export const servicesWaitMs = 5000;
/** A lost last message leaves no gap to notice: the table is asked for now and then. */
const refreshMs = 300_000;

export class ServiceSync {
  readonly table = new ServiceTable();
  readonly #options: ServiceSyncOptions;
  #remembered: readonly ServiceEntry[] = [];
  #applied = 0 as Position;
  #dirty = new Set<string>();
  #replaceAll = true;
  #applying = false;
  #fetching = false;
  #fetchFailures = 0;
  #ready = false;
  #stopped = false;
  #ackTimer: Cancel | undefined;
  #lastAck = Number.NEGATIVE_INFINITY;
  readonly #timers = new Set<Cancel>();
  readonly #waiting = new Set<{ readonly position: Position; readonly wake: () => void }>();

  constructor(options: ServiceSyncOptions) {
    this.#options = options;
  }

  /** Position that the proxy shows. */
  get applied(): Position {
    return this.#applied;
  }

  /** Registered (again), or connected again: the table may have moved on unseen. */
  refresh(): void {
    this.#ready = true;
    this.#fetchFailures = 0;
    void this.#fetch();
  }

  change(message: EndpointsMessage): void {
    const outcome = this.table.apply(message);
    if (outcome === "gap") void this.#fetch();
    if (outcome !== "applied") return;
    const service = message.type === "service" ? message.service : message;
    this.#dirty.add(serviceKey(service.namespace, service.name));
    this.#moved();
  }

  /** Resolves when the table shows `position`, at the latest after servicesWaitMs. */
  at(position: Position): Promise<void> {
    if (this.table.position >= position || this.#stopped) return Promise.resolve();
    void this.#fetch();
    return new Promise((resolve) => {
      const waiter = {
        position,
        wake: (): void => {
          cancel();
          this.#waiting.delete(waiter);
          resolve();
        },
      };
      const cancel = this.#options.clock.after(servicesWaitMs, waiter.wake);
      this.#waiting.add(waiter);
    });
  }

  /** For environments alone: what this node knew before it restarted, until it has the leader's table. */
  remember(services: readonly ServiceEntry[]): void {
    this.#remembered = services;
  }

  entries(): Iterable<ServiceEntry> {
    return this.table.position === 0 ? this.#remembered : this.table.entries();
  }

  stop(): void {
    this.#stopped = true;
    this.#ackTimer?.();
    for (const cancel of this.#timers) cancel();
    for (const waiter of this.#waiting) waiter.wake();
  }

  #moved(): void {
    for (const waiter of this.#waiting) if (this.table.position >= waiter.position) waiter.wake();
    void this.#apply();
  }

  #later(delayMs: number, action: () => void): void {
    if (this.#stopped) return;
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
  }

  async #fetch(): Promise<void> {
    if (this.#fetching || !this.#ready || this.#stopped) return;
    this.#fetching = true;
    const table = await this.#options.fetchTable().catch(() => undefined);
    this.#fetching = false;
    if (this.#stopped) return;
    if (!table) {
      this.#fetchFailures += 1;
      const delayMs = Math.min(fetchRetryMaxMs, fetchRetryMs * 2 ** Math.min(10, this.#fetchFailures - 1));
      this.#later(delayMs, () => void this.#fetch());
      return;
    }
    this.#fetchFailures = 0;
    if (this.table.replace(table)) this.#replaceAll = true;
    this.#moved();
    this.#scheduleRefresh();
  }

  #refreshTimer: Cancel | undefined;
  #scheduleRefresh(): void {
    if (this.#refreshTimer) {
      this.#refreshTimer();
      this.#timers.delete(this.#refreshTimer);
    }
    this.#refreshTimer = this.#options.clock.after(refreshMs, () => void this.#fetch());
    this.#timers.add(this.#refreshTimer);
  }

  /** One at a time; what changes meanwhile is taken together in the next round. */
  async #apply(): Promise<void> {
    if (this.#applying || this.#stopped) return;
    this.#applying = true;
    try {
      // Also without a change: the leader may have missed what it was told.
      if (!this.#isBehind()) this.#acknowledge();
      while (!this.#stopped && this.#isBehind()) {
        await this.#applyRound();
        this.#acknowledge();
        await this.#options.clock.sleep(applyGapMs);
      }
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.#options.logger.error({ error: words }, "the service proxy could not be changed; trying again");
      this.#replaceAll = true;
      this.#later(proxyRetryMs, () => void this.#apply());
    } finally {
      this.#applying = false;
    }
  }

  #isBehind(): boolean {
    return this.#replaceAll || this.#dirty.size > 0;
  }

  async #applyRound(): Promise<void> {
    const { proxy } = this.#options;
    const { position } = this.table;
    const keys = this.#dirty;
    const replaceAll = this.#replaceAll;
    this.#dirty = new Set();
    this.#replaceAll = false;
    if (replaceAll) {
      await proxy.replace([...this.table.entries()]);
    } else {
      for (const key of keys) {
        const service = this.table.get(key);
        const [namespace = "", name = ""] = key.split("/");
        await (service ? proxy.set(service) : proxy.remove(namespace, name));
      }
    }
    this.#applied = position;
  }

  #acknowledge(): void {
    if (this.#ackTimer || this.#stopped || this.#applied === 0) return;
    const { clock } = this.#options;
    const waitMs = Math.max(0, this.#lastAck + ackGapMs - clock.monotonic());
    const send = (): void => {
      this.#ackTimer = undefined;
      this.#lastAck = clock.monotonic();
      this.#options.acknowledge(this.#applied);
    };
    if (waitMs === 0) send();
    else this.#ackTimer = clock.after(waitMs, send);
  }
}
