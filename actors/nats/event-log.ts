// The log on a JetStream stream.

import type { EventLogOptions } from "../connection.ts";
import {
  LogError,
  type AppendOutcome,
  type AppendRequest,
  type EventLog,
  type LogEntry,
  type LogInfo,
  type LogReader,
  type ReadOptions,
} from "../log.ts";
import type { World } from "../world.ts";
import { AppendChannel } from "./append-channel.ts";
import type { NatsBus } from "./bus.ts";
import { getEntry } from "./get-entry.ts";
import { NatsLogReader } from "./reader.ts";
import { ensureStream, streamInfo, toLogInfo } from "./stream.ts";

export class NatsEventLog implements EventLog {
  readonly name: string;
  readonly #bus: NatsBus;
  readonly #world: World;
  readonly #subject: string;
  readonly #readers = new Set<NatsLogReader>();
  #channel: AppendChannel | undefined;

  constructor(bus: NatsBus, world: World, options: EventLogOptions) {
    this.name = options.stream;
    this.#bus = bus;
    this.#world = world;
    this.#subject = options.subject;
  }

  async ensure(options: { readonly replicas: number; readonly maxBytes?: number }): Promise<LogInfo> {
    return toLogInfo(
      await ensureStream(this.#bus, { stream: this.name, subject: this.#subject, ...options }),
    );
  }

  async info(): Promise<LogInfo> {
    return toLogInfo(await streamInfo(this.#bus, this.name));
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    this.#channel ??= new AppendChannel(this.#bus, this.#world, this.#subject);
    return this.#channel.append(request);
  }

  read(options: ReadOptions): LogReader {
    const reader = new NatsLogReader(this.#bus, this.#world, this.name, options);
    this.#readers.add(reader);
    void reader.ended.then(() => this.#readers.delete(reader));
    return reader;
  }

  get(sequence: number): Promise<LogEntry | undefined> {
    return getEntry(this.#bus, this.name, sequence);
  }

  async close(): Promise<void> {
    this.#channel?.close();
    const closed = new LogError("Closed", `the connection of log ${this.name} was closed`);
    await Promise.all([...this.#readers].map((reader) => reader.stop(closed)));
  }
}
