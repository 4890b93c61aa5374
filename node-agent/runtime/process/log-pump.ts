// Turns what a container's process appends to its raw files into time-stamped records, and rotates both.
// There is no process per container for it: the agent reads while it lives and catches up when it is back.
// The price: a program that opens /dev/stderr anew with `>` empties the file, and what was not yet read is lost.

import { closeSync, ftruncateSync, fstatSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "../runtime.ts";
import {
  decodeRecord,
  encodeRecord,
  lineLimitBytes,
  type LogLimits,
  recordFile,
  recordFileNumbers,
  recordLimitBytes,
} from "./log-record.ts";

type StreamName = "stdout" | "stderr";
const streams: readonly StreamName[] = ["stdout", "stderr"];
/** Bytes read from one stream in one pass, so that a flood of output doesn't hold the agent's thread. */
const passBytes = 256 * 1024;

export const rawFile = (directory: string, stream: StreamName): string => join(directory, `${stream}.raw`);

interface Source {
  readonly stream: StreamName;
  readonly file: number;
  offset: number;
  /** Time of the last write that was read. */
  readUpTo: number;
  /** Same size but a newer time: rewritten in place, if it is still so at the next look. */
  suspectedAt: number | undefined;
}

export class LogPump {
  readonly #recordDirectory: string;
  readonly #limits: LogLimits;
  readonly #sources: readonly Source[];
  readonly #listeners = new Set<() => void>();
  #current: { number: number; file: number; bytes: number } | undefined;
  #lastAt = 0;
  #closed = false;

  /** Goes on after the last whole record that stands in `recordDirectory`. */
  constructor(rawDirectory: string, recordDirectory: string, limits: LogLimits) {
    this.#recordDirectory = recordDirectory;
    this.#limits = limits;
    const offsets = this.#recover();
    this.#sources = streams.map((stream) => ({
      stream,
      file: openSync(rawFile(rawDirectory, stream), "a+"),
      offset: offsets[stream],
      readUpTo: 0,
      suspectedAt: undefined,
    }));
  }

  /** True once the container has ended and everything is in the records. */
  get finished(): boolean {
    return this.#closed;
  }

  /** `listener` runs after new records were written and at the end. */
  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes one pass over what is new. True when there is more to take (or to look at again) soon. */
  pump(): boolean {
    if (this.#closed) return false;
    let again = false;
    let wrote = false;
    for (const source of this.#sources) {
      const outcome = this.#pumpSource(source, passBytes, false);
      again ||= outcome.again;
      wrote ||= outcome.wrote;
      if (source.offset >= this.#limits.fileBytes) wrote = this.#empty(source) || wrote;
    }
    if (wrote) this.#notify();
    return again;
  }

  /** The container has ended: takes everything, a last line without a newline too, and lets go of the files. */
  finish(): void {
    if (this.#closed) return;
    for (const source of this.#sources) {
      while (this.#pumpSource(source, passBytes, true).again);
    }
    this.close();
    this.#notify();
  }

  /** Lets go of the files; a later pump goes on from here. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const source of this.#sources) closeSync(source.file);
    if (this.#current) closeSync(this.#current.file);
    this.#current = undefined;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #pumpSource(source: Source, limit: number, final: boolean): { again: boolean; wrote: boolean } {
    const { size, mtimeMs } = fstatSync(source.file);
    if (size < source.offset) {
      // A program that opens /dev/stderr anew empties the file: what stands there now is new.
      source.offset = 0;
    } else if (size === source.offset) {
      return { again: this.#rewritten(source, mtimeMs), wrote: false };
    }
    source.suspectedAt = undefined;
    const buffer = Buffer.allocUnsafe(Math.min(size - source.offset, limit));
    const length = readSync(source.file, buffer, 0, buffer.length, source.offset);
    const reachedEnd = source.offset + length >= size;
    source.readUpTo = mtimeMs;
    this.#lastAt = Math.max(this.#lastAt, Math.floor(mtimeMs));
    const wrote = this.#writeLines(source, buffer.subarray(0, length), final && reachedEnd);
    return { again: !reachedEnd, wrote };
  }

  /** The kernel sets a file's time before its size, so one look proves nothing: the second one, later, does. */
  #rewritten(source: Source, mtimeMs: number): boolean {
    if (source.offset === 0 || source.readUpTo === 0 || mtimeMs === source.readUpTo) return false;
    if (source.suspectedAt === mtimeMs) source.offset = 0;
    source.suspectedAt = mtimeMs;
    return true;
  }

  #writeLines(source: Source, bytes: Buffer, takeRest: boolean): boolean {
    const records: Buffer[] = [];
    let start = 0;
    const take = (end: number, skip: number, partial: boolean): void => {
      source.offset += end + skip - start;
      records.push(this.#record(source.stream, bytes.subarray(start, end), partial));
      start = end + skip;
    };
    while (start < bytes.length) {
      const found = bytes.indexOf(10, start);
      const end = found < 0 ? bytes.length : found;
      if (end - start > lineLimitBytes) take(start + lineLimitBytes, 0, true);
      else if (found >= 0) take(end, 1, false);
      else if (takeRest) take(end, 0, true);
      else break;
    }
    for (const record of records) this.#append(record);
    return records.length > 0;
  }

  #record(stream: StreamName, text: Buffer, partial: boolean): Buffer {
    const line: LogLine = { at: this.#lastAt, stream, text, ...(partial ? { partial } : {}) };
    const [stdout, stderr] = this.#sources.map((each) => each.offset);
    return encodeRecord({ line, offsets: { stdout: stdout ?? 0, stderr: stderr ?? 0 } });
  }

  #append(record: Buffer): void {
    if (this.#current && this.#current.bytes + record.length > this.#limits.fileBytes) {
      closeSync(this.#current.file);
      const number = this.#current.number + 1;
      this.#current = { number, file: openSync(recordFile(this.#recordDirectory, number), "a"), bytes: 0 };
      rmSync(recordFile(this.#recordDirectory, number - this.#limits.files), { force: true });
    }
    this.#current ??= { number: 1, file: openSync(recordFile(this.#recordDirectory, 1), "a"), bytes: 0 };
    writeSync(this.#current.file, record);
    this.#current.bytes += record.length;
  }

  /**
   * Empties a raw file that has grown to the limit. What the process writes between the last look and the
   * truncation, some microseconds later, is lost: the price of needing no process per container.
   */
  #empty(source: Source): boolean {
    let wrote = false;
    for (let pass = 0; pass < 64; pass += 1) {
      const outcome = this.#pumpSource(source, passBytes, true);
      wrote ||= outcome.wrote;
      if (fstatSync(source.file).size !== source.offset) continue;
      ftruncateSync(source.file, 0);
      source.offset = 0;
      source.readUpTo = 0;
      break;
    }
    return wrote;
  }

  /** Finds the last whole record; what a killed agent left half written behind it is cut off. */
  #recover(): { stdout: number; stderr: number } {
    const number = recordFileNumbers(this.#recordDirectory).at(-1);
    if (number === undefined) return { stdout: 0, stderr: 0 };
    const path = recordFile(this.#recordDirectory, number);
    const file = openSync(path, "a+");
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, 2 * recordLimitBytes));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(10);
    const whole = size - tail.length + end + 1;
    if (whole < size) ftruncateSync(file, whole);
    this.#current = { number, file, bytes: whole };
    const start = end <= 0 ? 0 : tail.lastIndexOf(10, end - 1) + 1;
    const last = end < 0 ? undefined : decodeRecord(tail.subarray(start, end));
    this.#lastAt = last?.line.at ?? 0;
    return last ? { ...last.offsets } : { stdout: 0, stderr: 0 };
  }
}
