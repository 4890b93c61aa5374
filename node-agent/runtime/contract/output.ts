// What containers print, and who reads it when.

import { expect, it } from "vitest";
import type { ContractBench } from "./bench.ts";

export function describeOutput(bench: ContractBench): void {
  const { real } = bench.harness;
  it("keeps each attempt's output, in order, with stream and time", async () => {
    const sandbox = await bench.pod();
    const texts = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    const first = await bench.run(sandbox, { type: "print", lines: texts, thenExit: 1 });
    await bench.ended(first);
    const second = await bench.run(
      sandbox,
      { type: "print", lines: ["!second"], thenExit: 0 },
      { attempt: 1 },
    );
    await bench.ended(second);
    expect(await bench.lines(first)).toEqual(texts);
    expect(await bench.lines(first, { tailLines: 2 })).toEqual(texts.slice(-2));
    expect(await bench.lines(first, { tailLines: 0 })).toEqual([]);
    expect(await bench.lines(first, { limitBytes: 6 })).toEqual(["line 0"]);
    expect(await bench.lines(first, { sinceMs: Date.now() + 60_000 })).toEqual([]);
    for await (const line of bench.runtime.logs(second, { follow: false })) {
      expect(line.stream).toBe("stderr");
      expect(Math.abs(Date.now() - line.at)).toBeLessThan(60_000);
    }
    expect(await bench.lines(second)).toEqual(["!second"]);
  });

  it("follows a log until the container ends or the reader has enough", async () => {
    const sandbox = await bench.pod();
    const id = await bench.run(sandbox, { type: "print", lines: ["one", "two"] });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const line of bench.runtime.logs(id, { follow: true, signal: stop.signal })) {
      seen.push(Buffer.from(line.text).toString());
      if (seen.length === 2) stop.abort();
    }
    expect(seen).toEqual(["one", "two"]);
    const toTheEnd = bench.lines(id, { follow: true });
    await bench.runtime.stopContainer(id, 20_000);
    expect(await toTheEnd).toEqual(["one", "two"]);
  });

  it.skipIf(!real)("keeps only so much of a long line in one piece and loses nothing of it", async () => {
    const script = "head -c 40000 /dev/zero | tr '\\0' x; echo; printf end";
    const id = await bench.run(await bench.pod(), { type: "shell", script });
    await bench.ended(id);
    const pieces: { text: string; partial: boolean }[] = [];
    for await (const line of bench.runtime.logs(id, { follow: false })) {
      pieces.push({ text: Buffer.from(line.text).toString(), partial: line.partial === true });
    }
    expect(pieces.map((piece) => piece.text).join("")).toBe(`${"x".repeat(40_000)}end`);
    expect(Math.max(...pieces.map((piece) => piece.text.length))).toBeLessThanOrEqual(16 * 1024);
    expect(pieces.map((piece) => piece.partial)).toEqual([true, true, false, true]);
    expect((await bench.lines(id, { tailLines: 1 })).join("")).toBe("end");
  });
}
