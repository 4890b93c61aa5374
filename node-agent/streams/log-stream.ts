// Sends a container's log lines as frames: small lines travel together, and never faster than the client reads.

import type { Clock } from "../../actors/mod.ts";
import { streamFrameBytes, type StreamRequest } from "../../protocol/mod.ts";
import type { ContainerRuntime, ContainerStatusInfo, LogLine, LogOptions } from "../runtime/runtime.ts";
import type { OpenStream } from "./open-stream.ts";

type LogRequest = Extract<StreamRequest, { readonly kind: "logs" }>;

export interface LogStreamContext {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly container: ContainerStatusInfo;
  readonly stream: OpenStream;
}

/** A line waits this long for others to travel with. */
const gatherMs = 20;
const newline = 10;
const encoder = new TextEncoder();

export async function sendLogs(request: LogRequest, context: LogStreamContext): Promise<void> {
  const { runtime, clock, container, stream } = context;
  const options: LogOptions = {
    follow: request.follow,
    ...(request.tailLines !== undefined && { tailLines: request.tailLines }),
    ...(request.sinceSeconds !== undefined && { sinceMs: clock.now() - request.sinceSeconds * 1000 }),
    ...(request.limitBytes !== undefined && { limitBytes: request.limitBytes }),
    signal: stream.signal,
  };
  const batch = new Batch(stream, clock);
  let leftBytes = request.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const line of runtime.logs(container.id, options)) {
    const bytes = lineBytes(line, request.timestamps).subarray(0, leftBytes);
    leftBytes -= bytes.length;
    await batch.add(line.stream, bytes);
    if (leftBytes <= 0 || stream.channel.over) break;
  }
  await batch.flush();
  stream.channel.end({});
}

function lineBytes(line: LogLine, timestamps: boolean): Uint8Array {
  const stamp = timestamps ? encoder.encode(`${new Date(line.at).toISOString()} `) : new Uint8Array();
  const ended = line.text.at(-1) === newline;
  const bytes = new Uint8Array(stamp.length + line.text.length + (ended ? 0 : 1));
  bytes.set(stamp);
  bytes.set(line.text, stamp.length);
  if (!ended) bytes[bytes.length - 1] = newline;
  return bytes;
}

/** Collects lines of one output until the frame is full, the output changes, or the wait is over. */
class Batch {
  readonly #stream: OpenStream;
  readonly #clock: Clock;
  #channel: "stdout" | "stderr" = "stdout";
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #cancel: (() => void) | undefined;
  /** Frames leave one after the other, whoever asked for them. */
  #sending: Promise<unknown> = Promise.resolve();

  constructor(stream: OpenStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  async add(channel: "stdout" | "stderr", bytes: Uint8Array): Promise<void> {
    if (this.#bytes > 0 && (channel !== this.#channel || this.#bytes + bytes.length > streamFrameBytes)) {
      await this.flush();
    }
    this.#channel = channel;
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.#cancel ??= this.#clock.after(gatherMs, () => void this.flush());
  }

  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const parts = this.#parts;
    const channel = this.#channel;
    this.#parts = [];
    this.#bytes = 0;
    if (parts.length > 0) {
      this.#sending = this.#sending.then(() => this.#stream.channel.write(channel, Buffer.concat(parts)));
    }
    await this.#sending;
  }
}
