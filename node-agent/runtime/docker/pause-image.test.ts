import { describe, expect, it } from "vitest";
import { buildPauseImage, buildPauseProgram } from "./pause-image.ts";

describe("the pause program", () => {
  it.each([
    ["amd64", 62, 4],
    ["arm64", 183, 28],
  ])("is a static executable for %s that ends in a jump to its start", (architecture, machine, jumpFrom) => {
    const file = buildPauseProgram(architecture);
    expect(file.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
    expect(file.readUInt16LE(18)).toBe(machine);
    const entry = Number(file.readBigUInt64LE(24) - file.readBigUInt64LE(80));
    expect(entry).toBe(120);
    expect(file.readBigUInt64LE(96)).toBe(BigInt(file.length));
    const code = file.subarray(entry);
    if (architecture === "amd64") expect(code.readInt8(code.length - 1)).toBe(-code.length);
    // The branch counts instructions of 4 bytes, from itself, in its lower 26 bits.
    else expect((code.readInt32LE(jumpFrom) << 6) >> 6).toBe(-jumpFrom / 4);
  });

  it("says which architectures there are", () => {
    expect(() => buildPauseProgram("mips")).toThrowError(/mips.*amd64, arm64/);
  });

  it("is named after its content, the same on every host", async () => {
    const [first, second] = await Promise.all([buildPauseImage("amd64"), buildPauseImage("amd64")]);
    expect(first.reference).toMatch(/^berth\/pause:amd64-[0-9a-f]{12}$/);
    expect(second.archive.equals(first.archive)).toBe(true);
  });
});
