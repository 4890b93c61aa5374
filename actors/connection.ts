// One client's connection: the bus, and logs that travel over the same wire.
// Adapters: connectNats (nats/) and createMemoryHub (memory/).

import type { Bus } from "./bus.ts";
import type { EventLog } from "./log.ts";

export interface EventLogOptions {
  /** Name of the JetStream stream. */
  readonly stream: string;
  /** The one subject that the stream stores. */
  readonly subject: string;
}

export interface Connection {
  readonly bus: Bus;
  eventLog(options: EventLogOptions): EventLog;
  /** Closes the bus and ends every reader. */
  close(): Promise<void>;
}
