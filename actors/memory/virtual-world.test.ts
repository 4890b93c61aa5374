import { expect, test } from "vitest";

import { createVirtualWorld } from "./virtual-world.ts";

test("fires timers in the order of their due times, and settles promises between them", async () => {
  const world = createVirtualWorld({ seed: 1 });
  const seen: string[] = [];
  const later = (name: string, delayMs: number): void => {
    world.clock.after(delayMs, () => {
      seen.push(name);
      void Promise.resolve()
        .then(() => undefined)
        .then(() => seen.push(`${name}, then`));
    });
  };
  for (const [name, delay] of [
    ["c", 30],
    ["a", 10],
    ["b", 20],
    ["also b", 20],
  ] as const)
    later(name, delay);
  const cancel = world.clock.after(15, () => seen.push("cancelled"));
  cancel();
  await world.advance(25);
  expect(seen).toEqual(["a", "a, then", "b", "b, then", "also b", "also b, then"]);
  expect(world.clock.monotonic()).toBe(25);
  await world.run();
  expect(seen.slice(6)).toEqual(["c", "c, then"]);
});

test("keeps the order of very many timers", async () => {
  const world = createVirtualWorld({ seed: 7 });
  const due: number[] = [];
  for (let index = 0; index < 500; index++) {
    const delay = world.random.below(100);
    world.clock.after(delay, () => due.push(delay));
  }
  await world.advance(100);
  expect(due).toHaveLength(500);
  expect(due).toEqual([...due].sort((one, other) => one - other));
});

test("gives the same chance and ids for the same seed, and others for another", () => {
  const draw = (seed: number): unknown[] => {
    const { random, ids } = createVirtualWorld({ seed });
    return [random.next(), random.below(1000), ids.uuid(), ids.suffix(5)];
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const [next, below, uuid, suffix] = draw(3);
  expect(next).toSatisfy((value: number) => value >= 0 && value < 1);
  expect(below).toSatisfy((value: number) => Number.isInteger(value) && value < 1000);
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(suffix).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

test("sleeps, and wakes with the reason when aborted", async () => {
  const world = createVirtualWorld({ seed: 1 });
  const abort = new AbortController();
  const outcomes: string[] = [];
  void world.clock.sleep(50).then(() => outcomes.push("slept"));
  void world.clock.sleep(50, abort.signal).catch((error: Error) => outcomes.push(error.message));
  abort.abort(new Error("enough"));
  await world.advance(50);
  expect(outcomes).toEqual(["enough", "slept"]);
});

test("jumps the wall clock and not the monotonic one", async () => {
  const world = createVirtualWorld({ seed: 1, startAt: 1_000 });
  world.jumpWallClock(-500);
  await world.advance(10);
  expect([world.clock.now(), world.clock.monotonic()]).toEqual([510, 10]);
});

test("says when what it waits for does not come", async () => {
  const world = createVirtualWorld({ seed: 1 });
  await expect(world.runUntil(() => false)).rejects.toThrow(/did not come to hold/);
  const tick = (): void => void world.clock.after(1_000, tick);
  tick();
  await expect(world.run(5_000)).rejects.toThrow(/timers were still left/);
});
