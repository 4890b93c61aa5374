// The services of the cluster as this node knows them: a table and a chain of changes on top of it.
// It holds no sockets and no rules; the proxy is brought in line by service-sync.ts.

import {
  type EndpointsMessage,
  type EndpointsTable,
  type LogPoint,
  type Position,
  positionZero,
  type ServiceEntry,
} from "../protocol/mod.ts";

export type ChangeOutcome = "applied" | "ignored" | "gap";

/** Changes kept while the table itself is still asked for. */
const maxKept = 4096;

export const serviceKey = (namespace: string, name: string): string => `${namespace}/${name}`;

export class ServiceTable {
  #point: LogPoint | undefined;
  readonly #services = new Map<string, ServiceEntry>();
  /** Changes that came before the table that they belong on. */
  #early: EndpointsMessage[] = [];

  get position(): Position {
    return this.#point?.position ?? positionZero;
  }
  get point(): LogPoint | undefined {
    return this.#point;
  }
  entries(): Iterable<ServiceEntry> {
    return this.#services.values();
  }
  get(key: string): ServiceEntry | undefined {
    return this.#services.get(key);
  }

  /** Takes the whole table, unless it is older than what is here. True if it was taken. */
  replace(table: EndpointsTable): boolean {
    const { logId, epoch, position } = table;
    const known = this.#point;
    const older = known?.logId === logId && (epoch < known.epoch || position < known.position);
    if (older) return false;
    this.#point = { logId, epoch, position };
    this.#services.clear();
    for (const service of table.services)
      this.#services.set(serviceKey(service.namespace, service.name), service);
    const early = this.#early.toSorted((a, b) => a.from - b.from);
    this.#early = [];
    for (const change of early) this.apply(change);
    return true;
  }

  apply(change: EndpointsMessage): ChangeOutcome {
    const known = this.#point;
    if (known?.logId === change.logId && (change.epoch < known.epoch || change.to <= known.position))
      return "ignored";
    if (known?.logId !== change.logId || change.from !== known.position) {
      if (this.#early.length < maxKept) this.#early.push(change);
      return "gap";
    }
    const { logId, epoch, to } = change;
    this.#point = { logId, epoch, position: to };
    if (change.type === "removed") this.#services.delete(serviceKey(change.namespace, change.name));
    else this.#services.set(serviceKey(change.service.namespace, change.service.name), change.service);
    return "applied";
  }
}
