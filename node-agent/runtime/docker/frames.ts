// Takes the engine's output streams apart: frames of stdout and stderr, and log lines with their times.

import type { LogLine } from "../runtime.ts";

export interface Frame {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

const headBytes = 8;

/** The engine's multiplexed format: stream (1 byte), 3 zeros, length (4 bytes, big endian), data. */
export async function* readFrames(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Frame> {
  let rest = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, Buffer.from(chunk)]);
    for (;;) {
      if (rest.length < headBytes) break;
      const end = headBytes + rest.readUInt32BE(4);
      if (rest.length < end) break;
      yield { stream: rest[0] === 2 ? "stderr" : "stdout", data: rest.subarray(headBytes, end) };
      rest = rest.subarray(end);
    }
  }
}

/** With a terminal there are no frames, only text: cut at the newlines, which stay. */
export async function* readTerminal(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Frame> {
  let rest = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield { stream: "stdout", data: rest.subarray(0, end + 1) };
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield { stream: "stdout", data: rest };
}

/** One frame of a log with times is one line: `<RFC 3339> <text>`, without a newline when the line goes on. */
export function parseLogFrame({ stream, data }: Frame): LogLine | undefined {
  const space = data.indexOf(32);
  if (space < 0) return undefined;
  const at = Date.parse(data.toString("latin1", 0, space));
  if (Number.isNaN(at)) return undefined;
  let end = data.length;
  const whole = data[end - 1] === 10;
  if (whole) end -= 1;
  // A terminal ends lines with a carriage return and a newline.
  if (whole && end > space + 1 && data[end - 1] === 13) end -= 1;
  return { at, stream, text: data.subarray(space + 1, end), ...(whole ? {} : { partial: true }) };
}
