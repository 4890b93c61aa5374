// The form of one log line on disk, and where the files of a container's log stand. Pure but for listing files.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "../runtime.ts";

/** Bytes of one record's text; a longer line is cut into several, as Docker does at the same length. */
export const lineLimitBytes = 16 * 1024;
/** Longest record: text and a head of four numbers. */
export const recordLimitBytes = lineLimitBytes + 128;

export interface LogLimits {
  /** A record file is followed by a new one at this size; so is a raw file emptied. */
  readonly fileBytes: number;
  readonly files: number;
}
export const defaultLogLimits: LogLimits = { fileBytes: 10 * 1024 * 1024, files: 5 };

/**
 * One line: `<ms> <o|e> <offset in stdout> <offset in stderr> <F|P> <text>`, P without a newline in the original.
 * The offsets say how far the raw files were read: reading goes on from the last record, whoever wrote it.
 */
export interface LogRecord {
  readonly line: LogLine;
  readonly offsets: LogOffsets;
}
export interface LogOffsets {
  readonly stdout: number;
  readonly stderr: number;
}

const newline = Buffer.from("\n");

export function encodeRecord({ line, offsets }: LogRecord): Buffer {
  const stream = line.stream === "stdout" ? "o" : "e";
  const head = `${line.at} ${stream} ${offsets.stdout} ${offsets.stderr} ${line.partial ? "P" : "F"} `;
  return Buffer.concat([Buffer.from(head), line.text, newline]);
}

/** Reads one record without its newline; undefined when it is none. */
export function decodeRecord(bytes: Buffer): LogRecord | undefined {
  const match = /^(\d+) ([oe]) (\d+) (\d+) ([FP]) /.exec(bytes.toString("latin1", 0, 128));
  if (!match) return undefined;
  const [head, at, stream, stdout, stderr, end] = match;
  const line: LogLine = {
    at: Number(at),
    stream: stream === "o" ? "stdout" : "stderr",
    text: bytes.subarray(head.length),
    ...(end === "P" ? { partial: true } : {}),
  };
  return { line, offsets: { stdout: Number(stdout), stderr: Number(stderr) } };
}

export const recordFile = (directory: string, number: number): string =>
  join(directory, `records.${String(number).padStart(8, "0")}`);

/** Numbers of the record files, oldest first. */
export function recordFileNumbers(directory: string): readonly number[] {
  try {
    return readdirSync(directory)
      .map((name) => /^records\.(\d+)$/.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}
