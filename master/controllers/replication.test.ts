// Replication controllers and replica sets.

import { describe, expect, test } from "vitest";
import type { PodRow } from "../cluster/mod.ts";
import {
  bind,
  controller,
  givenCluster,
  type Given,
  nodeName,
  pod,
  podOf,
  register,
  replicaSet,
  report,
  runningStatus,
} from "../cluster/given.ts";
import { finishedPodsKept } from "./replication.ts";
import { activePods, converge, settle } from "./settling.ts";
import { victimsFirst } from "./victims.ts";

const statusOf = (given: Given, kind: string, name: string): unknown =>
  given.state.object(kind, "default", name)?.status;
const scale = (given: Given, name: string, replicas: number): void => {
  given.run({
    type: "PatchObject",
    kind: "ReplicationController",
    namespace: "default",
    name,
    patch: { spec: { replicas } },
  });
};
const rows = (given: Given): readonly PodRow[] => [...given.state.pods("default")];

describe("replication", () => {
  test("one command makes the pods, their template once, and the status", () => {
    const given = givenCluster();
    given.create(controller("web", 3));
    const length = given.log.length;
    settle(given);
    expect(given.since(length)).toEqual([
      "TemplateRecorded",
      "PodCreated",
      "PodCreated",
      "PodCreated",
      "StatusUpdated",
    ]);
    expect(statusOf(given, "ReplicationController", "web")).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 0,
      availableReplicas: 0,
      observedGeneration: 1,
    });
    const created = given.log.find(({ type }) => type === "PodCreated");
    expect(created).toMatchObject({ by: "controller:replication" });
    const asked = given.log.findLast(({ type }) => type === "ObjectCreated");
    expect(asked).toMatchObject({
      by: "user:tester",
      object: { kind: "ReplicationController", name: "web" },
    });
    expect(created?.cause).toBe(asked?.position);
  });

  test("many pods come in batches, and an unchanged template is recorded once", () => {
    const given = givenCluster();
    given.create(controller("web", 1200));
    settle(given);
    scale(given, "web", 1201);
    settle(given);
    expect(activePods(given.state)).toBe(1201);
    expect(given.log.filter(({ type }) => type === "TemplateRecorded")).toHaveLength(1);
    expect(given.log.filter(({ type }) => type === "StatusUpdated")).toHaveLength(2);
  });

  test("a pod that is lost, failed or deleted is replaced; the reason is that event", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(controller("web", 2));
    converge(given);
    const [first] = rows(given);
    if (!first) throw new Error("no pod");
    report(given, first, { phase: "Failed" });
    const failed = given.log.findLast(({ type }) => type === "PodStatusObserved")?.position;
    settle(given);
    expect(activePods(given.state)).toBe(2);
    expect(given.log.findLast(({ type }) => type === "PodCreated")?.cause).toBe(failed);
  });

  test("keeps a few finished pods, not all of them", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(controller("web", 1));
    for (let index = 0; index < finishedPodsKept + 3; index++) {
      converge(given);
      const row = rows(given).find(({ status }) => status.phase === "Running");
      if (row) report(given, row, { phase: "Failed" });
    }
    converge(given);
    expect(rows(given).filter(({ status }) => status.phase === "Failed")).toHaveLength(finishedPodsKept);
  });

  test("adopts orphans that match and lets go of pods that no longer do", () => {
    const given = givenCluster();
    given.create({ ...pod("orphan"), metadata: { name: "orphan", labels: { app: "web" } } });
    given.create(controller("web", 1));
    settle(given);
    const uid = given.state.object("ReplicationController", "default", "web")?.ref.uid;
    expect(rows(given).map(({ owner }) => owner)).toEqual([uid]);
    const patch = { metadata: { labels: { app: "debug" } } };
    given.run({ type: "PatchObject", kind: "Pod", namespace: "default", name: "orphan", patch });
    settle(given);
    expect(podOf(given, "orphan").owner).toBeUndefined();
    expect(activePods(given.state)).toBe(2);
  });

  test("a replica set selects by expressions", () => {
    const given = givenCluster();
    const selector = { matchExpressions: [{ key: "app", operator: "In", values: ["web", "shop"] }] };
    given.create({ ...pod("orphan"), metadata: { name: "orphan", labels: { app: "shop" } } });
    given.create(replicaSet("web", 2, selector));
    settle(given);
    const set = given.state.object("ReplicaSet", "default", "web");
    expect(podOf(given, "orphan").owner).toBe(set?.ref.uid);
    expect(activePods(given.state)).toBe(2);
  });

  test("ready pods become available after minReadySeconds", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(controller("web", 1, { minReadySeconds: 10 }));
    settle(given);
    const [row] = rows(given);
    if (!row) throw new Error("no pod");
    bind(given, row, "n1");
    report(given, podOf(given, row.ref.name), runningStatus("10.42.0.2"));
    settle(given);
    expect(statusOf(given, "ReplicationController", "web")).toMatchObject({
      readyReplicas: 1,
      availableReplicas: 0,
    });
    expect(given.state.nextDueAt).toBe(given.now + 10_000);
    given.now += 10_000;
    settle(given);
    expect(statusOf(given, "ReplicationController", "web")).toMatchObject({ availableReplicas: 1 });
  });

  test("a changed template makes pods of another group", () => {
    const given = givenCluster();
    given.create(controller("web", 1));
    settle(given);
    const patch = { spec: { replicas: 2, template: { spec: { nodeSelector: { disk: "fast" } } } } };
    given.run({
      type: "PatchObject",
      kind: "ReplicationController",
      namespace: "default",
      name: "web",
      patch,
    });
    settle(given);
    expect(new Set(rows(given).map(({ group }) => group)).size).toBe(2);
  });
});

describe("scaling down", () => {
  /** A pod of the controller as a test wants it. */
  const make = (given: Given, name: string, node?: string, ip?: string, ready = true): PodRow => {
    given.create({ ...pod(name), metadata: { name, labels: { app: "web" } } });
    if (node !== undefined) bind(given, podOf(given, name), node);
    if (ip !== undefined) report(given, podOf(given, name), runningStatus(ip, ready));
    return podOf(given, name);
  };

  test("takes them in Kubernetes' order", () => {
    const given = givenCluster();
    for (const node of ["n1", "n2"]) register(given, node);
    make(given, "old", "n1", "10.42.0.1");
    given.now += 5000;
    make(given, "young", "n1", "10.42.0.2");
    make(given, "alone", "n2", "10.42.1.1");
    make(given, "unready", "n1", "10.42.0.3", false);
    make(given, "pending", "n1");
    make(given, "unassigned");
    const order = victimsFirst(given.state, rows(given)).map(({ ref }) => ref.name);
    expect(order).toEqual(["unassigned", "pending", "unready", "young", "old", "alone"]);
  });

  test("restarts, then age, decide between pods that are otherwise alike", () => {
    const given = givenCluster();
    register(given, "n1");
    for (const name of ["first", "second", "restarted"]) make(given, name, "n1");
    const again = { ...runningStatus("10.42.0.9", false), phase: "Pending" as const };
    const [container] = again.containerStatuses ?? [];
    if (!container) throw new Error("no container");
    report(given, podOf(given, "restarted"), {
      ...again,
      containerStatuses: [{ ...container, restartCount: 3 }],
    });
    const order = victimsFirst(given.state, rows(given)).map(({ ref }) => ref.name);
    expect(order).toEqual(["restarted", "second", "first"]);
  });

  test("to nothing leaves nothing", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(controller("web", 20));
    converge(given);
    scale(given, "web", 3);
    converge(given);
    expect(given.state.podCount).toBe(3);
    scale(given, "web", 0);
    converge(given);
    expect(given.state.podCount).toBe(0);
    expect(given.state.node(nodeName("n1"))?.used.pods).toBe(0);
  });
});
