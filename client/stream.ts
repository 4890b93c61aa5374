// A two-way stream with the agent that runs a pod (logs, exec): numbered frames, a window in each direction,
// and a probe that tells a quiet agent from one that is gone.

import { BusError } from "../actors/mod.ts";
import {
  type ApiRequest,
  BerthError,
  decode,
  encode,
  type Failure,
  parseMessage,
  type Result,
  type StreamFrame,
  type StreamOptions,
  streamFrameBytes,
  streamSubject,
  streamWindow,
} from "../protocol/mod.ts";
import { Inbox } from "./inbox.ts";
import type { CallOptions, Requester, Target } from "./requester.ts";

/** The reader acknowledges after so many frames, well before the window is full. */
const ackEvery = streamWindow / 4;
/** After so much silence the agent is asked whether it is still there. */
const probeAfterMs = 5000;
const probeTimeoutMs = 1000;
/** Frames that may arrive unread: the window, and as many acknowledgements of what was sent. */
const unreadLimit = 4 * streamWindow;

type FrameBody = StreamFrame extends infer F
  ? F extends { readonly number: number }
    ? Omit<F, "number">
    : never
  : never;

export interface StreamChunk {
  readonly channel: "stdout" | "stderr";
  readonly data: Uint8Array;
}

export interface StreamEnd {
  readonly exitCode?: number;
}

/** Opens with `open`; then `chunks()` is read to its end by one reader, while `write` and `endInput` may run beside it. */
export class ByteStream {
  readonly #requester: Requester;
  readonly #id: string;
  readonly #inbox: Inbox<StreamFrame>;
  readonly #unsubscribe: () => void;
  readonly #roomWaiters = new Set<() => void>();
  readonly #unacknowledged: number[] = [];
  readonly #signal: AbortSignal | undefined;
  #sent = 0;
  #received = 0;
  #ended: StreamEnd | Failure | undefined;
  container = "";

  private constructor(requester: Requester, signal: AbortSignal | undefined) {
    const { bus, world, prefix, user } = requester.options;
    this.#requester = requester;
    this.#signal = signal;
    this.#id = world.ids.uuid();
    this.#inbox = new Inbox(world.clock, unreadLimit);
    const out = bus.subscribe(streamSubject(prefix, user, this.#id, "out"), (message) => {
      const frame = readFrame(message.data);
      if (frame.ok) this.#arrived(frame.value);
      else this.#finish(frame.error);
    });
    this.#unsubscribe = () => out.unsubscribe();
  }

  /** Rejects with BerthError when the pod, the container or its node can't be reached. */
  static async open(
    requester: Requester,
    target: Target,
    stream: Omit<StreamOptions, "id">,
    options: CallOptions,
  ): Promise<ByteStream> {
    const opened = new ByteStream(requester, options.signal);
    const request: ApiRequest = { stream: { ...stream, id: opened.#id } };
    try {
      const reply = await requester.call(target, request, options);
      if (reply.type !== "stream") {
        throw new BerthError({ code: "Internal", message: `asked for a stream, got a ${reply.type}` });
      }
      opened.container = reply.container;
      return opened;
    } catch (error) {
      opened.#unsubscribe();
      throw error;
    }
  }

  /** What the agent sends, until its last frame; the generator's return value. Rejects when frames or the agent are lost. */
  async *chunks(): AsyncGenerator<StreamChunk, StreamEnd, void> {
    let unacknowledged = 0;
    try {
      for (;;) {
        const next = await this.#inbox.take(probeAfterMs, this.#signal);
        this.#signal?.throwIfAborted();
        if (next.type === "silence") {
          if (this.#inbox.size > 0) continue;
          if (this.#ended) return endOf(this.#ended);
          await this.#probe();
          continue;
        }
        const frame = next.item;
        if (frame.type === "data") {
          if (frame.channel !== "stdin") yield { channel: frame.channel, data: frame.data };
          if (++unacknowledged >= ackEvery) {
            unacknowledged = 0;
            this.#send({ type: "ack", upTo: frame.number });
          }
        }
        if (frame.type === "end") {
          const end = frame.error ?? { ...(frame.exitCode !== undefined && { exitCode: frame.exitCode }) };
          this.#finish(end);
          return endOf(end);
        }
      }
    } finally {
      this.close();
    }
  }

  /** Resolves when the agent's window had room for all of it; what follows the stream's end is dropped. */
  async write(data: Uint8Array): Promise<void> {
    for (let start = 0; start < data.length; start += streamFrameBytes) {
      while (!this.#ended && this.#unacknowledged.length >= streamWindow) await this.#room();
      if (this.#ended) return;
      this.#unacknowledged.push(this.#sent + 1);
      this.#send({ type: "data", channel: "stdin", data: data.subarray(start, start + streamFrameBytes) });
    }
  }
  endInput(): void {
    this.#send({ type: "end-of-input" });
  }
  resize(columns: number, rows: number): void {
    this.#send({ type: "resize", columns, rows });
  }
  /** Ends the stream from this side; the agent stops what it runs for it. Closing again does nothing. */
  close(): void {
    if (!this.#ended) {
      this.#send({ type: "end" });
      this.#finish({});
    }
    this.#unsubscribe();
  }

  #arrived(frame: StreamFrame): void {
    if (this.#ended) return;
    if (frame.number !== ++this.#received) {
      const message = `frames ${this.#received} to ${frame.number - 1} of the stream were lost on the way; open it again`;
      this.#finish({ code: "Disconnected", message });
      return;
    }
    if (frame.type === "ack") {
      while ((this.#unacknowledged[0] ?? Number.POSITIVE_INFINITY) <= frame.upTo)
        this.#unacknowledged.shift();
      this.#wakeWriters();
      return;
    }
    this.#inbox.put(frame);
    if (this.#inbox.overflowed) {
      this.#finish({ code: "TooManyRequests", message: "the agent sent more frames than the window allows" });
    }
  }

  #send(frame: FrameBody): void {
    const { bus, prefix, user } = this.#requester.options;
    if (this.#ended || bus.state === "closed") return;
    const numbered = { ...frame, number: ++this.#sent };
    bus.publish(streamSubject(prefix, user, this.#id, "in"), encode(numbered));
  }

  /** NATS says at once when nobody listens on a subject; an agent that listens does not answer. */
  async #probe(): Promise<void> {
    const { bus, prefix, user } = this.#requester.options;
    const number = ++this.#sent;
    const frame: StreamFrame = { type: "ack", upTo: this.#received, number };
    try {
      await bus.request(streamSubject(prefix, user, this.#id, "in"), encode(frame), {
        timeoutMs: probeTimeoutMs,
      });
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // Unsent: its number is free again, unless another frame took the next one meanwhile.
      const unsent = error.code === "Disconnected" && this.#sent === number;
      if (unsent) this.#sent--;
      // What was on its way may have arrived meanwhile, the last frame too.
      if (unsent || error.code === "Timeout" || this.#inbox.size > 0 || this.#ended) return;
      this.#finish({ code: "Disconnected", message: "the agent that served the stream is gone" });
    }
  }

  #finish(end: StreamEnd | Failure): void {
    this.#ended ??= end;
    this.#inbox.nudge();
    this.#wakeWriters();
  }
  #wakeWriters(): void {
    for (const wake of this.#roomWaiters) wake();
    this.#roomWaiters.clear();
  }
  #room(): Promise<void> {
    return new Promise((resolve) => this.#roomWaiters.add(resolve));
  }
}

function endOf(end: StreamEnd | Failure): StreamEnd {
  if ("code" in end) throw new BerthError(end);
  return end;
}

function readFrame(data: Uint8Array): Result<StreamFrame> {
  const value = decode(data);
  return value.ok ? parseMessage("stream-frame", value.value) : value;
}
