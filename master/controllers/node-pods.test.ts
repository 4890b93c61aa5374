// What becomes of the pods of a lost node.

import { expect, test } from "vitest";
import {
  bind,
  controller,
  givenCluster,
  type Given,
  nodeName,
  pod,
  podOf,
  register,
  service,
} from "../cluster/given.ts";
import { activePods, converge, settle } from "./settling.ts";

const lose = (given: Given, node: string): void => {
  given.run({ type: "LoseNode", node: nodeName(node), silentMs: 10_000 }, "master:m1");
};

test("pods of a controller are replaced elsewhere, a bare pod has failed, endpoints follow", () => {
  const given = givenCluster();
  register(given, "n1");
  given.create(controller("web", 2));
  given.create(service("web"));
  given.create(pod("bare"));
  converge(given);
  register(given, "n2");
  lose(given, "n1");
  const lost = given.state.position;
  settle(given);
  expect(podOf(given, "bare")).toMatchObject({
    status: { phase: "Failed", reason: "NodeLost" },
    givenUp: { reason: "NodeLost" },
  });
  const deleted = given.log.filter((event) => event.type === "ObjectDeleted");
  expect(deleted).toMatchObject([
    { reason: "NodeLost", by: "controller:node-pods", cause: lost },
    { reason: "NodeLost", cause: lost },
  ]);
  converge(given);
  expect([...given.state.podsOnNode(nodeName("n2"))]).toHaveLength(2);
  expect(given.state.serviceEntry("default", "web")?.endpoints.every(({ node }) => node === "n2")).toBe(true);
});

test("a pod that was being deleted there is gone", () => {
  const given = givenCluster();
  register(given, "n1");
  given.create(pod("a"));
  bind(given, podOf(given, "a"), "n1");
  given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "a" });
  lose(given, "n1");
  settle(given);
  expect(given.state.podCount).toBe(0);
});

test("more pods than one reconcile handles are all replaced", () => {
  const given = givenCluster();
  register(given, "n1", { capacity: { cpuMilli: 1e6, memoryBytes: 2 ** 50, pods: 2000 } });
  given.create(controller("web", 1100));
  converge(given);
  lose(given, "n1");
  settle(given);
  expect([...given.state.podsOnNode(nodeName("n1"))]).toEqual([]);
  expect(activePods(given.state)).toBe(1100);
});

test("a NoExecute taint evicts what does not tolerate it", () => {
  const given = givenCluster();
  register(given, "n1");
  given.create(pod("leaves"));
  given.create(pod("stays", { tolerations: [{ key: "maintenance", operator: "Exists" }] }));
  for (const name of ["leaves", "stays"]) bind(given, podOf(given, name), "n1");
  const taints = [{ key: "maintenance", effect: "NoExecute" }];
  given.run({ type: "PatchObject", kind: "Node", name: "n1", patch: { spec: { taints } } });
  settle(given);
  expect(podOf(given, "leaves").deletion?.reason).toBe("TaintEviction");
  expect(podOf(given, "stays").deletion).toBeUndefined();
});

test("a pod that was bound in the same moment as the taint came is evicted, too", () => {
  const given = givenCluster();
  register(given, "n1");
  given.create(pod("a"));
  const taints = [{ key: "maintenance", effect: "NoExecute" }];
  given.run({ type: "PatchObject", kind: "Node", name: "n1", patch: { spec: { taints } } });
  settle(given);
  bind(given, podOf(given, "a"), "n1");
  settle(given);
  expect(podOf(given, "a").deletion?.reason).toBe("TaintEviction");
});
