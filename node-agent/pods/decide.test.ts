// Tables for the state machine alone: given a state, when something happens, then these actions.

import { describe, expect, test } from "vitest";
import type { ContainerId, SandboxId } from "../runtime/runtime.ts";
import { testPod } from "../testkit/pod-fixture.ts";
import {
  start,
  sandboxId,
  sandbox,
  container,
  given,
  observed,
  volumes,
  prepared,
  types,
} from "../testkit/given-pod.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import type { PodAction, PodEvent } from "./pod-action.ts";
import { defaultPodTiming as timing } from "./timing.ts";

describe("one step at a time", () => {
  test("nothing before the runtime was looked at", () => {
    expect(types(given([]))).toEqual([]);
  });
  test("volumes, sandbox, containers", () => {
    expect(types(given([observed([], [])]))).toEqual(["prepare-volumes"]);
    expect(types(given([observed([], []), prepared]))).toEqual(["run-sandbox"]);
    expect(types(given([observed([sandbox()], []), prepared]))).toEqual(["start-container"]);
    expect(types(given([observed([sandbox()], [container()]), prepared]))).toEqual([]);
  });
  test("what has begun is not begun again", () => {
    expect(types(given([observed([], []), { type: "begun", action: volumes }]))).toEqual([]);
  });
  test("a failure waits for its retry, and says when", () => {
    const state = given([
      observed([], []),
      { type: "begun", action: volumes },
      { type: "failed", action: volumes, asOf: 11, code: "Internal", message: "no disk" },
    ]);
    expect(decide(state, start, timing)).toEqual({ actions: [], look: false, wakeAt: start + 1000 });
    expect(types(state, start + 1000)).toEqual(["prepare-volumes"]);
  });
  test("held back, it adopts and starts nothing", () => {
    const state = { ...given([observed([], [])]), held: "all" as const };
    expect(types(state)).toEqual([]);
    expect(types(evolve(state, { type: "released", held: "none" }, start, timing))).toEqual([
      "prepare-volumes",
    ]);
  });
});

describe("what is seen late", () => {
  test("a look that began before a start was done does not make the container vanish", () => {
    const action: PodAction = { type: "start-container", container: "main", attempt: 0, sandbox: sandboxId };
    const state = given([
      observed([sandbox()], [], 10),
      prepared,
      { type: "begun", action },
      { type: "done", action, asOf: 20, result: { type: "container", info: container() } },
      observed([sandbox()], [], 15),
    ]);
    expect(state.containers["main"]?.current?.state).toBe("running");
    const missing = evolve(state, observed([sandbox()], [], 25), start, timing);
    expect(missing.containers["main"]?.current).toMatchObject({
      state: "exited",
      reason: "ContainerStatusUnknown",
    });
  });
  test("a sandbox that is being made is not taken for a dead one", () => {
    const action: PodAction = { type: "run-sandbox", attempt: 0 };
    const making = given([
      observed([], [], 10),
      prepared,
      { type: "begun", action },
      observed([sandbox({ ready: false })], [], 15),
    ]);
    expect(types(making)).toEqual([]);
    const made = evolve(
      making,
      { type: "done", action, asOf: 20, result: { type: "sandbox", sandbox: sandbox() } },
      start,
      timing,
    );
    expect(types(made)).toEqual(["start-container"]);
    const failed: PodEvent = { type: "failed", action, asOf: 20, code: "Unavailable", message: "" };
    expect(types(evolve(making, failed, start, timing), start + 1000)).toEqual(["run-sandbox"]);
  });
  test("a look that began as the sandbox was ready, and does not show it, does not undo it", () => {
    const action: PodAction = { type: "run-sandbox", attempt: 0 };
    const made: PodEvent = {
      type: "done",
      action,
      asOf: 20,
      result: { type: "sandbox", sandbox: sandbox() },
    };
    const state = given([
      observed([], [], 10),
      prepared,
      { type: "begun", action },
      made,
      observed([], [], 20),
    ]);
    expect(types(state)).toEqual(["start-container"]);
    expect(types(evolve(state, observed([], [], 21), start, timing))).toEqual(["run-sandbox"]);
  });
  test.each([
    ["known before", [observed([sandbox()], [container()], 10)]],
    ["seen for the first time", []],
  ])("a newer sandbox that is made late does not take the place of one in use, %s", (_when, before) => {
    const late = sandbox({ id: "late" as SandboxId, attempt: 1 });
    const state = given([...before, prepared, observed([sandbox(), late], [container()], 30)]);
    expect(state.sandbox).toMatchObject({ id: sandboxId, attempt: 1 });
    expect(decide(state, start, timing).actions).toEqual([
      { type: "remove-sandbox", id: "late", containers: [] },
    ]);
    const alone = evolve(state, observed([sandbox()], [container()], 40), start, timing);
    expect(types(alone)).toEqual([]);
  });
  test("an end is final", () => {
    const ended = container({ state: "exited", exitCode: 0, finishedAt: start + 5 });
    const state = given([observed([sandbox()], [ended], 10), observed([sandbox()], [container()], 20)]);
    expect(state.containers["main"]?.current?.state).toBe("exited");
  });
  test("a container that ended is restarted only after a newer look at its sandbox", () => {
    const ended = container({ state: "exited", exitCode: 1, finishedAt: start });
    const state = given([
      observed([sandbox()], [container()], 10),
      prepared,
      { type: "container-observed", asOf: 20, info: ended },
    ]);
    expect(decide(state, start, timing)).toMatchObject({ actions: [], look: true });
    const dead = evolve(state, observed([sandbox({ ready: false })], [ended], 30), start, timing);
    expect(types(dead)).toEqual(["remove-sandbox"]);
    const alive = evolve(state, observed([sandbox()], [ended], 30), start, timing);
    expect(types(alive)).toEqual(["start-container"]);
  });
});

describe("what is too much", () => {
  test("older sandboxes and older attempts are removed", () => {
    const attempts = [0, 1, 2, 3].map((attempt) =>
      container({ attempt, id: `c${attempt}` as ContainerId, state: attempt === 3 ? "running" : "exited" }),
    );
    const old = sandbox({ id: "old" as SandboxId, attempt: 0 });
    const state = given([observed([old, sandbox({ attempt: 1 })], attempts), prepared]);
    const actions = decide(state, start, timing).actions;
    expect(actions.filter(({ type }) => type === "remove-container")).toEqual([
      { type: "remove-container", id: "c1" },
      { type: "remove-container", id: "c0" },
    ]);
    expect(actions.find(({ type }) => type === "remove-sandbox")).toMatchObject({ id: "old" });
  });
  test("a container in a sandbox that is no more is stopped", () => {
    const state = given([
      observed([sandbox({ id: "s1" as SandboxId, attempt: 1 })], [container()]),
      prepared,
    ]);
    expect(types(state)).toEqual(["stop-container"]);
  });
});

describe("the end", () => {
  const stop: PodEvent = { type: "wanted", pod: testPod(), stop: { graceSeconds: 20, reason: "deleted" } };
  test("containers, then sandbox, then the rest", () => {
    const state = given([observed([sandbox()], [container()]), prepared, stop]);
    expect(decide(state, start, timing).actions).toMatchObject([{ type: "stop-container", graceMs: 20_000 }]);
    const ended = container({ state: "exited", exitCode: 0, finishedAt: start });
    const quiet = evolve(state, { type: "container-observed", asOf: 20, info: ended }, start, timing);
    expect(decide(quiet, start, timing).actions).toMatchObject([
      { type: "remove-sandbox", containers: ["c0"] },
    ]);
    const empty = given([observed([], []), stop]);
    expect(types(empty)).toEqual(["clean-up"]);
  });
  test("a shorter grace sends another stop, a longer one does not", () => {
    const state = given([observed([sandbox()], [container()]), prepared, stop]);
    const [action] = decide(state, start, timing).actions;
    if (!action) throw new Error("no action");
    const begun = evolve(state, { type: "begun", action }, start, timing);
    const longer = evolve(
      begun,
      { ...stop, stop: { graceSeconds: 60, reason: "" } } as PodEvent,
      start,
      timing,
    );
    expect(types(longer)).toEqual([]);
    const shorter = evolve(
      begun,
      { ...stop, stop: { graceSeconds: 1, reason: "" } } as PodEvent,
      start,
      timing,
    );
    expect(decide(shorter, start, timing).actions).toMatchObject([{ type: "stop-container", graceMs: 1000 }]);
  });
  test.each([
    ["was not reached", ["Unavailable"], 20_000],
    ["was never reached", ["Unavailable", "Unavailable"], 20_000],
    ["did not answer", ["Timeout"], 15_000],
    ["did not answer, and was not reached then", ["Timeout", "Unavailable"], 10_000],
    ["was not reached, and then did not answer", ["Unavailable", "Timeout"], 15_000],
  ] as const)(
    "the grace begins with the first signal that may have come: an engine that %s",
    (_, codes, graceMs) => {
      let state = given([observed([sandbox()], [container()]), prepared, stop]);
      let now = start;
      for (const code of codes) {
        const [action] = decide(state, now, timing).actions;
        if (!action) throw new Error("no action");
        state = evolve(state, { type: "begun", action }, now, timing);
        now += 5000;
        state = evolve(state, { type: "failed", action, asOf: 20, code, message: "" }, now, timing);
        const { wakeAt = 0 } = decide(state, now, timing);
        expect(wakeAt).toBeGreaterThan(now);
        // What is tried again later is asked for as if it were now.
        state = { ...state, retries: {} };
      }
      expect(decide(state, now, timing).actions).toMatchObject([{ type: "stop-container", graceMs }]);
    },
  );
});

test.each([
  ["seen before its start failed", ["ended", "failed"]],
  ["seen after its start failed", ["failed", "ended"]],
] as const)("an attempt that ended, %s, has a back-off and no retry", (_name, order) => {
  const exited = (attempt: number) =>
    container({ attempt, id: `c${attempt}` as ContainerId, state: "exited", exitCode: 1, finishedAt: start });
  const before = given([observed([sandbox()], [exited(1)]), prepared]);
  const action: PodAction = {
    type: "start-container",
    container: "main",
    attempt: 2,
    sandbox: sandbox().id,
  };
  const events: Readonly<Record<(typeof order)[number], PodEvent>> = {
    ended: { type: "container-observed", asOf: 30, info: exited(2) },
    failed: { type: "failed", action, asOf: 40, code: "Unavailable", message: "" },
  };
  let state = evolve(before, { type: "begun", action }, start, timing);
  for (const name of order) state = evolve(state, events[name], start, timing);
  const decision = decide(state, start + 9_000, timing);
  expect(decision.actions.filter(({ type }) => type === "start-container")).toEqual([]);
  expect(decision.wakeAt).toBeGreaterThan(start + 9_000);
});

test("an attempt that a former agent had begun to make counts as a restart: the next one waits", () => {
  const end = { state: "exited", exitCode: 1, finishedAt: start } as const;
  const late = container({ attempt: 1, id: "c1" as ContainerId, state: "created" });
  const state = given([
    observed([sandbox()], [container(end)]),
    prepared,
    { type: "container-observed", asOf: 30, info: late },
    { type: "container-observed", asOf: 40, info: { ...late, ...end } },
  ]);
  const decision = decide(state, start, timing);
  expect(decision.actions.filter(({ type }) => type === "start-container")).toEqual([]);
  expect(decision.wakeAt).toBe(start + timing.restartInitialMs);
});

test("an attempt whose start got no answer is probed, although the one before it was being killed", () => {
  const pod = testPod({ containers: [{ livenessProbe: {} }] });
  const kill: PodAction = {
    type: "stop-container",
    container: "main",
    id: container().id,
    graceMs: 5_000,
    message: "Liveness probe failed",
    restart: true,
  };
  const killed = given(
    [observed([sandbox()], [container()]), prepared, { type: "begun", action: kill }],
    pod,
  );
  expect(killed.containers["main"]?.killing).toMatchObject({ restart: true });
  const next = container({ id: "c1" as ContainerId, attempt: 1 });
  const state = evolve(killed, { type: "container-observed", asOf: 30, info: next }, start, timing);
  expect(state.containers["main"]?.killing).toBeUndefined();
  expect(types(state)).toContain("probe");
});
