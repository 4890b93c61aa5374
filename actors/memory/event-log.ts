// The log over a client in memory: the same outcomes as JetStream's, and the hub's faults on the way.

import { BusError } from "../bus.ts";
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
import type { MemoryClient } from "./client.ts";
import type { MemoryHub } from "./hub.ts";
import { MemoryLogReader } from "./reader.ts";
import type { MemoryStream } from "./stream.ts";

const callTimeoutMs = 5_000;

export class MemoryEventLog implements EventLog {
  readonly name: string;
  readonly #hub: MemoryHub;
  readonly #client: MemoryClient;

  constructor(hub: MemoryHub, client: MemoryClient, name: string) {
    this.#hub = hub;
    this.#client = client;
    this.name = name;
  }

  ensure(): Promise<LogInfo> {
    return this.#client.roundTrip(() => this.#hub.createStream(this.name).info(), callTimeoutMs);
  }

  info(): Promise<LogInfo> {
    return this.#client.roundTrip(() => this.#stream().info(), callTimeoutMs);
  }

  get(sequence: number): Promise<LogEntry | undefined> {
    return this.#client.roundTrip(() => this.#stream().get(sequence), callTimeoutMs);
  }

  read(options: ReadOptions): LogReader {
    return new MemoryLogReader(this.#client, () => this.#hub.stream(this.name), options);
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    const fault = this.#hub.faults.append(this.#client.name, request);
    const sent = { ...request, data: request.data.slice() };
    const { clock } = this.#hub.world;
    switch (fault.type) {
      case "no-leader":
        return this.#send(
          () => ({ type: "unknown", message: "the stream has no leader at the moment" }),
          request.timeoutMs,
        );
      case "none":
        return this.#send(() => this.#stream().append(sent), request.timeoutMs);
      case "lose-request":
        return this.#lost(request.timeoutMs);
      case "lose-acknowledgement":
        this.#client.toServer(() => void this.#hub.stream(this.name)?.append(sent));
        return this.#lost(request.timeoutMs);
      case "delay":
        // Stored or refused long after the writer gave up, as was seen on three replicas.
        this.#client.toServer(() =>
          clock.after(fault.delayMs, () => void this.#hub.stream(this.name)?.append(sent)),
        );
        return this.#lost(request.timeoutMs);
    }
  }

  async #send(work: () => AppendOutcome, timeoutMs: number): Promise<AppendOutcome> {
    try {
      return await this.#client.roundTrip(work, timeoutMs);
    } catch (error) {
      // A missing stream too: on NATS nobody answers then, which may as well be a stream without a leader.
      if (error instanceof BusError || error instanceof LogError)
        return { type: "unknown", message: error.message };
      throw error;
    }
  }

  async #lost(timeoutMs: number): Promise<AppendOutcome> {
    await this.#client.clock.sleep(timeoutMs);
    return { type: "unknown", message: "no acknowledgement in time" };
  }

  #stream(): MemoryStream {
    const stream = this.#hub.stream(this.name);
    if (!stream) throw new LogError("StreamMissing", `there is no stream ${this.name}`);
    return stream;
  }
}
