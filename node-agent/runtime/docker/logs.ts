// A container's log as the engine keeps it.

import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import type { ContainerId, LogLine, LogOptions } from "../runtime.ts";
import { toRuntimeError } from "./engine.ts";
import { type Frame, parseLogFrame, readFrames, readTerminal } from "./frames.ts";

export async function* readContainerLog(
  docker: Dockerode,
  id: ContainerId,
  options: LogOptions,
): AsyncGenerator<LogLine> {
  const { sinceMs, signal } = options;
  let bytesLeft = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const source = await open(docker, id, options);
  const abort = (): void => void source.stream.destroy();
  signal?.addEventListener("abort", abort);
  try {
    for await (const frame of source.frames) {
      const line = parseLogFrame(frame);
      if (signal?.aborted || bytesLeft <= 0) return;
      if (!line || (sinceMs !== undefined && line.at < sinceMs)) continue;
      yield line.text.length > bytesLeft ? { ...line, text: line.text.subarray(0, bytesLeft) } : line;
      bytesLeft -= line.text.length + 1;
    }
  } catch (error) {
    if (!signal?.aborted) throw toRuntimeError(error, `reading the log of container ${id}`, "Unavailable");
  } finally {
    signal?.removeEventListener("abort", abort);
    source.stream.destroy();
  }
}

async function open(
  docker: Dockerode,
  id: ContainerId,
  options: LogOptions,
): Promise<{ readonly stream: Readable; readonly frames: AsyncIterable<Frame> }> {
  try {
    const container = docker.getContainer(id);
    const { Config: config } = await container.inspect();
    const query = {
      stdout: true,
      stderr: true,
      timestamps: true,
      ...(options.tailLines === undefined ? {} : { tail: options.tailLines }),
      // The engine takes seconds with a fraction.
      ...(options.sinceMs === undefined ? {} : { since: options.sinceMs / 1000 }),
    };
    const stream = options.follow
      ? asReadable(await container.logs({ ...query, follow: true }))
      : Readable.from([await container.logs({ ...query, follow: false })]);
    return { stream, frames: config.Tty ? readTerminal(stream) : readFrames(stream) };
  } catch (error) {
    throw toRuntimeError(error, `reading the log of container ${id}`, "Unavailable");
  }
}

/** docker-modem answers with Node's own stream, which its types hide. */
const asReadable = (stream: NodeJS.ReadableStream): Readable =>
  stream instanceof Readable ? stream : new Readable().wrap(stream);
