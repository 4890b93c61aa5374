// Reads the log in order by a push consumer of its own, which it makes anew whenever something is missing.
// It trusts nothing but the numbers on the messages: a gap, silence or a reconnect starts from the last one delivered.

import type { Msg } from "nats";

import { BusError, type BusSubscription } from "../bus.ts";
import { CaughtUpWaiters } from "../caught-up.ts";
import { LogError, type LogReader, type ReadOptions } from "../log.ts";
import type { Cancel, World } from "../world.ts";
import type { NatsBus } from "./bus.ts";
import { createPushConsumer, deleteConsumer, heartbeatMs } from "./consumer.ts";
import { JetStreamError } from "./jetstream-api.ts";
import { type DeliveryStatus, NatsLogEntry, readDelivery } from "./log-entry.ts";
import { streamInfo } from "./stream.ts";

/** Heartbeats that may be missed before the consumer is made anew. */
const silenceLimitMs = heartbeatMs * 3;
const firstRetryMs = 50;
const longestRetryMs = 1_000;

interface Consumer {
  readonly name: string;
  readonly subscription: BusSubscription;
  /** Number of the last message that came from it. */
  sequence: number;
}

export class NatsLogReader implements LogReader {
  /** Resolves when it delivers nothing more. */
  readonly ended: Promise<void>;
  readonly #bus: NatsBus;
  readonly #world: World;
  readonly #stream: string;
  readonly #options: ReadOptions;
  readonly #waiters: CaughtUpWaiters;
  readonly #release: () => void;
  #end: () => void = () => undefined;
  #stopped = false;
  #consumer: Consumer | undefined;
  /** Counts openings, so that what belongs to an older one is recognised. */
  #opening = 0;
  #retryMs = firstRetryMs;
  #retryTimer: Cancel | undefined;
  #created: string | undefined;
  /** Arrived and not delivered; bounded by the server's flow control, which waits for our answers. */
  #queue: (NatsLogEntry | DeliveryStatus)[] = [];
  #delivering = false;
  #lastSign = 0;
  #watchdog: Cancel | undefined;

  constructor(bus: NatsBus, world: World, stream: string, options: ReadOptions) {
    this.#bus = bus;
    this.#world = world;
    this.#stream = stream;
    this.#options = options;
    this.#waiters = new CaughtUpWaiters(Math.max(1, options.fromSequence) - 1);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#release = bus.onState((state) => this.#onState(state));
    this.#reopen();
  }

  caughtUp(sequence: number): Promise<void> {
    return this.#waiters.wait(sequence);
  }

  async stop(reason: Error = new LogError("Closed", "the reader was stopped")): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#release();
    this.#retryTimer?.();
    this.#watchdog?.();
    this.#dropConsumer();
    this.#waiters.end(reason);
    this.#end();
  }

  #onState(state: string): void {
    if (state === "connected") this.#reopen();
    else if (state === "closed")
      this.#fail(new LogError("Closed", `reading ${this.#stream}: the bus was closed`));
    else this.#watchdog?.();
  }

  #fail(error: Error): void {
    if (this.#stopped) return;
    void this.stop(error);
    this.#options.onError(error);
  }

  #dropConsumer(): void {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#queue = [];
    if (!consumer || this.#bus.state === "closed") return;
    consumer.subscription.unsubscribe();
    if (this.#bus.state === "connected") deleteConsumer(this.#bus, this.#stream, consumer.name);
  }

  #reopen(): void {
    this.#opening++;
    this.#retryTimer?.();
    this.#watchdog?.();
    this.#dropConsumer();
    if (this.#stopped || this.#bus.state !== "connected") return;
    const opening = this.#opening;
    this.#open(opening).catch((error: unknown) => {
      if (opening === this.#opening && !this.#stopped) this.#afterFailedOpen(error);
    });
  }

  #afterFailedOpen(error: unknown): void {
    const expected = error instanceof BusError || error instanceof JetStreamError;
    const denied = error instanceof BusError && error.code === "Denied";
    if (!expected || denied) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    const { clock, random, logger } = this.#world;
    logger.debug({ stream: this.#stream, error }, "the log cannot be read now; trying again");
    this.#retryTimer = clock.after(this.#retryMs * (1 + random.next()), () => this.#reopen());
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  async #open(opening: number): Promise<void> {
    await this.#checkStream();
    if (opening !== this.#opening || this.#stopped) return;
    const inbox = this.#bus.inbox();
    const name = `berth-reader-${this.#world.ids.uuid()}`;
    const subscription = this.#bus.subscribeRaw(inbox, (message) => this.#onMessage(message, opening));
    this.#consumer = { name, subscription, sequence: 0 };
    this.#lastSign = this.#world.clock.monotonic();
    await createPushConsumer(this.#bus, {
      stream: this.#stream,
      name,
      deliverSubject: inbox,
      fromSequence: this.#waiters.delivered + 1,
    });
    if (opening !== this.#opening) return;
    this.#retryMs = firstRetryMs;
    this.#watch(opening);
  }

  /** Is it still the stream that we read from, and does it still hold what comes next? */
  async #checkStream(): Promise<void> {
    const { created, state } = await streamInfo(this.#bus, this.#stream);
    const { delivered } = this.#waiters;
    this.#created ??= created;
    if (created !== this.#created || state.last_seq < delivered) {
      throw new LogError(
        "LostTail",
        `stream ${this.#stream} of ${created} ends at ${state.last_seq}, and ${delivered} was read from that of ${this.#created}`,
      );
    }
    if (state.first_seq > delivered + 1) {
      throw new LogError(
        "Trimmed",
        `stream ${this.#stream} begins at ${state.first_seq}, and ${delivered + 1} comes next`,
      );
    }
  }

  #watch(opening: number): void {
    const { clock } = this.#world;
    const wait = this.#lastSign + silenceLimitMs - clock.monotonic();
    const cancelTimer = clock.after(Math.max(1, wait), () => {
      // Behind pending I/O: after a long turn the signs of life may lie in the socket already.
      this.#watchdog = clock.after(0, () => {
        if (opening !== this.#opening) return;
        if (clock.monotonic() - this.#lastSign >= silenceLimitMs) this.#reopen();
        else this.#watch(opening);
      });
    });
    this.#watchdog = cancelTimer;
  }

  #onMessage(message: Msg, opening: number): void {
    const consumer = this.#consumer;
    if (opening !== this.#opening || !consumer) return;
    this.#lastSign = this.#world.clock.monotonic();
    const item = readDelivery(message);
    if (item instanceof NatsLogEntry) {
      if (item.consumerSequence !== consumer.sequence + 1) {
        this.#reopen();
        return;
      }
      consumer.sequence = item.consumerSequence;
    } else if (item.type === "heartbeat" && item.lastConsumerSequence !== consumer.sequence) {
      this.#reopen();
      return;
    }
    if (this.#delivering || this.#queue.length > 0) this.#queue.push(item);
    else this.#handle(item);
  }

  /** Delivers one message, or answers one of flow control, in its place among them. */
  #handle(entry: NatsLogEntry | DeliveryStatus): void {
    if (!(entry instanceof NatsLogEntry)) {
      if (entry.answer !== undefined) this.#bus.publish(entry.answer, new Uint8Array());
      return;
    }
    if (entry.sequence <= this.#waiters.delivered) return;
    let result: void | Promise<void>;
    try {
      result = this.#options.onEntry(entry);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (!result) {
      this.#waiters.advance(entry.sequence);
      return;
    }
    this.#delivering = true;
    result.then(
      () => {
        this.#delivering = false;
        this.#waiters.advance(entry.sequence);
        this.#drain();
      },
      (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  #drain(): void {
    let index = 0;
    const queue = this.#queue;
    while (!this.#delivering && !this.#stopped && queue === this.#queue) {
      const item = queue[index++];
      if (item === undefined) break;
      this.#handle(item);
    }
    if (queue === this.#queue) this.#queue = queue.slice(index);
  }
}
