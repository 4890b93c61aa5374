// A user at a client: does one thing after the other, and compares what it is told with what the log says.

import { type BerthClient, BerthError, connectWith } from "../../../client/mod.ts";
import { HostClock, type SimProcess } from "../engine/process.ts";
import { Violation } from "../invariants/invariant.ts";
import type { Operation } from "../workload/operation.ts";
import { Watching } from "../workload/watcher.ts";
import { perform } from "../workload/perform.ts";
import { ProcessBus } from "./process-bus.ts";
import type { SimCluster } from "./sim-cluster.ts";
import { prefix } from "./sim-master.ts";

/** Errors after which nobody knows whether the command took effect. */
const inDoubt: ReadonlySet<string> = new Set([
  "Timeout",
  "NoLeader",
  "Disconnected",
  "Unavailable",
  "TooManyRequests",
  "Internal",
]);

export class SimUser {
  readonly name: string;
  readonly #cluster: SimCluster;
  readonly #host: HostClock;
  #process: SimProcess | undefined;
  #client: BerthClient | undefined;
  #bus: ProcessBus | undefined;
  underWay = 0;

  constructor(cluster: SimCluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
    this.#host = new HostClock(cluster.timeline, cluster.startAt);
  }

  get bus(): ProcessBus | undefined {
    return this.#bus;
  }

  start(): void {
    const cluster = this.#cluster;
    const process = cluster.process(this.name, this.#host);
    const bus = new ProcessBus(process, cluster.network.connect(this.name, process), cluster.tap);
    this.#process = process;
    this.#bus = bus;
    this.#client = connectWith(bus, { world: process, prefix, user: this.name });
    const kind = cluster.plan.watches[this.name];
    if (kind) void new Watching(cluster, kind).run(this.#client, process);
  }
  /** A client that has seen nothing, on the same connection. */
  newcomer(): BerthClient {
    const [bus, process] = [this.#bus, this.#process];
    if (!bus || !process) throw new Error(`${this.name} has not started`);
    return connectWith(bus, { world: process, prefix, user: this.name });
  }
  heal(): void {
    this.#process?.resume();
  }

  do(operation: Operation): void {
    const [client, process] = [this.#client, this.#process];
    if (!client || !process) return;
    const cluster = this.#cluster;
    const { coverage, trace } = cluster;
    const commandId = process.ids.uuid();
    const acknowledgedBefore = cluster.acknowledged;
    this.underWay++;
    trace.tell(this.name, () => `asks: ${JSON.stringify(operation)} as ${commandId}`);
    perform({ client, cluster, user: this, commandId, acknowledgedBefore }, operation)
      .then(
        (outcome) => {
          coverage.answer(outcome);
          trace.tell(this.name, () => `is answered: ${operation.do} ${outcome}`);
        },
        (error: unknown) => {
          if (error instanceof Violation || !(error instanceof BerthError)) {
            cluster.timeline.fail(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          coverage.answer(error.code);
          trace.tell(this.name, () => `is refused: ${operation.do} ${error.code} ${error.message}`);
          // Copies of the request that are still on their way may take effect later; earlier ones must not have.
          if (!inDoubt.has(error.code) && cluster.oracle.commands.has(commandId)) {
            const message = `${commandId} was refused with ${error.code}, and is in the log`;
            cluster.timeline.fail(new Violation("a refused command has had no effect", message));
          }
        },
      )
      .finally(() => {
        this.underWay--;
      });
  }
}
