import { describe, expect, it } from "vitest";
import type { PodRow } from "../cluster/contract.ts";
import { planPods } from "./plan.ts";
import { equalPods, type NodeFields, type PodFields, podRow, snapshotOf } from "./testkit/snapshot.ts";

interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values?: string[];
}

const plan = (nodes: readonly NodeFields[], pods: readonly PodRow[], bound: readonly PodFields[] = []) =>
  planPods(snapshotOf(nodes, bound), pods, 0);

/** Node of the only pod, or the message of its refusal. */
function outcome(
  nodes: readonly NodeFields[],
  pod: Partial<PodFields>,
  bound: readonly PodFields[] = [],
): string {
  const { bindings, refusals } = plan(nodes, [podRow({ name: "p", ...pod })], bound);
  return bindings[0]?.node ?? refusals[0]?.refusal.message ?? "neither";
}

const noExecute = { key: "gpu", value: "yes", effect: "NoExecute" } as const;
const noSchedule = { key: "gpu", value: "yes", effect: "NoSchedule" } as const;
const preferNot = { key: "old", effect: "PreferNoSchedule" } as const;

describe("where one pod goes", () => {
  const cases: [string, readonly NodeFields[], Partial<PodFields>, string, (readonly PodFields[])?][] = [
    ["no node at all", [], {}, "0/0 nodes are available: no node has registered."],
    ["the only node", [{ name: "n1" }], {}, "n1"],
    ["equal nodes: the first by name", [{ name: "n2" }, { name: "n1" }], {}, "n1"],
    [
      "too little cpu",
      [{ name: "n1", allocatable: { cpuMilli: 100 } }],
      { requests: { cpuMilli: 101 } },
      "0/1 nodes are available: 1 Insufficient cpu.",
    ],
    [
      "exactly enough cpu",
      [{ name: "n1", allocatable: { cpuMilli: 100 } }],
      { requests: { cpuMilli: 100 } },
      "n1",
    ],
    [
      "too little of several",
      [{ name: "n1", allocatable: { cpuMilli: 1, memoryBytes: 1, pods: 0 } }],
      { requests: { cpuMilli: 2, memoryBytes: 2 } },
      "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.",
    ],
    [
      "what bound pods request is not free",
      [{ name: "n1", allocatable: { cpuMilli: 100 } }],
      { requests: { cpuMilli: 60 } },
      "0/1 nodes are available: 1 Insufficient cpu.",
      [{ name: "b", on: "n1", requests: { cpuMilli: 50 } }],
    ],
    [
      "cordoned",
      [{ name: "n1", cordoned: true }],
      {},
      "0/1 nodes are available: 1 node(s) were unschedulable.",
    ],
    [
      "cordoned, tolerated",
      [{ name: "n1", cordoned: true }],
      { spec: { tolerations: [{ key: "node.kubernetes.io/unschedulable", operator: "Exists" }] } },
      "n1",
    ],
    [
      "suspected",
      [{ name: "n1", state: "Suspected" }],
      {},
      "0/1 nodes are available: 1 node(s) were not ready.",
    ],
    ["lost", [{ name: "n1", state: "Lost" }, { name: "n2" }], {}, "n2"],
    ["named", [{ name: "n1" }, { name: "n2" }], { spec: { nodeName: "n2" } }, "n2"],
    [
      "named, absent",
      [{ name: "n1" }, { name: "n2" }],
      { spec: { nodeName: "n3" } },
      "0/2 nodes are available: 2 node(s) didn't match the requested node name.",
    ],
    [
      "selected",
      [{ name: "n1" }, { name: "n2", labels: { disk: "ssd" } }],
      { spec: { nodeSelector: { disk: "ssd" } } },
      "n2",
    ],
    [
      "selected, none matches",
      [{ name: "n1", labels: { disk: "hdd" } }],
      { spec: { nodeSelector: { disk: "ssd" } } },
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    ],
    [
      "tainted",
      [{ name: "n1", taints: [noSchedule] }],
      {},
      "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}.",
    ],
    [
      "tainted NoExecute",
      [{ name: "n1", taints: [noExecute] }],
      { spec: { tolerations: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] } },
      "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}.",
    ],
    [
      "tolerated by value",
      [{ name: "n1", taints: [noSchedule, noExecute] }],
      { spec: { tolerations: [{ key: "gpu", value: "yes" }] } },
      "n1",
    ],
    ["rather no PreferNoSchedule", [{ name: "n1", taints: [preferNot] }, { name: "n2" }], {}, "n2"],
    ["PreferNoSchedule if need be", [{ name: "n1", taints: [preferNot] }], {}, "n1"],
    [
      "host port taken",
      [{ name: "n1" }],
      { hostPorts: ["0.0.0.0/TCP/80"] },
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
      [{ name: "b", on: "n1", hostPorts: ["127.0.0.1/TCP/80"] }],
    ],
    [
      "host port of another protocol",
      [{ name: "n1" }],
      { hostPorts: ["0.0.0.0/UDP/80"] },
      "n1",
      [{ name: "b", on: "n1", hostPorts: ["0.0.0.0/TCP/80"] }],
    ],
    [
      "the emptier node",
      [{ name: "n1" }, { name: "n2" }],
      { requests: { cpuMilli: 100 } },
      "n2",
      [{ name: "b", on: "n1", requests: { cpuMilli: 1000, memoryBytes: 2 ** 31 } }],
    ],
    [
      "away from equals",
      [{ name: "n1" }, { name: "n2" }],
      { group: "web" },
      "n2",
      [{ name: "b", group: "web", on: "n1" }],
    ],
  ];
  it.each(cases)("%s", (_title, nodes, pod, expected, bound) => {
    expect(outcome(nodes, pod, bound)).toBe(expected);
  });

  it.each<[NodeSelectorRequirement, boolean]>([
    [{ key: "zone", operator: "In", values: ["a", "b"] }, true],
    [{ key: "zone", operator: "NotIn", values: ["a"] }, false],
    [{ key: "rack", operator: "NotIn", values: ["a"] }, true],
    [{ key: "zone", operator: "Exists" }, true],
    [{ key: "zone", operator: "DoesNotExist" }, false],
    [{ key: "cores", operator: "Gt", values: ["7"] }, true],
    [{ key: "cores", operator: "Lt", values: ["8"] }, false],
    [{ key: "zone", operator: "Gt", values: ["7"] }, false],
  ])("required node affinity %o", (requirement, matches) => {
    const node = { name: "n1", labels: { zone: "a", cores: "8" } };
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [requirement] }],
        },
      },
    };
    expect(outcome([node], { spec: { affinity } }) === "n1").toBe(matches);
  });
});

describe("many pods", () => {
  it("spreads equals evenly, also when they request nothing", () => {
    const { bindings } = plan([{ name: "n1" }, { name: "n2" }, { name: "n3" }], equalPods("web", 9));
    const nodes = bindings.map(({ node }) => node);
    expect(nodes.toSorted()).toEqual(["n1", "n1", "n1", "n2", "n2", "n2", "n3", "n3", "n3"]);
  });

  it("spreads unequal pods that request nothing", () => {
    const pods = ["a", "b", "c"].map((name) => podRow({ name }));
    const { bindings } = plan([{ name: "n1" }, { name: "n2" }, { name: "n3" }], pods);
    expect(bindings.map(({ node }) => node).sort()).toEqual(["n1", "n2", "n3"]);
  });

  it("refuses what is left over once the nodes are full, and says how each was", () => {
    const nodes = [
      { name: "n1", allocatable: { cpuMilli: 200 } },
      { name: "n2", allocatable: { cpuMilli: 100 } },
      { name: "n3", cordoned: true },
    ];
    const { bindings, refusals } = plan(nodes, equalPods("web", 5, { requests: { cpuMilli: 100 } }));
    expect(bindings).toHaveLength(3);
    expect(refusals).toEqual([
      {
        pods: ["uid-web-3", "uid-web-4"],
        refusal: {
          nodes: 3,
          refused: { "node(s) were unschedulable": 1, "Insufficient cpu": 2 },
          message: "0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable.",
        },
      },
    ]);
  });

  it("gives one host port of a node to one pod of the plan", () => {
    const { bindings, refusals } = plan([{ name: "n1" }], equalPods("web", 2, { hostPorts: ["/TCP/80"] }));
    expect(bindings).toHaveLength(1);
    expect(refusals[0]?.refusal.refused).toEqual({
      "node(s) didn't have free ports for the requested pod ports": 1,
    });
  });

  it("counts what another group of the same plan took", () => {
    const nodes = [{ name: "n1", allocatable: { cpuMilli: 100 } }];
    const pods = [...equalPods("a", 1), ...equalPods("b", 1)].map((pod) => ({
      ...pod,
      requests: { cpuMilli: 60, memoryBytes: 0, pods: 1 },
    }));
    const { bindings, refusals } = plan(nodes, pods);
    expect([bindings.length, refusals.length]).toEqual([1, 1]);
  });

  it("explains a placement: candidates, refusals and the five best", () => {
    const nodes = ["n1", "n2", "n3", "n4", "n5", "n6", "n7"].map((name) => ({
      name,
      cordoned: name === "n7",
    }));
    const { bindings } = plan(nodes, equalPods("web", 1));
    const placement = bindings[0]?.placement;
    expect(placement).toMatchObject({ candidates: 6, refused: { "node(s) were unschedulable": 1 } });
    expect(placement?.scores.map(({ node }) => node)).toEqual(["n1", "n2", "n3", "n4", "n5"]);
    expect(placement?.scores[0]?.parts).toEqual({ "least allocated": 100, spread: 100, taints: 100 });
  });

  it("always names the chosen node first", () => {
    const { bindings } = plan([{ name: "n1" }, { name: "n2" }], equalPods("web", 40));
    for (const { node, placement } of bindings) expect(placement.scores[0]?.node).toBe(node);
  });
});
