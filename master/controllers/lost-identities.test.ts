// Stateful sets whose node is lost: an identity is not given out again before it is known to be free.

import { describe, expect, test } from "vitest";
import { type Given, givenCluster, nodeName, nodeOf, podOf, register, report } from "../cluster/given.ts";
import { lose, pass, run, statefulSet } from "./batch-fixtures.ts";
import { carryOn, ready, status } from "./given-stateful-sets.ts";
import { settle } from "./settling.ts";

describe("a lost node", () => {
  const lost = (): Given => {
    const cluster = ready(3);
    lose(cluster, "n2");
    carryOn(cluster);
    return cluster;
  };
  const held = (cluster: Given) =>
    (status(cluster).conditions ?? []).filter(({ type }) => type === "IdentityHeld");

  test("does not free its identities: the pod stays, not ready, and says why", () => {
    const cluster = ready(3);
    const before = podOf(cluster, "db-1");
    lose(cluster, "n2");
    carryOn(cluster);
    pass(cluster, 100_000);
    const pod = podOf(cluster, "db-1");
    expect(pod).toMatchObject({ ref: before.ref, ready: false, node: "n2" });
    expect(pod.status).toMatchObject({
      reason: "NodeLost",
      message: expect.stringContaining("berth node fence n2"),
    });
    expect(held(cluster)).toMatchObject([{ status: "True", reason: "NodeLost" }]);
    expect(status(cluster)).toMatchObject({ replicas: 3, readyReplicas: 2 });
  });

  test.each([
    { name: "without haste", gracePeriodSeconds: undefined },
    { name: "by force", gracePeriodSeconds: 0 },
  ])("keeps a deleted pod until it is known to be gone: $name", ({ gracePeriodSeconds }) => {
    const cluster = lost();
    const before = podOf(cluster, "db-1").ref.uid;
    const haste = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "db-1", ...haste });
    settle(cluster);
    carryOn(cluster);
    expect(podOf(cluster, "db-1").ref.uid).toBe(before);
    expect(podOf(cluster, "db-1").deletion).toMatchObject({
      reason: "deleted by user:tester",
      graceSeconds: gracePeriodSeconds ?? 30,
    });
  });

  test("keeps it also when the set goes, and another one of its name makes no second", () => {
    const cluster = lost();
    cluster.run({ type: "DeleteObject", kind: "StatefulSet", namespace: "default", name: "db" });
    settle(cluster);
    expect(podOf(cluster, "db-1").deletion?.reason).toBe("owner StatefulSet db is gone");
    cluster.create(statefulSet("db", 2, { podManagementPolicy: "Parallel" }));
    settle(cluster);
    expect([...cluster.state.pods()].filter(({ ref }) => ref.name === "db-1")).toHaveLength(1);
  });

  test("keeps it also when its namespace goes, which waits for it", () => {
    const cluster = givenCluster();
    register(cluster, "n1");
    cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    cluster.create({ ...statefulSet("db", 1), metadata: { name: "db", namespace: "shop" } });
    settle(cluster);
    const pod = () => cluster.state.podNamed("shop", "db-0");
    const made = pod();
    if (!made) throw new Error("no pod");
    run(cluster, made);
    lose(cluster, "n1");
    cluster.run({ type: "DeleteObject", kind: "Namespace", name: "shop" });
    settle(cluster);
    expect(pod()).toMatchObject({ ref: made.ref, deletion: { reason: "namespace is being deleted" } });
    const waiting = cluster.state.object("Namespace", undefined, "shop")?.deletion;
    expect(waiting?.requestedAt).toBeGreaterThan(0);
    cluster.run({ type: "FenceNode", node: nodeName("n1") });
    settle(cluster);
    expect(pod()).toBeUndefined();
    expect(cluster.state.object("Namespace", undefined, "shop")).toBeUndefined();
  });

  test("that is heard again has its pod as it was", () => {
    const cluster = ready(3);
    const before = podOf(cluster, "db-1");
    lose(cluster, "n2");
    const { session } = nodeOf(cluster, "n2");
    cluster.run({ type: "RecoverNode", node: nodeName("n2"), session }, "master:m1");
    settle(cluster);
    carryOn(cluster);
    expect(podOf(cluster, "db-1")).toMatchObject({ ref: before.ref, ready: true, status: before.status });
    expect(held(cluster)).toEqual([]);
  });

  test("whose agent says that the pod is gone frees it", () => {
    const cluster = lost();
    const before = podOf(cluster, "db-1");
    register(cluster, "n2");
    report(cluster, before, before.status, true);
    settle(cluster);
    carryOn(cluster);
    expect(podOf(cluster, "db-1").ref.uid).not.toBe(before.ref.uid);
    expect(status(cluster)).toMatchObject({ readyReplicas: 3 });
  });

  test("that was booted again starts the pod again, still the same one", () => {
    const cluster = lost();
    const before = podOf(cluster, "db-1");
    register(cluster, "n2", { bootId: "another" });
    settle(cluster);
    carryOn(cluster);
    expect(podOf(cluster, "db-1")).toMatchObject({ ref: before.ref, ready: true });
    expect(held(cluster)).toEqual([]);
  });

  test("that somebody vouches for frees it at once", () => {
    const cluster = lost();
    const before = podOf(cluster, "db-1").ref.uid;
    cluster.run({ type: "FenceNode", node: nodeName("n2"), reason: "power is off" });
    settle(cluster);
    expect(podOf(cluster, "db-1").ref.uid).not.toBe(before);
    expect(podOf(cluster, "db-1").node).toBeUndefined();
    expect(held(cluster)).toEqual([]);
    expect(cluster.run({ type: "FenceNode", node: nodeName("n2") }).outcome).toBe("unchanged");
  });

  test("a node that is heard is not fenced, and not deleted while it has an identity", () => {
    const cluster = ready(3);
    expect(cluster.refusal({ type: "FenceNode", node: nodeName("n2") })).toMatchObject({
      code: "Conflict",
      message: "node n2 is Ready, not Lost: its agent is heard, so drain it instead (berth drain n2)",
    });
    expect(cluster.refusal({ type: "DeleteObject", kind: "Node", name: "n2" })).toMatchObject({
      code: "Conflict",
      message:
        "Pod default/db-1 must not run twice and may run on node n2: drain the node first, or fence it when it is lost (berth node fence n2)",
    });
    lose(cluster, "n2");
    expect(cluster.refusal({ type: "DeleteObject", kind: "Node", name: "n2" })).toMatchObject({
      code: "Conflict",
      message:
        "Pod default/db-1 must not run twice and may run on node n2: drain the node first, or fence it when it is lost (berth node fence n2)",
    });
    cluster.run({ type: "FenceNode", node: nodeName("n2") });
    cluster.run({ type: "DeleteObject", kind: "Node", name: "n2" });
    settle(cluster);
    expect(podOf(cluster, "db-1").node).toBeUndefined();
  });
});
