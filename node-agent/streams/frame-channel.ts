// One stream's frames in both directions: numbered, gapless, with a window of unacknowledged data frames, and a
// question now and then whether the client is still there (NATS tells at once when nobody listens).

import { type Bus, BusError, type Cancel, type Clock } from "../../actors/mod.ts";
import {
  encode,
  type Failure,
  type Prefix,
  type StreamFrame,
  streamFrameBytes,
  streamSubject,
  streamWindow,
} from "../../protocol/mod.ts";
import { readMessage } from "../incoming.ts";

type FrameBody = StreamFrame extends infer Frame
  ? Frame extends { readonly number: number }
    ? Omit<Frame, "number">
    : never
  : never;

export interface FrameChannelOptions {
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly user: string;
  readonly stream: string;
  readonly clock: Clock;
  /** Each frame of the client that is not an acknowledgement, in order. Resolves when it is consumed. */
  receive(frame: StreamFrame): Promise<void>;
  /** The channel is over, from whichever side; `error` when it broke. Called once. */
  closed(error: Failure | undefined): void;
}

const presenceMs = 5000;
const presenceTimeoutMs = 1000;
/** A client that acknowledges nothing for so long while the window is full is gone. */
const stalledMs = 60_000;
/** Data frames of the client that may wait for the command to read them. */
const inputLimit = 2 * streamWindow;
const ackEvery = streamWindow / 4;

export class FrameChannel {
  readonly #options: FrameChannelOptions;
  readonly #out: string;
  readonly #unsubscribe: () => void;
  readonly #unacknowledged: number[] = [];
  readonly #roomWaiters = new Set<() => void>();
  #sent = 0;
  #received = 0;
  #waiting = 0;
  #consumed = 0;
  #input: Promise<void> = Promise.resolve();
  #presence: Cancel;
  #stalled: Cancel | undefined;
  #over = false;

  constructor(options: FrameChannelOptions) {
    const { bus, prefix, user, stream, clock } = options;
    this.#options = options;
    this.#out = streamSubject(prefix, user, stream, "out");
    const input = bus.subscribe(streamSubject(prefix, user, stream, "in"), ({ data }) => this.#arrived(data));
    this.#unsubscribe = () => input.unsubscribe();
    this.#presence = clock.after(presenceMs, () => void this.#askPresence());
  }

  get over(): boolean {
    return this.#over;
  }

  /** Resolves when the client's window had room for all of it; false when the channel is over. */
  async write(channel: "stdout" | "stderr", data: Uint8Array): Promise<boolean> {
    for (let start = 0; start < data.length; start += streamFrameBytes) {
      while (!this.#over && this.#unacknowledged.length >= streamWindow) await this.#room();
      if (this.#over) return false;
      this.#unacknowledged.push(this.#sent + 1);
      this.#send({ type: "data", channel, data: data.subarray(start, start + streamFrameBytes) });
    }
    return !this.#over;
  }

  /** Sends the last frame. Ending twice does nothing. */
  end(last: { readonly exitCode?: number; readonly error?: Failure }): void {
    if (this.#over) return;
    this.#send({ type: "end", ...last });
    this.#close(undefined);
  }

  #send(body: FrameBody): void {
    const { bus } = this.#options;
    if (bus.state === "closed") return;
    bus.publish(this.#out, encode({ ...body, number: ++this.#sent }));
  }

  #arrived(data: Uint8Array): void {
    if (this.#over) return;
    const read = readMessage("stream-frame", data);
    if (!read.ok) return this.#fail(read.error);
    const frame = read.value;
    if (frame.number !== ++this.#received) {
      const message = `frames ${this.#received} to ${frame.number - 1} of the stream were lost on the way`;
      return this.#fail({ code: "Disconnected", message });
    }
    if (frame.type === "end") return this.#close(undefined);
    if (frame.type === "ack") return this.#acknowledged(frame.upTo);
    if (++this.#waiting > inputLimit) {
      return this.#fail({
        code: "TooManyRequests",
        message: "more input frames came than the window allows",
      });
    }
    this.#input = this.#input.then(() => this.#consume(frame));
  }

  async #consume(frame: StreamFrame): Promise<void> {
    if (this.#over) return;
    try {
      await this.#options.receive(frame);
    } catch (error) {
      return this.#fail({
        code: "Internal",
        message: error instanceof Error ? error.message : String(error),
      });
    }
    this.#waiting -= 1;
    if (frame.type === "data" && ++this.#consumed >= ackEvery && !this.#over) {
      this.#consumed = 0;
      this.#send({ type: "ack", upTo: frame.number });
    }
  }

  #acknowledged(upTo: number): void {
    while ((this.#unacknowledged[0] ?? Number.POSITIVE_INFINITY) <= upTo) this.#unacknowledged.shift();
    this.#stalled?.();
    this.#stalled = undefined;
    this.#wakeWriters();
  }

  #room(): Promise<void> {
    this.#stalled ??= this.#options.clock.after(stalledMs, () =>
      this.#fail({ code: "Timeout", message: "the client reads nothing any more" }),
    );
    return new Promise((resolve) => this.#roomWaiters.add(resolve));
  }
  #wakeWriters(): void {
    for (const wake of this.#roomWaiters) wake();
    this.#roomWaiters.clear();
  }

  async #askPresence(): Promise<void> {
    if (this.#over) return;
    const { bus, clock } = this.#options;
    const frame: StreamFrame = { type: "ack", upTo: this.#received, number: ++this.#sent };
    try {
      await bus.request(this.#out, encode(frame), { timeoutMs: presenceTimeoutMs });
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // Nobody answers this question; that nobody listens is what NATS would have said at once.
      if (error.code === "NoResponders" || error.code === "Closed") {
        return this.#close({ code: "Disconnected", message: "the client is gone" });
      }
      // Unsent: its number is free again, unless another frame took the next one meanwhile.
      if (error.code === "Disconnected") return this.#fail({ code: "Disconnected", message: error.message });
    }
    if (!this.#over) this.#presence = clock.after(presenceMs, () => void this.#askPresence());
  }

  #fail(error: Failure): void {
    if (this.#over) return;
    this.#send({ type: "end", error });
    this.#close(error);
  }

  #close(error: Failure | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#presence();
    this.#stalled?.();
    this.#unsubscribe();
    this.#wakeWriters();
    this.#options.closed(error);
  }
}
