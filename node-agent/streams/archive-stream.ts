// Files of a container for a client: what stands at a path, a tar of it, or a tar that is unpacked there.

import { assertNever, type StreamFrame, type StreamRequest } from "../../protocol/mod.ts";
import type { StreamContext } from "./open-stream.ts";

type ArchiveRequest = Extract<StreamRequest, { readonly kind: "archive" }>;

export async function moveArchive(
  { operation, path }: ArchiveRequest,
  { runtime, container, stream }: StreamContext,
): Promise<void> {
  const { channel } = stream;
  switch (operation) {
    case "stat": {
      const info = await runtime.pathInfo(container.id, path);
      if (info) await channel.write("stdout", Buffer.from(JSON.stringify(info)));
      return channel.end({ exitCode: 0 });
    }
    case "read":
      for await (const data of runtime.readArchive(container.id, path)) {
        if (!(await channel.write("stdout", data))) return;
      }
      return channel.end({ exitCode: 0 });
    case "write": {
      const input = new FrameInput();
      stream.input = (frame) => input.take(frame);
      const abort = (): void => input.fail(new Error("the client is gone"));
      if (stream.signal.aborted) abort();
      stream.signal.addEventListener("abort", abort, { once: true });
      await runtime.writeArchive(container.id, path, input.chunks());
      return channel.end({ exitCode: 0 });
    }
    default:
      assertNever(operation, "archive operation");
  }
}

/** Frames as one stream of bytes: a frame is consumed when the reader has taken it. */
class FrameInput {
  #next = Promise.withResolvers<Uint8Array | undefined>();
  #taken = Promise.withResolvers<void>();

  constructor() {
    this.#next.promise.catch(() => undefined);
  }

  async take(frame: StreamFrame): Promise<void> {
    if (frame.type === "data") this.#next.resolve(frame.data);
    else if (frame.type === "end-of-input") this.#next.resolve(undefined);
    else return;
    await this.#taken.promise;
  }

  fail(error: Error): void {
    this.#next.reject(error);
    this.#taken.resolve();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = await this.#next.promise;
      const { resolve } = this.#taken;
      if (chunk === undefined) return resolve();
      yield chunk;
      this.#next = Promise.withResolvers();
      this.#next.promise.catch(() => undefined);
      this.#taken = Promise.withResolvers();
      resolve();
    }
  }
}
