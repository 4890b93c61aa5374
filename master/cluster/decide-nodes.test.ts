// Nodes and agents: registration, silence, reports, and what the binding checks again.

import { describe, expect, test } from "vitest";
import { settle } from "../controllers/settling.ts";
import {
  bind,
  controller,
  givenCluster,
  nodeName,
  nodeOf,
  pod,
  podOf,
  placement,
  register,
  report,
  runningStatus,
  service,
} from "./given.ts";

const bindTo = (given: ReturnType<typeof givenCluster>, name: string, node: string) =>
  given.refusal({ type: "BindPod", pod: podOf(given, name).ref, node: nodeName(node), placement });

describe("registration", () => {
  test("gives each node a range of its own, and a new session each time", () => {
    const given = givenCluster();
    const first = register(given, "n1");
    const second = register(given, "n2");
    expect([first.podCidr, second.podCidr]).toEqual(["10.42.0.0/24", "10.42.1.0/24"]);
    const again = register(given, "n1");
    expect(again.session).toBeGreaterThan(first.session);
    expect(again.podCidr).toBe(first.podCidr);
    expect(again.ref.uid).toBe(first.ref.uid);
  });

  test("an agent that comes back keeps its pods as they were", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("a"));
    bind(given, podOf(given, "a"), "n1");
    report(given, podOf(given, "a"), runningStatus("10.42.0.2"));
    register(given, "n1");
    expect(podOf(given, "a")).toMatchObject({ node: "n1", ready: true });
  });

  test("after a reboot pods are not ready until they are heard of, and those that may not run twice have failed", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("again"));
    given.create(pod("once", { restartPolicy: "Never" }));
    for (const name of ["again", "once"]) {
      bind(given, podOf(given, name), "n1");
      report(given, podOf(given, name), runningStatus("10.42.0.2"));
    }
    register(given, "n1", { bootId: "second" });
    expect(podOf(given, "again")).toMatchObject({ node: "n1", ready: false, status: { phase: "Running" } });
    expect(podOf(given, "once").status).toMatchObject({ phase: "Failed", reason: "NodeRebooted" });
  });

  test("the range of pods has an end", () => {
    const given = givenCluster();
    const header = { version: 1, at: given.now, by: "master:m1" };
    given.evolve({
      ...header,
      type: "ClusterConfigured",
      podCidr: "10.42.0.0/23",
      serviceCidr: "10.43.0.0/24",
    });
    register(given, "n1");
    register(given, "n2");
    expect(() => register(given, "n3")).toThrow("no room for another node");
  });
});

describe("silence", () => {
  test("suspected, lost, back again", () => {
    const given = givenCluster();
    const { session } = register(given, "n1");
    const node = nodeName("n1");
    given.run({ type: "SuspectNode", node, silentMs: 3000 });
    expect(given.run({ type: "SuspectNode", node, silentMs: 4000 }).events).toEqual([]);
    given.run({ type: "LoseNode", node, silentMs: 10_000 });
    settle(given);
    expect(given.state.render("Node", undefined, "n1")).toMatchObject({
      spec: { taints: [{ key: "node.kubernetes.io/unreachable" }, { effect: "NoExecute" }] },
      status: { conditions: [{ type: "Ready", status: "Unknown" }] },
    });
    given.run({ type: "RecoverNode", node, session });
    settle(given);
    expect(nodeOf(given, "n1")).toMatchObject({ state: "Ready", taints: [] });
    const wrong = { type: "RecoverNode", node, session: 1 as typeof session } as const;
    expect(given.refusal(wrong)).toMatchObject({
      code: "Conflict",
      message: "session 1 of node n1 was superseded by 5: register again",
    });
  });
});

describe("binding", () => {
  test("is refused where the pod does not fit any more", () => {
    const given = givenCluster();
    register(given, "n1", { capacity: { cpuMilli: 1000, memoryBytes: 2 ** 30, pods: 2 } });
    const big = { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "800m" } } }] };
    given.create(pod("a", big));
    given.create(pod("b", big));
    bind(given, podOf(given, "a"), "n1");
    expect(bindTo(given, "b", "n1")?.message).toContain("cpuMilli 800 is asked for and 200 is free");
    expect(bindTo(given, "b", "n9")).toMatchObject({ code: "NotFound", message: "node n9 does not exist" });
    expect(bindTo(given, "a", "n9")?.message).toContain("bound to n1 already");
  });

  test("is refused on a cordoned or lost node", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("a"));
    given.run({ type: "PatchObject", kind: "Node", name: "n1", patch: { spec: { unschedulable: true } } });
    expect(bindTo(given, "a", "n1")?.message).toContain("cordoned");
    given.run({ type: "PatchObject", kind: "Node", name: "n1", patch: { spec: { unschedulable: null } } });
    given.run({ type: "LoseNode", node: nodeName("n1"), silentMs: 1 });
    expect(bindTo(given, "a", "n1")?.message).toContain("lost");
  });

  test("a refusal is written once, and shown until the pod has a place", () => {
    const given = givenCluster();
    given.create(pod("a"));
    const refusal = { nodes: 0, refused: {}, message: "0/0 nodes are available" };
    given.run({ type: "RefusePod", pod: podOf(given, "a").ref, refusal });
    expect(given.run({ type: "RefusePod", pod: podOf(given, "a").ref, refusal }).events).toEqual([]);
    expect(given.state.render("Pod", "default", "a")?.status).toMatchObject({
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }],
    });
    register(given, "n1");
    bind(given, podOf(given, "a"), "n1");
    expect(podOf(given, "a").refusal).toBeUndefined();
  });
});

describe("reports", () => {
  const running = () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("a"));
    bind(given, podOf(given, "a"), "n1");
    report(given, podOf(given, "a"), runningStatus("10.42.0.2"));
    return given;
  };

  test("write what changed, with their number, and nothing when nothing did", () => {
    const given = running();
    const length = given.log.length;
    report(given, podOf(given, "a"), runningStatus("10.42.0.2"));
    expect(given.since(length)).toEqual([]);
    report(given, podOf(given, "a"), runningStatus("10.42.0.2", false));
    expect(given.since(length)).toEqual(["PodStatusObserved", "ReportsReceived"]);
  });

  test("an older number says nothing new", () => {
    const given = running();
    const { session, reported } = nodeOf(given, "n1");
    const { uid } = podOf(given, "a").ref;
    const pods = [{ uid, status: runningStatus("10.42.0.9") }];
    const command = { type: "ReportPods", node: nodeName("n1"), session, number: reported, pods } as const;
    expect(given.run(command).events).toEqual([]);
  });

  test("phases only go forward", () => {
    const given = running();
    report(given, podOf(given, "a"), { phase: "Pending" });
    expect(podOf(given, "a").status.phase).toBe("Running");
    report(given, podOf(given, "a"), { phase: "Succeeded" });
    report(given, podOf(given, "a"), runningStatus("10.42.0.2"));
    expect(podOf(given, "a").status.phase).toBe("Succeeded");
  });

  test("of a superseded session are refused", () => {
    const given = running();
    const { session } = nodeOf(given, "n1");
    register(given, "n1");
    const command = { type: "ReportPods", node: nodeName("n1"), session, number: 1, pods: [] } as const;
    expect(given.refusal(command)?.message).toContain("superseded");
  });

  test("a pod that is gone ends its deletion, and has failed if nobody asked for it", () => {
    const given = running();
    given.create(pod("b"));
    bind(given, podOf(given, "b"), "n1");
    report(given, podOf(given, "b"), runningStatus("10.42.0.3"), true);
    expect(podOf(given, "b").status).toMatchObject({ phase: "Failed", reason: "Gone" });
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "a" });
    report(given, podOf(given, "a"), { phase: "Succeeded" }, true);
    expect(given.state.podNamed("default", "a")).toBeUndefined();
  });

  test("a node's status is written when it changed, heartbeat times aside", () => {
    const given = running();
    const { session } = nodeOf(given, "n1");
    const status = (time: string, pressure: string) => ({
      conditions: [{ type: "MemoryPressure", status: pressure, lastHeartbeatTime: time }],
    });
    const send = (time: string, pressure: string) =>
      given.run({ type: "ReportNode", node: nodeName("n1"), session, status: status(time, pressure) }).events
        .length;
    expect([send("1", "False"), send("2", "False"), send("3", "True")]).toEqual([1, 0, 1]);
    expect(given.state.render("Node", undefined, "n1")?.status).toMatchObject({
      conditions: [{ type: "MemoryPressure", status: "True" }, { type: "Ready" }],
    });
  });
});

test("a deleted node takes its pods with it", () => {
  const given = givenCluster();
  register(given, "n1");
  given.create(controller("web", 1));
  given.create(service("web"));
  settle(given);
  const [row] = [...given.state.pods()];
  if (row) bind(given, row, "n1");
  given.run({ type: "DeleteObject", kind: "Node", name: "n1" });
  settle(given);
  expect([...given.state.pods()].map(({ node }) => node)).toEqual([undefined]);
});
