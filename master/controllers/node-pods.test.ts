// What becomes of the pods of a lost node.

import { expect, test } from "vitest";
import {
  bind,
  controller,
  givenCluster,
  type Given,
  nodeName,
  nodeOf,
  pod,
  podOf,
  register,
  report,
  runningStatus,
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
  expect(given.state.serviceEntry("default", "web")?.endpoints.map(({ node }) => node)).toEqual(["n2", "n2"]);
});

test("a pod that was being deleted there is gone", () => {
  const given = givenCluster();
  register(given, "n1");
  given.create(pod("a"));
  bind(given, podOf(given, "a"), "n1");
  given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "a" });
  settle(given);
  lose(given, "n1");
  const lost = given.state.position;
  settle(given);
  expect(given.state.podCount).toBe(0);
  expect(given.log.at(-1)).toMatchObject({
    type: "ObjectDeleted",
    object: { kind: "Pod", name: "a" },
    by: "controller:node-pods",
    cause: lost,
    reason: "NodeLost",
  });
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

const taint = (given: Given, effects: object[]): void => {
  given.run({ type: "PatchObject", kind: "Node", name: "n1", patch: { spec: { taints: effects } } });
  settle(given);
};
const maintenance = { key: "maintenance", effect: "NoExecute" };
const bound = (name: string, tolerations: object[]): Given => {
  const given = givenCluster();
  register(given, "n1");
  given.create(pod(name, { tolerations }));
  bind(given, podOf(given, name), "n1");
  return given;
};

test("tolerationSeconds: a pod stays for so long after the taint came", () => {
  const given = bound("a", [
    { key: "maintenance", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 },
  ]);
  given.now += 1_000_000;
  taint(given, [maintenance]);
  given.now += 59_999;
  settle(given);
  expect(podOf(given, "a").deletion).toBeUndefined();
  // A change of another taint does not start it anew.
  given.run({
    type: "PatchObject",
    kind: "Node",
    name: "n1",
    patch: { spec: { taints: [maintenance, { key: "x", effect: "NoSchedule" }] } },
  });
  expect(given.state.nextDueAt).toBe(given.now + 1);
  given.now += 1;
  settle(given);
  expect(podOf(given, "a").deletion?.reason).toBe("TaintEviction");
});

test("the shortest of the tolerations counts, a taint that goes in time lets the pod stay, zero is at once", () => {
  const two = [
    { key: "maintenance", operator: "Exists", tolerationSeconds: 600, effect: "NoExecute" },
    { operator: "Exists", tolerationSeconds: 5, effect: "NoExecute" },
  ];
  const given = bound("a", two);
  taint(given, [maintenance]);
  given.now += 4999;
  taint(given, []);
  given.now += 3_600_000;
  settle(given);
  expect(podOf(given, "a").deletion).toBeUndefined();
  const none = bound("b", [{ operator: "Exists", tolerationSeconds: 0, effect: "NoExecute" }]);
  taint(none, [maintenance]);
  expect(podOf(none, "b").deletion?.reason).toBe("TaintEviction");
});

test("a pod that tolerates an unreachable node for a while is replaced after it, for ever never", () => {
  const given = givenCluster();
  register(given, "n1");
  const key = "node.kubernetes.io/unreachable";
  const tolerations = (tolerationSeconds?: number) => [
    {
      key,
      operator: "Exists",
      effect: "NoExecute",
      ...(tolerationSeconds !== undefined && { tolerationSeconds }),
    },
  ];
  given.create(pod("patient", { tolerations: tolerations(300) }));
  given.create(pod("stoic", { tolerations: tolerations() }));
  given.create(pod("hasty"));
  for (const name of ["patient", "stoic", "hasty"]) bind(given, podOf(given, name), "n1");
  lose(given, "n1");
  settle(given);
  const phases = () => ["patient", "stoic", "hasty"].map((name) => podOf(given, name).status.phase);
  expect(phases()).toEqual(["Pending", "Pending", "Failed"]);
  given.now += 300_000;
  settle(given);
  expect(phases()).toEqual(["Failed", "Pending", "Failed"]);
});

test("a pod that waits for its lost node is not ready and in no endpoints, until the node is heard again", () => {
  const given = bound("a", [{ operator: "Exists" }]);
  given.create(service("a", { ports: [{ port: 80 }] }));
  report(given, podOf(given, "a"), runningStatus("10.42.0.9"));
  const seen = (): unknown => {
    settle(given);
    const { ready, status } = podOf(given, "a");
    return [ready, status.phase, status.reason, given.state.serviceEntry("default", "a")?.endpoints.length];
  };
  expect(seen()).toEqual([true, "Running", undefined, 1]);
  lose(given, "n1");
  expect(seen()).toEqual([false, "Running", "NodeLost", 0]);
  const { session } = nodeOf(given, "n1");
  given.run({ type: "RecoverNode", node: nodeName("n1"), session });
  expect(seen()).toEqual([true, "Running", undefined, 1]);
});

test("a node's pressure becomes taints, and goes with it; users' taints stay", () => {
  const given = givenCluster();
  const { session } = register(given, "n1");
  taint(given, [{ key: "mine", effect: "NoSchedule" }]);
  const tell = (pressed: readonly string[]): void => {
    const conditions = ["MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({
      type,
      status: pressed.includes(type) ? ("True" as const) : ("False" as const),
    }));
    given.run({ type: "ReportNode", node: nodeName("n1"), session, status: { conditions } }, "node:n1");
    settle(given);
  };
  const keys = () => given.state.node(nodeName("n1"))?.taints.map(({ key, effect }) => `${key}:${effect}`);
  tell(["MemoryPressure", "DiskPressure"]);
  expect(keys()).toEqual([
    "mine:NoSchedule",
    "node.kubernetes.io/memory-pressure:NoSchedule",
    "node.kubernetes.io/disk-pressure:NoSchedule",
  ]);
  tell(["PIDPressure"]);
  expect(keys()).toEqual(["mine:NoSchedule", "node.kubernetes.io/pid-pressure:NoSchedule"]);
  tell([]);
  expect(keys()).toEqual(["mine:NoSchedule"]);
});
