import { describe, expect, test } from "vitest";
import { createVirtualWorld } from "../../actors/mod.ts";
import { memoryRecord } from "../host/simulated-host.ts";
import type { StoredImage } from "../runtime/runtime.ts";
import { bytesToFree, defaultImageGc, type HeldImage, imagesToRemove } from "./image-gc.ts";
import { ImageKeeper } from "./image-keeper.ts";

describe("how much goes", () => {
  test.each([
    [84, 0],
    [85, 5],
    [95, 15],
  ])("at %d percent in use, %d", (used, freed) => {
    expect(bytesToFree({ available: 100 - used, capacity: 100 }, defaultImageGc)).toBe(freed);
  });
});

describe("which images go", () => {
  const image = (id: string, more: Partial<HeldImage> = {}): HeldImage => ({
    id,
    pulledAt: 0,
    usedAt: 0,
    sizeBytes: 10,
    inUse: false,
    ...more,
  });
  const at = 1_000_000;
  const chosen = (images: HeldImage[], bytes: number) =>
    imagesToRemove(images, bytes, defaultImageGc, at).map(({ id }) => id);
  test("the longest out of use first, no more than needed", () => {
    expect(
      chosen([image("b", { usedAt: 2 }), image("a", { usedAt: 1 }), image("c", { usedAt: 3 })], 15),
    ).toEqual(["a", "b"]);
  });
  test("never one in use, nor one that has just come", () => {
    expect(chosen([image("used", { inUse: true }), image("new", { pulledAt: at - 119_999 })], 100)).toEqual(
      [],
    );
    expect(chosen([image("old", { pulledAt: at - 120_000 })], 100)).toEqual(["old"]);
  });
});

function given() {
  const world = createVirtualWorld({ seed: 1 });
  const images = new Map<string, StoredImage>();
  const running: { image: string; imageId: string }[] = [];
  const disk = { available: 100, capacity: 1000 };
  const record = memoryRecord();
  const runtime = {
    listImages: () => Promise.resolve([...images.values()]),
    listContainers: () => Promise.resolve(running),
    removeImage: (id: string) => Promise.resolve(images.delete(id)),
  };
  const start = () =>
    new ImageKeeper({
      runtime,
      record,
      clock: world.clock,
      logger: world.logger,
      disk: () => Promise.resolve(disk),
    });
  const add = (id: string) => images.set(id, { id, references: [`${id}:1`], sizeBytes: 60 });
  return { world, images, running, disk, start, add };
}

test("only what this agent pulled goes, also after a restart; what others brought stays", async () => {
  const { world, images, running, start, add } = given();
  const first = start();
  for (const id of ["pulled", "used", "foreign"]) add(id);
  for (const id of ["pulled", "used"]) await first.pulled({ reference: `${id}:1`, id, sizeBytes: 60 });
  running.push({ image: "used:1", imageId: "used" });
  first.stop();
  start();
  await world.advance(300_000);
  expect([...images.keys()]).toEqual(["used", "foreign"]);
});

test("below the high mark nothing goes; out of disk everything unused does", async () => {
  const { world, images, disk, start, add } = given();
  const keeper = start();
  disk.available = 500;
  add("a");
  await keeper.pulled({ reference: "a:1", id: "a", sizeBytes: 60 });
  await world.advance(600_000);
  expect([...images.keys()]).toEqual(["a"]);
  await keeper.collectAll();
  expect([...images.keys()]).toEqual([]);
});
