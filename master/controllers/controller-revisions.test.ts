// Revisions of stateful sets and daemon sets that have one name, and one template, beside each other.

import { expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import { type Given, givenCluster, register } from "../cluster/given.ts";
import { controllerOf, statefulSetStatusOf } from "../cluster/mod.ts";
import { podsOf, rowOf, statefulSet } from "./batch-fixtures.ts";
import { daemonSet, patch } from "./given-rollouts.ts";
import { settle } from "./settling.ts";

const sets: Readonly<Record<string, ApiObject>> = {
  StatefulSet: statefulSet("db", 1),
  DaemonSet: daemonSet("db", "db:1"),
};

function given(...kinds: readonly string[]): Given {
  const cluster = givenCluster();
  register(cluster, "n1");
  for (const kind of kinds) {
    const set = sets[kind];
    if (set) cluster.create(set);
    settle(cluster);
  }
  return cluster;
}
const revisionsOf = (cluster: Given, kind: string): readonly string[] => {
  const { uid } = rowOf(cluster, kind, "db").ref;
  return [...cluster.state.objects("ControllerRevision", "default")]
    .filter(({ value }) => controllerOf(value.metadata.ownerReferences) === uid)
    .map(({ ref }) => ref.name);
};
const statusOf = (cluster: Given) => statefulSetStatusOf(rowOf(cluster, "StatefulSet", "db"));

test.each([
  ["StatefulSet", "DaemonSet"],
  ["DaemonSet", "StatefulSet"],
])("a %s and then a %s of the same name and template have a revision each", (first, second) => {
  const cluster = given(first, second);
  const [one, other] = [revisionsOf(cluster, first), revisionsOf(cluster, second)];
  expect([one.length, other.length]).toEqual([1, 1]);
  expect(one).not.toEqual(other);
  for (const kind of [first, second]) expect(podsOf(cluster, kind, "db")).toHaveLength(1);
  settle(cluster);
  expect([revisionsOf(cluster, first), revisionsOf(cluster, second)]).toEqual([one, other]);
});

test("a name that is free again changes no revision", () => {
  const cluster = given("DaemonSet", "StatefulSet");
  const [own] = revisionsOf(cluster, "StatefulSet");
  expect(statusOf(cluster)).toMatchObject({ updateRevision: own, collisionCount: 1 });
  cluster.run({ type: "DeleteObject", kind: "DaemonSet", namespace: "default", name: "db" });
  settle(cluster);
  patch(cluster, "StatefulSet", "db", { spec: { replicas: 2 } });
  settle(cluster);
  expect(revisionsOf(cluster, "StatefulSet")).toEqual([own]);
  expect(statusOf(cluster)).toMatchObject({ updateRevision: own, collisionCount: 0 });
});

test("a daemon set keeps the revision of its pods whatever its name", () => {
  const cluster = given("StatefulSet", "DaemonSet");
  const [own] = revisionsOf(cluster, "DaemonSet");
  patch(cluster, "DaemonSet", "db", {
    spec: {
      revisionHistoryLimit: 0,
      updateStrategy: { type: "OnDelete" },
      template: { spec: { containers: [{ name: "main", image: "db:2" }] } },
    },
  });
  settle(cluster);
  expect(revisionsOf(cluster, "DaemonSet")).toHaveLength(2);
  expect(revisionsOf(cluster, "DaemonSet")).toContain(own);
});

test.each(["StatefulSet", "DaemonSet"])("a %s does not wait for what its predecessor left to go", (kind) => {
  const cluster = given(kind);
  const [before] = revisionsOf(cluster, kind);
  patch(cluster, "ControllerRevision", before ?? "", { metadata: { finalizers: ["example.com/hold"] } });
  cluster.run({ type: "DeleteObject", kind, namespace: "default", name: "db" });
  const set = sets[kind];
  if (set) cluster.create(set);
  settle(cluster);
  const [own] = revisionsOf(cluster, kind);
  expect(own).not.toBe(before);
  patch(cluster, "ControllerRevision", before ?? "", { metadata: { finalizers: null } });
  settle(cluster);
  expect(revisionsOf(cluster, kind)).toEqual([own]);
});

test.each(["StatefulSet", "DaemonSet"])("a revision of a %s that is taken away is made anew", (kind) => {
  const cluster = given(kind);
  const [name = ""] = revisionsOf(cluster, kind);
  cluster.run({ type: "DeleteObject", kind: "ControllerRevision", namespace: "default", name });
  settle(cluster);
  expect(revisionsOf(cluster, kind)).toEqual([name]);
});
