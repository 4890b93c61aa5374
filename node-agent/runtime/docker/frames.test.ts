import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, parseLogFrame, readFrames, readTerminal } from "./frames.ts";

function encode({ stream, data }: Frame): Buffer {
  const head = Buffer.from([stream === "stderr" ? 2 : 1, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(data.length, 4);
  return Buffer.concat([head, data]);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const frame = fc.record({
  stream: fc.constantFrom("stdout" as const, "stderr" as const),
  data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
});

describe("frames of the engine", () => {
  it("come out as they went in, however the connection cuts them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame), fc.integer({ min: 1, max: 50 }), async (frames, size) => {
        const bytes = Buffer.concat(frames.map(encode));
        expect(await Array.fromAsync(readFrames(inPieces(bytes, size)))).toEqual(frames);
      }),
      { numRuns: 50 },
    );
  });

  it("cut a terminal's text at the newlines", async () => {
    const frames = await Array.fromAsync(readTerminal(inPieces(Buffer.from("one\r\ntwo\r\nthree"), 4)));
    expect(frames.map((each) => each.data.toString())).toEqual(["one\r\n", "two\r\n", "three"]);
  });

  it.each([
    ["2026-01-02T03:04:05.678901234Z hello  x\n", "hello  x", undefined],
    ["2026-01-02T03:04:05.678901234Z \n", "", undefined],
    ["2026-01-02T03:04:05.678901234Z cut", "cut", true],
    ["2026-01-02T03:04:05.678901234Z of a terminal\r\n", "of a terminal", undefined],
  ])("hold a log line with its time: %j", (data, text, partial) => {
    const line = parseLogFrame({ stream: "stderr", data: Buffer.from(data) });
    expect(line).toMatchObject({ at: Date.UTC(2026, 0, 2, 3, 4, 5, 678), stream: "stderr" });
    expect(Buffer.from(line?.text ?? []).toString()).toBe(text);
    expect(line?.partial).toBe(partial);
  });

  it("that are no log line are none", () => {
    expect(parseLogFrame({ stream: "stdout", data: Buffer.from("yesterday hello\n") })).toBeUndefined();
    expect(parseLogFrame({ stream: "stdout", data: Buffer.alloc(0) })).toBeUndefined();
  });
});
