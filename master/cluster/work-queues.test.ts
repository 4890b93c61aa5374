// The queue of dirty keys and the timers.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Position, Uid } from "../../protocol/mod.ts";
import type { DirtyKey } from "./contract.ts";
import { DirtyKeys, maxDirtyKeys } from "./dirty-keys.ts";
import { Timers } from "./timers.ts";

const uid = (text: string | number): Uid => String(text) as Uid;
const at = (position: number): Position => position as Position;

describe("dirty keys", () => {
  test("each once, in the order of the first mark, with the event that explains it best", () => {
    const keys = new DirtyKeys(
      () => [],
      () => 0,
    );
    keys.mark("replication", uid("a"), at(1), "weak");
    keys.mark("endpoints", uid("b"), at(2), "weak");
    keys.mark("replication", uid("a"), at(3), "strong");
    keys.mark("replication", uid("a"), at(4), "strong");
    expect(keys.count).toBe(2);
    expect(keys.take(1, at(5))).toEqual([{ controller: "replication", uid: "a" }]);
    expect(keys.causeOf("replication", uid("a"))).toBe(3);
    expect(keys.take(10, at(5))).toEqual([{ controller: "endpoints", uid: "b" }]);
    expect(keys.count).toBe(0);
  });

  test("too many collapse into all of them", () => {
    const all: DirtyKey[] = [{ controller: "garbage", uid: uid("only") }];
    const keys = new DirtyKeys(
      () => all,
      () => all.length,
    );
    for (let index = 0; index <= maxDirtyKeys; index++) keys.mark("garbage", uid(index), at(index), "weak");
    expect(keys.count).toBe(1);
    expect(keys.take(10, at(1))).toEqual(all);
    expect(keys.count).toBe(0);
  });
});

describe("timers", () => {
  test("fire in order, once, as last armed", () => {
    const operation = fc.record({ id: fc.nat({ max: 20 }), due: fc.option(fc.nat({ max: 50 })) });
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 200, size: "max" }),
        fc.nat({ max: 60 }),
        (operations, now) => {
          const timers = new Timers();
          const model = new Map<string, number>();
          for (const { id, due } of operations) {
            const key = String(id);
            if (due === null) {
              timers.disarm(key);
              model.delete(key);
            } else {
              timers.arm(key, due, { controller: "termination", uid: uid(id) });
              model.set(key, due);
            }
          }
          const left = [...model.values()].filter((due) => due > now);
          const fired = timers.takeBefore(now);
          expect(fired.map(({ due }) => due)).toEqual(
            [...model.values()].filter((due) => due <= now).sort((a, b) => a - b),
          );
          expect(timers.nextDueAt).toBe(left.length > 0 ? Math.min(...left) : undefined);
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });
});
