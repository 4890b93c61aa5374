import { describe, expect, test } from "vitest";
import type { BerthEvent, Commit, Epoch, LogId, MasterId, Position, Sequence } from "../../protocol/mod.ts";
import { type Chain, emptyChain, link } from "./chain.ts";

const header = { version: 1, at: 0, by: "master:m1" } as const;
const created: BerthEvent = { ...header, type: "LogCreated", logId: "log" as LogId };
const elected = (epoch: number): BerthEvent => ({
  ...header,
  type: "LeaderElected",
  epoch: epoch as Epoch,
  master: "m1" as MasterId,
});
const raised: BerthEvent = { ...header, type: "LevelRaised", level: 1 };

const commit = (epoch: number, previous: number, firstPosition: number, events: BerthEvent[]): Commit => ({
  version: 1,
  epoch: epoch as Epoch,
  previous: previous as Sequence,
  firstPosition: firstPosition as Position,
  events,
});

/** Links commits at sequences 1, 2, … and tells which counted. */
function fold(commits: readonly Commit[]): { chain: Chain; accepted: boolean[] } {
  let chain = emptyChain;
  const accepted = commits.map((each, index) => {
    const linked = link(chain, (index + 1) as Sequence, each);
    chain = linked.chain;
    return linked.accepted;
  });
  return { chain, accepted };
}

const first = commit(1, 0, 1, [created, elected(1)]);

describe("the chain of commits", () => {
  test("counts commits that follow each other in one epoch", () => {
    const { chain, accepted } = fold([first, commit(1, 1, 3, [raised, raised]), commit(1, 2, 5, [raised])]);
    expect(accepted).toEqual([true, true, true]);
    expect(chain).toMatchObject({ epoch: 1, last: 3, position: 5, skipped: 0 });
  });

  test("a rival in the place of B: C and D are stored and do not count", () => {
    const rival = commit(2, 2, 4, [elected(2)]);
    const { chain, accepted } = fold([
      first,
      commit(1, 1, 3, [raised]), // A
      rival, // where B should be
      commit(1, 3, 5, [raised]), // C, which expected B at 3
      commit(1, 4, 6, [raised]), // D
      commit(2, 3, 5, [raised]), // the rival goes on from its claim
    ]);
    expect(accepted).toEqual([true, true, true, false, false, true]);
    expect(chain).toMatchObject({ epoch: 2, last: 6, position: 5, skipped: 2 });
  });

  test("a skipped message in the place of B voids C and D too, and B may come again behind them", () => {
    const { accepted } = fold([
      first,
      commit(9, 1, 3, [raised]), // a stray one, skipped
      commit(1, 2, 4, [raised]), // C expected B at 2
      commit(1, 1, 3, [raised]), // B again
      commit(1, 4, 4, [raised]), // C again, behind it
    ]);
    expect(accepted).toEqual([true, false, false, true, true]);
  });

  test.each([
    ["a claim that skips an epoch", commit(3, 1, 3, [elected(3)])],
    ["a claim of the current epoch", commit(1, 1, 3, [elected(1)])],
    ["a claim whose commit is of another epoch", commit(1, 1, 3, [elected(2)])],
    ["two claims", commit(2, 1, 3, [elected(2), elected(2)])],
    ["a commit of a coming epoch without a claim", commit(2, 1, 3, [raised])],
    ["a position that leaves a gap", commit(1, 1, 4, [raised])],
    ["a wrong previous", commit(1, 0, 3, [raised])],
    ["no events", commit(1, 1, 3, [])],
  ])("skips %s", (_, bad) => {
    const { accepted, chain } = fold([first, bad]);
    expect(accepted).toEqual([true, false]);
    expect(chain.skipped).toBe(1);
  });

  test("the first commit creates the log", () => {
    expect(fold([commit(1, 0, 1, [elected(1)])]).accepted).toEqual([false]);
  });
});
