import { describe, expect, test } from "vitest";
import type { NodeName, SessionId } from "../../protocol/mod.ts";
import { createLiveness, livenessTimes, type WatchedNode } from "./liveness.ts";

const times = livenessTimes(1_000);
const node = (name: string, state: WatchedNode["state"] = "Ready"): WatchedNode => ({
  name: name as NodeName,
  state,
  session: 1 as SessionId,
});
const many = (count: number): WatchedNode[] => Array.from({ length: count }, (_, index) => node(`n${index}`));

/** Heard of all at 0. */
function startedWith(nodes: readonly WatchedNode[]) {
  const liveness = createLiveness(times);
  for (const { name } of nodes) liveness.heard(name, 0);
  return liveness;
}
const commandsOf = (judgement: { commands: readonly { type: string }[] }): string[] =>
  judgement.commands.map(({ type }) => type);

describe("liveness", () => {
  test("pings at a missed beat, suspects after 3, loses after 10", () => {
    const liveness = startedWith([node("a")]);
    expect(liveness.judge([node("a")], 1_200)).toMatchObject({ pings: [], commands: [] });
    expect(liveness.judge([node("a")], 1_600)).toMatchObject({ pings: ["a"], commands: [] });
    expect(liveness.judge([node("a")], 1_900).pings).toEqual([]);
    expect(liveness.judge([node("a")], 3_000).commands).toEqual([
      { type: "SuspectNode", node: "a", silentMs: 3_000 },
    ]);
    expect(commandsOf(liveness.judge([node("a", "Suspected")], 9_900))).toEqual([]);
    expect(commandsOf(liveness.judge([node("a", "Suspected")], 10_000))).toEqual(["LoseNode"]);
    expect(commandsOf(liveness.judge([node("a", "Lost")], 20_000))).toEqual([]);
  });

  test("no responders suspects at once and loses no sooner", () => {
    const liveness = startedWith([node("a")]);
    liveness.noResponders(node("a").name);
    expect(commandsOf(liveness.judge([node("a")], 100))).toEqual(["SuspectNode"]);
    expect(commandsOf(liveness.judge([node("a", "Suspected")], 9_000))).toEqual([]);
    expect(commandsOf(liveness.judge([node("a", "Suspected")], 10_000))).toEqual(["LoseNode"]);
  });

  test("a node that speaks again recovers, one that is only started afresh does not", () => {
    const liveness = startedWith([node("a")]);
    liveness.judge([node("a")], 3_000);
    liveness.restart(3_100);
    expect(commandsOf(liveness.judge([node("a", "Suspected")], 3_200))).toEqual([]);
    liveness.heard(node("a").name, 3_300);
    expect(commandsOf(liveness.judge([node("a", "Suspected")], 3_300))).toEqual(["RecoverNode"]);
    expect(commandsOf(liveness.judge([node("a", "Lost")], 3_400))).toEqual(["RecoverNode"]);
  });

  test("a restart gives every node its whole time again", () => {
    const liveness = startedWith([node("a")]);
    liveness.restart(9_999);
    expect(commandsOf(liveness.judge([node("a")], 12_000))).toEqual([]);
    expect(commandsOf(liveness.judge([node("a", "Suspected")], 19_999))).toEqual(["LoseNode"]);
  });

  test.each([
    { total: 3, silent: 2, lost: true },
    { total: 3, silent: 3, lost: false },
    { total: 20, silent: 3, lost: true },
    { total: 20, silent: 4, lost: true },
    { total: 20, silent: 5, lost: false },
  ])("of $total nodes $silent silent together are lost: $lost", ({ total, silent, lost }) => {
    const nodes = many(total);
    const liveness = startedWith(nodes);
    const states = nodes.map(({ name }, index) => node(name, index < silent ? "Suspected" : "Ready"));
    for (const { name } of nodes.slice(silent)) liveness.heard(name, 10_000);
    const judgement = liveness.judge(states, 10_000);
    expect(commandsOf(judgement).includes("LoseNode")).toBe(lost);
    expect(judgement.heldBack).toHaveLength(lost ? 0 : silent);
  });

  test("replacement is paced: one of few nodes a second, the rest wait", () => {
    const nodes = many(20);
    const liveness = startedWith(nodes);
    const states = nodes.map(({ name }, index) => node(name, index < 3 ? "Suspected" : "Ready"));
    for (const { name } of nodes.slice(3)) liveness.heard(name, 12_000);
    const first = liveness.judge(states, 12_000);
    expect([commandsOf(first), first.paced]).toEqual([["LoseNode"], 2]);
    expect(commandsOf(liveness.judge(states, 12_500))).toEqual([]);
    expect(commandsOf(liveness.judge(states, 13_000))).toEqual(["LoseNode"]);
  });
});
