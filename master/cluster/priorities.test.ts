import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import { condition, daemonSet, deployment } from "../controllers/given-rollouts.ts";
import { converge, settle } from "../controllers/settling.ts";
import { bind, type Given, givenCluster, nodeName, pod, podOf, register } from "./given.ts";
import { podsOf } from "../controllers/given-budgets.ts";

const priorityClass = (name: string, value: number, more: object = {}): ApiObject => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name },
  value,
  ...more,
});
const create = (object: ApiObject) => ({ type: "CreateObject", object }) as const;

describe("a pod's priority", () => {
  test("comes from its class, and stays when the pod is applied again", () => {
    const given = givenCluster();
    given.create(priorityClass("high", 1000, { preemptionPolicy: "Never" }));
    const manifest = pod("a", { priorityClassName: "high" });
    given.run({ type: "ApplyObject", object: manifest, manager: "tester" });
    expect(podOf(given, "a").spec).toMatchObject({ priority: 1000, preemptionPolicy: "Never" });
    const again = given.run({ type: "ApplyObject", object: manifest, manager: "tester" });
    expect(again).toMatchObject({ outcome: "unchanged", events: [] });
  });
  test("is the default class's where none is named, and is not set where there is none", () => {
    const given = givenCluster();
    given.create(pod("before"));
    expect(podOf(given, "before").spec.priority).toBeUndefined();
    given.create(priorityClass("usual", 10, { globalDefault: true }));
    given.create(pod("after"));
    expect(podOf(given, "after").spec).toMatchObject({ priority: 10, priorityClassName: "usual" });
    const refused = given.refusal(create(priorityClass("other", 5, { globalDefault: true })));
    expect(refused?.message).toBe(
      "PriorityClass usual is already marked as default. Only one default can exist",
    );
    given.create(priorityClass("third", 5));
    const patch = { globalDefault: true };
    expect(given.refusal({ type: "PatchObject", kind: "PriorityClass", name: "third", patch })).toMatchObject(
      {
        code: "Forbidden",
        message: "PriorityClass usual is already marked as default. Only one default can exist",
      },
    );
  });
  test.each<[object, string]>([
    [{ priorityClassName: "nope" }, 'pods "a" is forbidden: no PriorityClass with name nope was found'],
    [
      { priority: 7 },
      "the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0",
    ],
    [
      { priorityClassName: "system-node-critical", priority: 7 },
      "computed 2000001000 from the given PriorityClass name",
    ],
    [{ preemptionPolicy: "Never" }, "the string value of PreemptionPolicy (Never) must not be provided"],
  ])("%j is forbidden", (spec, message) => {
    expect(givenCluster().refusal(create(pod("a", { ...spec })))).toMatchObject({
      code: "Forbidden",
      message: expect.stringContaining(message),
    });
  });
  test("templates get it when their pods are made, and anew when the class was made anew", () => {
    const given = givenCluster();
    register(given, "n1");
    const template = (app: string) => ({
      metadata: { labels: { app } },
      spec: { priorityClassName: "high", containers: [{ name: "main", image: "web:1" }] },
    });
    const made = given.create(deployment("web", 2, "web:1", { template: template("web") }));
    given.create(daemonSet("agent", "agent:1", { template: template("agent") }));
    expect(made.warnings?.[0]).toContain("no PriorityClass with name high was found");
    settle(given);
    expect(podsOf(given)).toEqual([]);
    const failure = () => condition(given, "web", "ReplicaFailure");
    expect(failure()).toBe("True FailedCreate");
    const [set] = given.state.objects("ReplicaSet");
    expect(set?.status).toMatchObject({
      conditions: [
        {
          type: "ReplicaFailure",
          message: `pods "${set?.ref.name}-" is forbidden: no PriorityClass with name high was found`,
        },
      ],
    });
    given.create(priorityClass("high", 50));
    settle(given);
    expect(failure()).toBe("none");
    expect(podsOf(given).map(({ spec }) => spec.priority)).toEqual([50, 50]);
    expect(podsOf(given, "agent").map(({ spec }) => spec.priority)).toEqual([50]);
    given.run({ type: "DeleteObject", kind: "PriorityClass", name: "high" });
    given.create(priorityClass("high", 60));
    const [first] = podsOf(given);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: first?.ref.name ?? "" });
    settle(given);
    expect(new Set(podsOf(given).map(({ spec }) => spec.priority))).toEqual(new Set([50, 60]));
    const groups = podsOf(given).map(({ group }) => group);
    expect(new Set(groups).size).toBe(2);
  });
  test("the cluster's own classes can't go", () => {
    const given = givenCluster();
    given.create(priorityClass("system-node-critical", 2_000_001_000));
    const command = { type: "DeleteObject", kind: "PriorityClass", name: "system-node-critical" } as const;
    expect(given.refusal(command)).toMatchObject({
      code: "Forbidden",
      message: "priority class system-node-critical is the cluster's own and can't be deleted",
    });
  });
});

const given3 = (): Given => {
  const given = givenCluster();
  register(given, "n1");
  given.create(priorityClass("low", 1));
  given.create(priorityClass("high", 1000));
  return given;
};

test("pods wait by priority, then by age, also after an undo", () => {
  const given = given3();
  const names = (): readonly string[] => [...given.state.podsWaiting()].map(({ ref }) => ref.name);
  given.create(pod("a"));
  given.create(pod("b", { priorityClassName: "high" }));
  given.create(pod("c", { priorityClassName: "low" }));
  given.create(pod("d", { priorityClassName: "high" }));
  expect(names()).toEqual(["b", "d", "c", "a"]);
  const mark = given.state.mark();
  bind(given, podOf(given, "b"), "n1");
  expect(names()).toEqual(["d", "c", "a"]);
  given.state.undo(mark);
  expect(names()).toEqual(["b", "d", "c", "a"]);
});

describe("preemption", () => {
  const preempt = (given: Given, ...victims: readonly string[]) =>
    ({
      type: "PreemptPods",
      pod: podOf(given, "urgent").ref,
      node: nodeName("n1"),
      victims: victims.map((name) => podOf(given, name).ref),
    }) as const;

  test("is one decision: who gets the place, and who goes for whom", () => {
    const given = given3();
    for (const name of ["a", "b"]) {
      given.create(pod(name, { priorityClassName: "low" }));
      bind(given, podOf(given, name), "n1");
    }
    given.create(pod("urgent", { priorityClassName: "high" }));
    const length = given.log.length;
    given.run(preempt(given, "a", "b"), "scheduler");
    expect(given.since(length)).toEqual(["PodNominated", "DeletionRequested", "DeletionRequested"]);
    expect(podOf(given, "a").deletion?.reason).toBe(
      "preempted by default/urgent (priority 1000) on node n1: its own is 1",
    );
    expect(given.state.render("Pod", "default", "urgent")?.status).toMatchObject({ nominatedNodeName: "n1" });
    expect([...given.state.podsNominated()].map(({ ref }) => ref.name)).toEqual(["urgent"]);
    expect(given.run(preempt(given, "a", "b"), "scheduler").events).toEqual([]);
    bind(given, podOf(given, "urgent"), "n1");
    expect([...given.state.podsNominated()]).toEqual([]);
    expect(given.state.render("Pod", "default", "urgent")?.status).not.toHaveProperty("nominatedNodeName");
  });
  test("is refused for a victim that matters as much, or is elsewhere", () => {
    const given = given3();
    given.create(pod("peer", { priorityClassName: "high" }));
    given.create(pod("unbound"));
    bind(given, podOf(given, "peer"), "n1");
    given.create(pod("urgent", { priorityClassName: "high" }));
    expect(given.refusal(preempt(given, "peer"))).toMatchObject({
      code: "Conflict",
      message: "Pod default/peer does not make way for Pod default/urgent on node n1",
    });
    expect(given.refusal(preempt(given, "unbound"))).toMatchObject({
      code: "Conflict",
      message: "Pod default/unbound does not make way for Pod default/urgent on node n1",
    });
  });
  test("sums by priority follow pods that come, leave and go", () => {
    const given = given3();
    for (const name of ["a", "b"]) {
      const resources = { requests: { cpu: "100m" } };
      given.create(
        pod(name, {
          priorityClassName: name === "a" ? "low" : "high",
          containers: [{ name: "m", image: "i", resources }],
        }),
      );
      bind(given, podOf(given, name), "n1");
    }
    const below = (priority: number) => given.state.roomBelow(nodeName("n1"), priority).cpuMilli;
    expect([below(1), below(2), below(1000), below(1001)]).toEqual([0, 100, 100, 200]);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "b" });
    expect(below(1)).toBe(100);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "b", gracePeriodSeconds: 0 });
    expect([below(1), below(2)]).toEqual([0, 100]);
    converge(given);
  });
});
