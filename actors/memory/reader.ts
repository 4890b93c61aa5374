// Reads a stream in memory: in order, without gaps, while its client is connected.

import { CaughtUpWaiters } from "../caught-up.ts";
import { LogError, type LogEntry, type LogReader, type ReadOptions } from "../log.ts";
import type { MemoryClient } from "./client.ts";
import type { MemoryStream } from "./stream.ts";

export class MemoryLogReader implements LogReader {
  readonly #client: MemoryClient;
  readonly #find: () => MemoryStream | undefined;
  readonly #options: ReadOptions;
  readonly #waiters: CaughtUpWaiters;
  readonly #releaseState: () => void;
  #releaseStream: (() => void) | undefined;
  #stopped = false;
  #delivering = false;

  constructor(client: MemoryClient, find: () => MemoryStream | undefined, options: ReadOptions) {
    this.#client = client;
    this.#find = find;
    this.#options = options;
    this.#waiters = new CaughtUpWaiters(Math.max(1, options.fromSequence) - 1);
    this.#releaseState = client.onState((state) => {
      if (state === "connected") this.#open();
      else if (state === "closed") this.#fail(new LogError("Closed", "the bus was closed"));
    });
    this.#open();
  }

  caughtUp(sequence: number): Promise<void> {
    return this.#waiters.wait(sequence);
  }

  async stop(reason: Error = new LogError("Closed", "the reader was stopped")): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#releaseState();
    this.#releaseStream?.();
    this.#waiters.end(reason);
  }

  #fail(error: Error): void {
    if (this.#stopped) return;
    void this.stop(error);
    this.#options.onError(error);
  }

  #open(): void {
    this.#client.toServer(() => {
      const stream = this.#find();
      if (!stream) {
        this.#client.fromServer(() => this.#fail(new LogError("StreamMissing", "there is no such stream")));
        return;
      }
      this.#releaseStream?.();
      this.#releaseStream = stream.onAppend(() => this.#client.newsFromServer(() => this.#pump(stream)));
      this.#client.fromServer(() => this.#checkAndPump(stream));
    });
  }

  #checkAndPump(stream: MemoryStream): void {
    const { delivered } = this.#waiters;
    const { firstSequence, lastSequence } = stream;
    if (lastSequence < delivered) {
      this.#fail(new LogError("LostTail", `the stream ends at ${lastSequence}, and ${delivered} was read`));
    } else if (firstSequence > delivered + 1) {
      this.#fail(
        new LogError("Trimmed", `the stream begins at ${firstSequence}, and ${delivered + 1} comes next`),
      );
    } else {
      this.#pump(stream);
    }
  }

  #pump(stream: MemoryStream): void {
    while (!this.#stopped && !this.#delivering && this.#client.state === "connected") {
      const entry = stream.get(this.#waiters.delivered + 1);
      if (entry === undefined) return;
      try {
        this.#deliver(entry, stream);
      } catch (error) {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #deliver(entry: LogEntry, stream: MemoryStream): void {
    const result = this.#options.onEntry(entry);
    if (!result) {
      this.#waiters.advance(entry.sequence);
      return;
    }
    this.#delivering = true;
    result.then(
      () => {
        this.#delivering = false;
        this.#waiters.advance(entry.sequence);
        this.#pump(stream);
      },
      (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
  }
}
