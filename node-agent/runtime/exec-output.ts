// What a command that is run to its end has said: both streams as they come, no more than the limit.

import { execOutputLimitBytes } from "./limits.ts";
import type { ExecSession } from "./runtime.ts";

export class ExecOutput {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** Resolves when both streams have ended; what is over the limit is read and dropped. */
  async collect({ stdout, stderr }: Pick<ExecSession, "stdout" | "stderr">): Promise<void> {
    await Promise.all([this.#read(stdout), this.#read(stderr)]);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  async #read(stream: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      const part = chunk.subarray(0, Math.max(0, execOutputLimitBytes - this.#length));
      this.#length += part.length;
      if (part.length > 0) this.#chunks.push(part);
    }
  }
}
