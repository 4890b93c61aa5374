// Pods that a full node refuses or lets go, and what stays of those that have ended.

import { describe, expect, test } from "vitest";
import type { ContainerId } from "../runtime/runtime.ts";
import { testPod } from "../testkit/pod-fixture.ts";
import { start, sandbox, container, given, observed, prepared, types } from "../testkit/given-pod.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import type { PodAction, PodEvent } from "./pod-action.ts";
import { podStatus } from "./status.ts";
import { defaultPodTiming as timing } from "./timing.ts";

describe("a refusal by its node", () => {
  const refuse: PodEvent = { type: "refuse", message: "The node had condition: [DiskPressure]. " };
  test("fails a pod that is new", () => {
    const state = given([refuse, observed([], []), prepared]);
    expect(state.ended).toMatchObject({ phase: "Failed", reason: "Evicted", message: refuse.message });
  });
  test("is nothing to a pod that a former agent has begun", () => {
    const state = given([refuse, observed([sandbox()], [container()]), prepared]);
    expect(state.ended).toBeUndefined();
    expect(types(state)).not.toContain("stop-container");
  });
});

describe("an eviction by its node", () => {
  const evict: PodEvent = {
    type: "evict",
    message: "The node was low on resource: memory. ",
    graceSeconds: 3,
  };
  test("fails the pod for good, stops it within its grace, then gives up its volumes, and keeps its logs", () => {
    const state = given([observed([sandbox()], [container()]), prepared, evict]);
    const status = podStatus(state, { hostIp: "", runtime: "test", timing, now: start });
    expect(status).toMatchObject({ phase: "Failed", reason: "Evicted", message: evict.message });
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: "DisruptionTarget", status: "True", reason: "TerminationByKubelet" }),
    );
    expect(decide(state, start, timing).actions).toMatchObject([{ type: "stop-container", graceMs: 3000 }]);
    const ended = container({ state: "exited", exitCode: 137, finishedAt: start });
    const quiet = evolve(state, { type: "container-observed", asOf: 20, info: ended }, start, timing);
    expect(types(quiet)).toEqual(["stop-sandbox"]);
    const stopped = evolve(quiet, observed([sandbox({ ready: false })], [ended], 30), start, timing);
    expect(types(stopped)).toEqual(["drop-volumes"]);
    const action: PodAction = { type: "drop-volumes" };
    const done: PodEvent = { type: "done", action, asOf: 40, result: { type: "none" } };
    expect(types(evolve(stopped, done, start, timing))).toEqual([]);
  });
  test("changes nothing for a pod that is stopping, or has ended", () => {
    const stop: PodEvent = { type: "wanted", pod: testPod(), stop: { graceSeconds: 20, reason: "deleted" } };
    expect(given([observed([sandbox()], [container()]), prepared, stop, evict]).ended).toBeUndefined();
  });
  test("a pod that comes to a node without room fails before anything starts", () => {
    const refused = given([evict, observed([], [])]);
    expect(podStatus(refused, { hostIp: "", runtime: "test", timing, now: start }).phase).toBe("Failed");
    expect(types(refused)).toEqual(["drop-volumes"]);
  });
});

test("a full disk takes the containers of attempts before, and what is known of them stays", () => {
  const attempts = [0, 1].map((attempt) =>
    container({
      attempt,
      id: `c${attempt}` as ContainerId,
      state: attempt === 1 ? "running" : "exited",
      exitCode: 1,
    }),
  );
  const state = given([observed([sandbox()], attempts), prepared, { type: "free-disk" }]);
  expect(decide(state, start, timing).actions).toEqual([{ type: "remove-container", id: "c0" }]);
  expect(state.containers["main"]?.previous).toMatchObject({ exitCode: 1 });
});

test("a full disk takes all containers of a pod that has ended, once", () => {
  const ended = container({ state: "exited", exitCode: 137, finishedAt: start });
  const evict: PodEvent = { type: "evict", message: "", graceSeconds: 0 };
  const state = given([observed([sandbox({ ready: false })], [ended]), prepared, evict]);
  const freed = evolve(state, { type: "free-disk" }, start, timing);
  expect(decide(freed, start, timing).actions).toContainEqual({ type: "remove-container", id: ended.id });
  const action: PodAction = { type: "remove-container", id: ended.id };
  const done: PodEvent = { type: "done", action, asOf: 40, result: { type: "none" } };
  const again = evolve(evolve(freed, done, start, timing), { type: "free-disk" }, start, timing);
  expect(again.garbage).toEqual([]);
  expect(again.containers["main"]?.current).toMatchObject({ exitCode: 137, id: ended.id });
});

test("what the log calls ended is not started again, although this node's record is older than its end", () => {
  const status = {
    phase: "Failed",
    reason: "Evicted",
    message: "The node was low on resource: memory. ",
  } as const;
  const wanted: PodEvent = { type: "wanted", pod: { ...testPod(), status } };
  const state = given([observed([], []), prepared, wanted]);
  expect(podStatus(state, { hostIp: "", runtime: "test", timing, now: start })).toMatchObject(status);
  expect(types(state)).toEqual(["drop-volumes"]);
  const running = given([observed([sandbox()], [container()]), prepared, wanted]);
  expect(types(running)).toEqual(["stop-container"]);
});
