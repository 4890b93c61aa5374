// What the runtime keeps on disk: images, and what containers write.

import { expect, it } from "vitest";
import type { ContractBench } from "./bench.ts";

export function describeStorage(bench: ContractBench): void {
  it("lists its images with their names, and never removes one that a container needs", async () => {
    const { runtime, harness } = bench;
    const id = await bench.run(await bench.pod(), { type: "steady" });
    const present = await runtime.imagePresent(harness.image);
    const images = await runtime.listImages();
    const own = images.find((image) => image.id === present?.id);
    // A runtime without images has none to list, nor to remove.
    if (!own) return expect(images).toEqual([]);
    expect(own.references.join()).toContain(harness.image.split(":")[0]);
    expect(own.sizeBytes).toBeGreaterThan(0);
    expect(await runtime.removeImage(own.id)).toBe(false);
    expect(await runtime.imagePresent(harness.image)).toBeDefined();
    expect((await runtime.inspectContainer(id))?.state).toBe("running");
    expect(await runtime.removeImage(`sha256:${"0".repeat(64)}`)).toBe(true);
  });

  it("tells how much a container wrote, and nothing for one that is gone", async () => {
    const id = await bench.run(await bench.pod(), { type: "steady" });
    expect(await bench.runtime.writtenBytes(id)).toBeGreaterThanOrEqual(0);
    await bench.runtime.stopContainer(id, 0);
    await bench.runtime.removeContainer(id);
    expect(await bench.runtime.writtenBytes(id)).toBe(0);
  });
}
