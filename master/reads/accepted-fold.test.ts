// A log that cannot be folded on: reads stand still where they are, and their process does not end, since one that
// starts over would take a shorter log for a whole one.

import { expect, test } from "vitest";
import type { BerthEvent } from "../../protocol/mod.ts";
import { Harness } from "./testkit/harness.ts";
import { createdPod, header } from "./testkit/written-log.ts";

const outcomeOf = async (fold: {
  readonly halted: Promise<string>;
  readonly failed: Promise<Error>;
}): Promise<string> => Promise.race([fold.halted, fold.failed.then(() => "failed")]);

test("a log that lost its tail is not folded on", async () => {
  const harness = new Harness();
  await harness.create();
  const { fold } = await harness.readSide();
  await harness.run(harness.writer.commit([createdPod("web")]));
  await harness.world.settle();
  const { position } = fold;
  harness.hub.dropAll();
  harness.hub.createStream("BERTH_LOG").loseAfter(1);
  harness.hub.restoreAll();
  expect(await harness.run(outcomeOf(fold))).toContain("ends at 1");
  expect(fold.position).toBe(position);
});

test.each([
  ["type", { ...header(), type: "PodTeleported" }],
  ["version", { ...header(), type: "LevelRaised", level: 99, version: 99 }],
])("an event of an unknown %s is not folded, by a master that starts at it either", async (_what, event) => {
  const harness = new Harness();
  await harness.create();
  const { fold } = await harness.readSide();
  const { position } = fold;
  await harness.run(harness.writer.commit([event as BerthEvent]));
  expect(await harness.run(outcomeOf(fold))).toContain("upgrade it");
  const later = await harness.readSide("m2");
  expect(await harness.run(outcomeOf(later.fold))).toContain("upgrade it");
  expect([fold.position, later.fold.position]).toEqual([position, position]);
});
