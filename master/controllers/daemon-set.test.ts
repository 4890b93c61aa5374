// Daemon sets, as the Kubernetes documentation describes them.

import { describe, expect, test } from "vitest";
import { givenCluster, type Given, nodeName, nodeOf, pod, podOf, register } from "../cluster/given.ts";
import type { PodRow } from "../cluster/mod.ts";
import { apply, daemonSet, imagesOf, livingPods, makeReady, patch, readyPods } from "./given-rollouts.ts";
import { report } from "../cluster/given.ts";
import { converge, runPods, settle } from "./settling.ts";

type Fields = Readonly<Record<string, unknown>>;

function onNodes(names: readonly string[], image = "log:1", more: Fields = {}): Given {
  const given = givenCluster();
  for (const name of names) register(given, name);
  apply(given, daemonSet("log", image, more));
  converge(given);
  return given;
}

const placesOf = (given: Given): readonly string[] =>
  livingPods(given.state)
    .map(({ node = "none" }) => node)
    .toSorted();
const statusOf = (given: Given): Fields => given.state.object("DaemonSet", "default", "log")?.status ?? {};
const surging = (maxSurge: number | string): Fields => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable: 0 } },
});
const unavailable = (maxUnavailable: number | string): Fields => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable } },
});
const taint = (given: Given, node: string, taints: readonly Fields[] | null): void =>
  given.run({ type: "PatchObject", kind: "Node", name: node, patch: { spec: { taints } } }) && undefined;
function lose(given: Given, node: string): void {
  given.run({ type: "LoseNode", node: nodeName(node), silentMs: 10_000 });
  converge(given);
}
function recover(given: Given, node: string): void {
  given.run({ type: "RecoverNode", node: nodeName(node), session: nodeOf(given, node).session });
  converge(given);
}
/** Pods that may stop are gone; none becomes ready. */
function endPods(given: Given): void {
  settle(given);
  for (const row of Array.from(given.state.pods())) {
    if (row.deletion?.released && row.node !== undefined) report(given, row, row.status, true);
  }
  settle(given);
}

test("leaves the room for which its pod made way to the one that it was promised to", () => {
  const given = onNodes(["n1"]);
  const [own] = livingPods(given.state);
  if (!own) throw new Error("no pod");
  given.create(pod("urgent", { priorityClassName: "system-node-critical" }));
  const { ref } = podOf(given, "urgent");
  given.run({ type: "PreemptPods", pod: ref, node: nodeName("n1"), victims: [own.ref] }, "scheduler");
  endPods(given);
  expect(placesOf(given)).toEqual(["none", "none"]);
});

describe("a daemon set", () => {
  test("has one pod on each node, bound in the commit that makes it", () => {
    const given = givenCluster();
    for (const name of ["n1", "n2", "n3"]) register(given, name);
    apply(given, daemonSet("log", "log:1"));
    settle(given);
    expect(placesOf(given)).toEqual(["n1", "n2", "n3"]);
    converge(given);
    expect(statusOf(given)).toEqual({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberMisscheduled: 0,
      numberReady: 3,
      numberAvailable: 3,
      numberUnavailable: 0,
      updatedNumberScheduled: 3,
      observedGeneration: 1,
    });
    const before = given.log.length;
    given.state.markAllDirty();
    settle(given);
    expect(given.since(before)).toEqual([]);
  });

  test("follows nodes that come and go", () => {
    const given = onNodes(["n1", "n2"]);
    register(given, "n3");
    converge(given);
    expect(placesOf(given)).toEqual(["n1", "n2", "n3"]);
    given.run({ type: "DeleteObject", kind: "Node", name: "n2" });
    converge(given);
    expect(placesOf(given)).toEqual(["n1", "n3"]);
  });

  test("leaves the pod of a lost node bound to it, not ready, and has it back as it was", () => {
    const given = onNodes(["n1", "n2"]);
    const before = livingPods(given.state).map(({ ref }) => ref.uid);
    lose(given, "n2");
    expect(livingPods(given.state).map(({ node, ready }) => [node, ready])).toEqual([
      ["n1", true],
      ["n2", false],
    ]);
    expect(statusOf(given)).toMatchObject({
      desiredNumberScheduled: 1,
      numberReady: 1,
      numberMisscheduled: 0,
      numberUnavailable: 0,
    });
    recover(given, "n2");
    expect(livingPods(given.state).map(({ ref }) => ref.uid)).toEqual(before);
    expect(statusOf(given)).toMatchObject({ desiredNumberScheduled: 2, numberReady: 2 });
  });

  test("is on nodes that its selector and affinity select, and follows their labels", () => {
    const given = givenCluster();
    register(given, "n1", { labels: { disk: "fast" } });
    register(given, "n2", { labels: { disk: "slow" } });
    const set = daemonSet("log", "log:1");
    const spec = set.spec as { readonly template: { readonly spec: Fields } };
    apply(given, {
      ...set,
      spec: {
        ...spec,
        template: { ...spec.template, spec: { ...spec.template.spec, nodeSelector: { disk: "fast" } } },
      },
    });
    converge(given);
    expect(placesOf(given)).toEqual(["n1"]);
    for (const [name, disk] of [
      ["n1", "slow"],
      ["n2", "fast"],
    ] as const) {
      given.run({ type: "PatchObject", kind: "Node", name, patch: { metadata: { labels: { disk } } } });
    }
    converge(given);
    expect(placesOf(given)).toEqual(["n2"]);
  });

  test("comes to cordoned nodes too", () => {
    const given = givenCluster();
    register(given, "n1");
    given.run({ type: "PatchObject", kind: "Node", name: "n1", patch: { spec: { unschedulable: true } } });
    apply(given, daemonSet("log", "log:1"));
    converge(given);
    expect(placesOf(given)).toEqual(["n1"]);
  });

  test.each([
    // A taint -> a pod that is there stays, a node without one gets one.
    ["NoSchedule", true, false],
    ["NoExecute", false, false],
    ["PreferNoSchedule", true, true],
  ])("a taint with %s: it stays %s, it comes %s", (effect, stays, comes) => {
    const given = onNodes(["n1"]);
    register(given, "n2", { taints: [{ key: "test", effect }] } as Fields);
    taint(given, "n1", [{ key: "test", effect }]);
    converge(given);
    const places = placesOf(given);
    expect([places.includes("n1"), places.includes("n2")]).toEqual([stays, comes]);
    expect(statusOf(given)).toMatchObject({
      desiredNumberScheduled: comes ? 2 : 0,
      numberMisscheduled: stays && !comes ? 1 : 0,
    });
  });

  test("waits on a node that has no room, and on no other", () => {
    const given = givenCluster();
    register(given, "n1", { capacity: { cpuMilli: 4000, memoryBytes: 2 ** 30, pods: 0 } });
    register(given, "n2");
    apply(given, daemonSet("log", "log:1"));
    settle(given);
    const waiting = [...given.state.podsWaiting()];
    expect(placesOf(given)).toEqual(["n2", "none"]);
    expect(JSON.stringify(waiting[0]?.spec.affinity)).toContain('"n1"');
    expect(statusOf(given)).toMatchObject({ currentNumberScheduled: 2, desiredNumberScheduled: 2 });
  });

  test("replaces a deleted pod, and one that has ended after a while", () => {
    const given = onNodes(["n1"]);
    const [first] = livingPods(given.state);
    if (!first) throw new Error("no pod");
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: first.ref.name });
    converge(given);
    const [second] = livingPods(given.state);
    expect(second?.ref.uid).not.toBe(first.ref.uid);
    report(given, second as PodRow, { phase: "Failed" });
    settle(given);
    expect(livingPods(given.state)).toEqual([]);
    converge(given);
    expect(placesOf(given)).toEqual(["n1"]);
    expect(given.state.podCount).toBe(1);
  });

  test("adopts pods that match where they stand, and takes all along when it is deleted", () => {
    const given = onNodes(["n1", "n2"]);
    const where = { kind: "DaemonSet", namespace: "default", name: "log" };
    given.run({ type: "DeleteObject", ...where, propagation: "Orphan" });
    converge(given);
    const pods = livingPods(given.state).map(({ ref }) => ref.uid);
    apply(given, daemonSet("log", "log:1"));
    converge(given);
    expect(livingPods(given.state).map(({ ref }) => ref.uid)).toEqual(pods);
    given.run({ type: "DeleteObject", ...where });
    converge(given);
    expect(given.state.podCount).toBe(0);
  });
});

describe("a rolling update of a daemon set", () => {
  const names = ["n1", "n2", "n3", "n4"];
  test.each([
    [1, 1],
    [2, 2],
    ["25%", 1],
    // Rounded up.
    ["30%", 2],
    ["100%", 4],
  ])("with maxUnavailable %s replaces %d at a time", (max, atOnce) => {
    const given = onNodes(names, "log:1", unavailable(max));
    apply(given, daemonSet("log", "log:2", unavailable(max)));
    for (let round = 1; round * atOnce <= names.length; round++) {
      endPods(given);
      expect(imagesOf(given.state)["log:2"]).toBe(round * atOnce);
      expect(readyPods(given.state)).toHaveLength(names.length - atOnce);
      runPods(given);
    }
    converge(given);
    expect(imagesOf(given.state)).toEqual({ "log:2": 4 });
  });
  test("makes the new pod only when the old one is gone", () => {
    const given = onNodes(["n1"]);
    apply(given, daemonSet("log", "log:2"));
    settle(given);
    expect(livingPods(given.state)).toEqual([]);
    expect(given.state.podCount).toBe(1);
    endPods(given);
    expect(imagesOf(given.state)).toEqual({ "log:2": 1 });
  });
  test("stops at pods that do not work, and replaces broken ones at once", () => {
    const given = onNodes(names);
    for (const pod of livingPods(given.state).slice(0, 2)) makeReady(given, pod, false);
    settle(given);
    apply(given, daemonSet("log", "log:2"));
    endPods(given);
    expect(imagesOf(given.state)).toEqual({ "log:1": 2, "log:2": 2 });
    given.now += 3_600_000;
    endPods(given);
    expect(imagesOf(given.state)).toEqual({ "log:1": 2, "log:2": 2 });
  });
  test.each<[string, Fields]>([
    ["without surge", unavailable(1)],
    ["with surge", surging(1)],
  ])("does not wait for a lost node, whose pod is replaced when it is back, %s", (_how, strategy) => {
    const given = onNodes(["n1", "n2", "n3"], "log:1", strategy);
    lose(given, "n2");
    apply(given, daemonSet("log", "log:2", strategy));
    converge(given);
    const images = (): unknown => imagesOf(given.state);
    expect(images()).toEqual({ "log:1": 1, "log:2": 2 });
    expect(statusOf(given)).toMatchObject({ desiredNumberScheduled: 2, updatedNumberScheduled: 2 });
    recover(given, "n2");
    expect(images()).toEqual({ "log:2": 3 });
    expect(placesOf(given)).toEqual(["n1", "n2", "n3"]);
  });

  test("with surge makes the new pod first, and so many at a time", () => {
    const given = onNodes(names, "log:1", surging("50%"));
    apply(given, daemonSet("log", "log:2", surging("50%")));
    settle(given);
    expect(imagesOf(given.state)).toEqual({ "log:1": 4, "log:2": 2 });
    expect(readyPods(given.state)).toHaveLength(4);
    runPods(given);
    settle(given);
    expect(imagesOf(given.state)).toEqual({ "log:1": 2, "log:2": 4 });
    converge(given);
    expect(imagesOf(given.state)).toEqual({ "log:2": 4 });
    expect(placesOf(given)).toEqual(names);
  });
  test("with surge keeps the old pod until the new one is available", () => {
    const more = { ...surging(1), minReadySeconds: 10 };
    const given = onNodes(["n1"], "log:1", more);
    apply(given, daemonSet("log", "log:2", more));
    settle(given);
    runPods(given);
    settle(given);
    expect(imagesOf(given.state)).toEqual({ "log:1": 1, "log:2": 1 });
    given.now += 10_000;
    settle(given);
    expect(imagesOf(given.state)).toEqual({ "log:2": 1 });
  });
  test("OnDelete waits until somebody deletes the old pod", () => {
    const onDelete = { updateStrategy: { type: "OnDelete" } };
    const given = onNodes(["n1", "n2"], "log:1", onDelete);
    apply(given, daemonSet("log", "log:2", onDelete));
    converge(given);
    expect(imagesOf(given.state)).toEqual({ "log:1": 2 });
    expect(statusOf(given)).toMatchObject({ updatedNumberScheduled: 0 });
    const [pod] = livingPods(given.state);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: pod?.ref.name ?? "" });
    converge(given);
    expect(imagesOf(given.state)).toEqual({ "log:1": 1, "log:2": 1 });
  });
  test("a change that is no change of the template replaces nothing", () => {
    const given = onNodes(["n1"]);
    const [before] = livingPods(given.state);
    patch(given, "DaemonSet", "log", { spec: { minReadySeconds: 1 } });
    converge(given);
    expect(livingPods(given.state).map(({ ref }) => ref.uid)).toEqual([before?.ref.uid]);
  });
});
