import { expect, test } from "vitest";
import { createVirtualWorld } from "../../actors/mod.ts";
import { keepReadWorker, keptWorkerTimes } from "./kept-worker.ts";
import type { ReadWorker } from "./read-worker.ts";

interface Fake extends ReadWorker {
  readonly end: (error: Error) => void;
  stopped: boolean;
}

function bench() {
  const world = createVirtualWorld({ seed: 1 });
  const workers: Fake[] = [];
  const start = (): Fake => {
    const failed = Promise.withResolvers<Error>();
    const fake: Fake = {
      ready: Promise.resolve(),
      failed: failed.promise,
      end: failed.resolve,
      stopped: false,
      stop: async () => {
        fake.stopped = true;
      },
    };
    workers.push(fake);
    return fake;
  };
  const kept = keepReadWorker({ clock: world.clock, logger: world.logger, start });
  let given: string | undefined;
  void kept.failed.then(({ message }) => (given = message));
  return { world, workers, kept, givenUp: () => given };
}

test("a thread that ends is started again after a pause, and what is left of it is stopped", async () => {
  const { world, workers, givenUp } = bench();
  await world.settle();
  workers[0]?.end(new Error("out of memory"));
  await world.advance(keptWorkerTimes.firstPauseMs - 1);
  expect(workers).toHaveLength(1);
  await world.advance(1);
  expect([workers.length, workers[0]?.stopped, givenUp()]).toEqual([2, true, undefined]);
});

test("one that ends again and again is given up", async () => {
  const { world, workers, givenUp } = bench();
  for (let end = 1; end <= keptWorkerTimes.mostEnds; end++) {
    await world.settle();
    workers.at(-1)?.end(new Error(`end ${end}`));
    await world.advance(keptWorkerTimes.longestPauseMs);
  }
  expect([workers.length, givenUp()]).toEqual([keptWorkerTimes.mostEnds, `end ${keptWorkerTimes.mostEnds}`]);
});

test("ends that lie far apart are never too many", async () => {
  const { world, workers, givenUp } = bench();
  for (let end = 1; end <= keptWorkerTimes.mostEnds * 2; end++) {
    await world.settle();
    workers.at(-1)?.end(new Error("again"));
    await world.advance(keptWorkerTimes.windowMs);
  }
  expect([workers.length, givenUp()]).toEqual([keptWorkerTimes.mostEnds * 2 + 1, undefined]);
});

test("after a stop none is started", async () => {
  const { world, workers, kept } = bench();
  await world.settle();
  workers[0]?.end(new Error("late"));
  await world.settle();
  await kept.stop();
  await world.advance(keptWorkerTimes.windowMs);
  expect([workers.length, workers[0]?.stopped]).toEqual([1, true]);
});
