// Reads a container's log records: from the beginning or the last lines, since a time, and further as it grows.
// Only reads; any number of readers may follow one log.

import { open, type FileHandle } from "node:fs/promises";
import type { LogLine, LogOptions } from "../runtime.ts";
import { decodeRecord, recordFile, recordFileNumbers, recordLimitBytes } from "./log-record.ts";

const chunkBytes = Math.max(256 * 1024, recordLimitBytes);

export interface GrowingLog {
  readonly directory: string;
  /** True when nothing more will come. */
  readonly ended: () => boolean;
  /** Runs the listener when there may be more, or at the end. */
  readonly onGrowth: (listener: () => void) => () => void;
}

export async function* readLog(log: GrowingLog, options: LogOptions): AsyncGenerator<LogLine> {
  const cursor = new LogCursor(log.directory);
  const wake = new Wake();
  const stopListening = log.onGrowth(wake.ring);
  options.signal?.addEventListener("abort", wake.ring);
  const aborted = (): boolean => options.signal?.aborted === true;
  let bytesLeft = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const wanted = (line: LogLine): boolean => options.sinceMs === undefined || line.at >= options.sinceMs;
  try {
    for (const line of await cursor.lastLines(options.tailLines, wanted)) {
      if (bytesLeft <= 0 || aborted()) return;
      yield cut(line, bytesLeft);
      bytesLeft -= line.text.length + 1;
    }
    while (bytesLeft > 0 && !aborted()) {
      // Asked before reading: what is written before the end is then surely read.
      const ended = log.ended();
      const lines = await cursor.read();
      for (const line of lines) {
        if (bytesLeft <= 0 || aborted()) return;
        if (!wanted(line)) continue;
        yield cut(line, bytesLeft);
        bytesLeft -= line.text.length + 1;
      }
      if (lines.length > 0) continue;
      if (ended || !options.follow) return;
      await wake.wait();
    }
  } finally {
    stopListening();
    options.signal?.removeEventListener("abort", wake.ring);
    await cursor.close();
  }
}

const cut = (line: LogLine, limit: number): LogLine =>
  line.text.length <= limit ? line : { ...line, text: line.text.subarray(0, limit) };

/** Wakes who waits, or who waits next when nobody does yet. */
class Wake {
  #rung = false;
  #resolve: (() => void) | undefined;
  readonly ring = (): void => {
    this.#rung = true;
    this.#resolve?.();
  };
  async wait(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#rung = false;
    this.#resolve = undefined;
  }
}

/** A place in the sequence of record files. */
class LogCursor {
  readonly #directory: string;
  #number = 0;
  #handle: FileHandle | undefined;
  #offset = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The last `count` lines, leaving the cursor behind them; without a count nothing, and the cursor at the start. */
  async lastLines(
    count: number | undefined,
    wanted: (line: LogLine) => boolean,
  ): Promise<readonly LogLine[]> {
    if (count === undefined) return [];
    const last: LogLine[] = [];
    for (let lines = await this.read(); lines.length > 0; lines = await this.read()) {
      for (const line of lines) if (wanted(line)) last.push(line);
      // Kept by whole batches: shifting line by line would be quadratic.
      if (last.length > 2 * count + 1024) last.splice(0, last.length - wholeLines(last, count));
    }
    return count === 0 ? [] : last.slice(last.length - wholeLines(last, count));
  }

  /** The next batch of lines; empty at the present end. */
  async read(): Promise<readonly LogLine[]> {
    for (;;) {
      if (!this.#handle && !(await this.#openNext())) return [];
      const lines = await this.#readChunk();
      if (lines.length > 0) return lines;
      const newer = recordFileNumbers(this.#directory).some((number) => number > this.#number);
      if (!newer) return [];
      // A newer file exists, so this one grows no more; what came since the last read is taken first.
      const rest = await this.#readChunk();
      if (rest.length > 0) return rest;
      await this.close();
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #openNext(): Promise<boolean> {
    for (const number of recordFileNumbers(this.#directory)) {
      if (number <= this.#number) continue;
      this.#number = number;
      this.#offset = 0;
      try {
        this.#handle = await open(recordFile(this.#directory, number), "r");
        return true;
      } catch {
        // Rotated away while we were reading an older one.
      }
    }
    return false;
  }

  async #readChunk(): Promise<readonly LogLine[]> {
    if (!this.#handle) return [];
    const buffer = Buffer.allocUnsafe(chunkBytes);
    const { bytesRead } = await this.#handle.read(buffer, 0, chunkBytes, this.#offset);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10);
    if (end < 0) return [];
    this.#offset += end + 1;
    const lines: LogLine[] = [];
    for (let start = 0; start <= end; ) {
      const stop = buffer.indexOf(10, start);
      const record = decodeRecord(buffer.subarray(start, stop));
      if (record) lines.push(record.line);
      start = stop + 1;
    }
    return lines;
  }
}

/** How many records make up the last `count` lines: the pieces of a cut line count as one. */
function wholeLines(lines: readonly LogLine[], count: number): number {
  let whole = 0;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    if (!lines[index]?.partial || index === lines.length - 1) whole += 1;
    if (whole > count) return lines.length - 1 - index;
  }
  return lines.length;
}
