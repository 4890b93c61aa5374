// Rollouts that do not get on: progressDeadlineSeconds, and the way back with `berth.io/auto-revert`.

import { describe, expect, test } from "vitest";
import { givenCluster, type Given, register } from "../cluster/given.ts";
import {
  apply,
  rolledOut,
  withoutReadiness,
  condition,
  deployment,
  patch,
  sizesOf,
} from "./given-rollouts.ts";
import { converge, runPods, settle } from "./settling.ts";

describe("the progress deadline", () => {
  const stuck = (more: Readonly<Record<string, unknown>> = {}): Given => {
    const given = rolledOut("web", 2, "web:1", more);
    apply(given, deployment("web", 2, "web:2", { progressDeadlineSeconds: 60, ...more }));
    withoutReadiness(given);
    return given;
  };
  test("passes without progress: the condition says so, and nothing else changes", () => {
    const given = stuck();
    expect(condition(given, "web", "Progressing")).toMatch(/^True/);
    expect(given.state.nextDueAt).toBe(given.now + 60_000);
    given.now += 60_000;
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("False ProgressDeadlineExceeded");
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 1 });
    expect(given.state.nextDueAt).toBeUndefined();
  });
  test("starts anew with every step forward", () => {
    const given = stuck();
    given.now += 50_000;
    runPods(given);
    withoutReadiness(given);
    given.now += 50_000;
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("True ReplicaSetUpdated");
    expect(given.state.nextDueAt).toBe(given.now + 10_000);
  });
  test("is forgiven when the pods work after all", () => {
    const given = stuck();
    given.now += 60_000;
    withoutReadiness(given);
    converge(given);
    expect(condition(given, "web", "Progressing")).toBe("True NewReplicaSetAvailable");
  });
  test("does not run while the deployment is paused", () => {
    const given = stuck();
    patch(given, "Deployment", "web", { spec: { paused: true } });
    settle(given);
    given.now += 3_600_000;
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("Unknown DeploymentPaused");
    patch(given, "Deployment", "web", { spec: { paused: false } });
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("Unknown DeploymentResumed");
    expect(given.state.nextDueAt).toBe(given.now + 60_000);
  });
});

describe("automatic revert", () => {
  const reverting = (image: string, name = "web") => ({
    ...deployment(name, 2, image, { progressDeadlineSeconds: 60 }),
    metadata: { name, annotations: { "berth.io/auto-revert": "true" } },
  });
  const failed = (): Given => {
    const given = givenCluster();
    register(given, "n1");
    apply(given, reverting("web:1"));
    converge(given);
    apply(given, reverting("web:2"));
    withoutReadiness(given);
    given.now += 60_000;
    withoutReadiness(given);
    return given;
  };
  test("goes back to the last template that was rolled out, and says so", () => {
    const given = failed();
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 0 });
    expect(condition(given, "web", "Reverted")).toBe("True ProgressDeadlineExceeded");
    expect(condition(given, "web", "Progressing")).toBe("True NewReplicaSetAvailable");
    const told = given.log.filter(
      (event) => event.type === "ObjectUpdated" && event.reason?.includes("reverted"),
    );
    expect(told).toMatchObject([
      { reason: "rollout reverted: revision 2 made no progress in 60 s, back to revision 1" },
    ]);
  });
  test("is forgotten with the next template, and takes back the next failure too, but not to a failed one", () => {
    const given = failed();
    converge(given);
    apply(given, reverting("web:3"));
    withoutReadiness(given);
    expect(condition(given, "web", "Reverted")).toBe("none");
    given.now += 60_000;
    withoutReadiness(given);
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 0, "web:3": 0 });
  });
  test("of a first rollout has nothing to go back to", () => {
    const given = givenCluster();
    apply(given, reverting("web:1"));
    settle(given);
    given.now += 60_000;
    settle(given);
    expect(condition(given, "web", "Progressing")).toBe("False ProgressDeadlineExceeded");
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2 });
  });
  test("is off by default", () => {
    const given = rolledOut("web", 2, "web:1");
    apply(given, deployment("web", 2, "web:2", { progressDeadlineSeconds: 60 }));
    withoutReadiness(given);
    given.now += 60_000;
    withoutReadiness(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 1 });
  });
});
