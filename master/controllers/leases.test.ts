// Identities under a lease: `berth.io/fencing: Lease`. When their pods on lost nodes may be made elsewhere.

import { describe, expect, test } from "vitest";
import { type Given, givenCluster, nodeName, nodeOf, podOf, register } from "../cluster/given.ts";
import { leaseReplaceMs, type Epoch, type MasterId } from "../../protocol/mod.ts";
import { lose, pass, rowOf, run, statefulSet } from "./batch-fixtures.ts";
import { settle } from "./settling.ts";

function given(fencing: "Lease" | "Confirm" = "Lease"): Given {
  const cluster = givenCluster();
  for (const node of ["n1", "n2"]) register(cluster, node);
  const set = statefulSet("db", 1);
  cluster.create({ ...set, metadata: { ...set.metadata, annotations: { "berth.io/fencing": fencing } } });
  settle(cluster);
  run(cluster, podOf(cluster, "db-0"));
  confirm(cluster);
  return cluster;
}

function confirm(cluster: Given, node = "n1", session = nodeOf(cluster, node).session): readonly string[] {
  const nodes = [{ node: nodeName(node), session }];
  const decision = cluster.run({ type: "ConfirmLeases", nodes }, "controller:leases");
  return decision.events.flatMap((event) => (event.type === "LeasesConfirmed" ? event.nodes : []));
}

/** After which second the pod of the lost node is another one; undefined when it is not by then. */
function replacedAfter(cluster: Given, seconds = 30): number | undefined {
  const before = podOf(cluster, "db-0").ref.uid;
  for (let second = 0; second <= seconds; second++) {
    if (podOf(cluster, "db-0").ref.uid !== before) return second;
    pass(cluster, 1);
  }
  return undefined;
}

const elect = (cluster: Given): void =>
  cluster.evolve({
    version: 1,
    at: cluster.now,
    by: "master:m2",
    type: "LeaderElected",
    epoch: 2 as Epoch,
    master: "m2" as MasterId,
  });

describe("a pod of a lost node", () => {
  test("carries the annotation of its set", () => {
    expect(podOf(given(), "db-0").metadata.annotations).toMatchObject({ "berth.io/fencing": "Lease" });
  });

  test("is replaced 10 s after its last confirmation", () => {
    const cluster = given();
    pass(cluster, 4);
    lose(cluster, "n1");
    expect(podOf(cluster, "db-0")).toMatchObject({ ready: false, status: { reason: "NodeLost" } });
    expect(rowOf(cluster, "StatefulSet", "db").status).toMatchObject({
      conditions: [{ type: "IdentityHeld", status: "True" }],
    });
    expect(replacedAfter(cluster)).toBe(leaseReplaceMs / 1000 - 4);
    expect(rowOf(cluster, "StatefulSet", "db").status).not.toHaveProperty("conditions");
  });

  test("is replaced at once when that is longer ago", () => {
    const cluster = given();
    pass(cluster, 15);
    const before = podOf(cluster, "db-0").ref.uid;
    lose(cluster, "n1");
    expect(podOf(cluster, "db-0").ref.uid).not.toBe(before);
  });

  test("is replaced 10 s after the claim of a new leader, who knows of no later confirmation", () => {
    const cluster = given();
    pass(cluster, 4);
    lose(cluster, "n1");
    pass(cluster, 3);
    elect(cluster);
    expect(replacedAfter(cluster)).toBe(leaseReplaceMs / 1000);
  });

  test("is not replaced without a lease", () => {
    const cluster = given("Confirm");
    lose(cluster, "n1");
    expect(replacedAfter(cluster, 120)).toBeUndefined();
  });

  test("is not replaced while its node is heard, confirmed or not", () => {
    expect(replacedAfter(given(), 120)).toBeUndefined();
  });

  test("is not replaced when the node is back in time", () => {
    const cluster = given();
    lose(cluster, "n1");
    pass(cluster, 5);
    const { name: node, session } = nodeOf(cluster, "n1");
    cluster.run({ type: "RecoverNode", node, session }, "master:m1");
    expect(replacedAfter(cluster, 60)).toBeUndefined();
  });

  test("waits for the lease also when it is deleted by force, and goes then", () => {
    const cluster = given();
    lose(cluster, "n1");
    cluster.run({
      type: "DeleteObject",
      kind: "Pod",
      namespace: "default",
      name: "db-0",
      gracePeriodSeconds: 0,
    });
    settle(cluster);
    expect(replacedAfter(cluster)).toBe(leaseReplaceMs / 1000);
  });
});

describe("a confirmation", () => {
  test("is of the present session of a node that is not lost", () => {
    const cluster = given();
    const { session } = nodeOf(cluster, "n1");
    expect(confirm(cluster)).toEqual(["n1"]);
    register(cluster, "n1");
    expect(confirm(cluster, "n1", session)).toEqual([]);
    expect(confirm(cluster)).toEqual(["n1"]);
    lose(cluster, "n1");
    expect(confirm(cluster)).toEqual([]);
  });

  test("is not given to another machine of the name until what the former was promised is over", () => {
    const cluster = given();
    pass(cluster, 4);
    register(cluster, "n1", { bootId: "another" });
    expect(confirm(cluster)).toEqual([]);
    pass(cluster, leaseReplaceMs / 1000 - 4);
    expect(confirm(cluster)).toEqual(["n1"]);
  });

  test("changes no object", () => {
    const cluster = given();
    const before = nodeOf(cluster, "n1").position;
    confirm(cluster);
    expect(nodeOf(cluster, "n1").position).toBe(before);
  });
});
