import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PodRow } from "../cluster/contract.ts";
import { planPods } from "./plan.ts";
import { preemptionsPerPlan } from "./preemption.ts";
import { equalPods, type NodeFields, type PodFields, podRow, snapshotOf } from "./testkit/snapshot.ts";

const small = (name: string, more: Partial<NodeFields> = {}): NodeFields => ({
  name,
  allocatable: { cpuMilli: 1000, memoryBytes: 1000, pods: 10 },
  ...more,
});
const cpu = (name: string, cpuMilli: number, more: Partial<PodFields> = {}): PodFields => ({
  name,
  requests: { cpuMilli },
  ...more,
});

interface Case {
  readonly what: string;
  readonly nodes: readonly NodeFields[];
  readonly bound: readonly PodFields[];
  readonly pod: PodFields;
  /** Node and victims; nothing when nobody makes way. */
  readonly goes?: readonly [node: string, ...victims: string[]];
}

describe("who makes way for a pod that fits nowhere", () => {
  test.each<Case>([
    {
      what: "a pod of lower priority",
      nodes: [small("n1")],
      bound: [cpu("low", 800, { on: "n1" })],
      pod: cpu("high", 500, { priority: 10 }),
      goes: ["n1", "low"],
    },
    {
      what: "nobody of the same priority",
      nodes: [small("n1")],
      bound: [cpu("same", 800, { on: "n1", priority: 10 })],
      pod: cpu("high", 500, { priority: 10 }),
    },
    {
      what: "nobody, when the policy is Never",
      nodes: [small("n1")],
      bound: [cpu("low", 800, { on: "n1" })],
      pod: cpu("high", 500, { priority: 10, spec: { preemptionPolicy: "Never" } }),
    },
    {
      what: "nobody, when it would not fit even then",
      nodes: [small("n1")],
      bound: [cpu("low", 100, { on: "n1" }), cpu("big", 700, { on: "n1", priority: 99 })],
      pod: cpu("high", 500, { priority: 10 }),
    },
    {
      what: "no more than needed, the least important ones",
      nodes: [small("n1")],
      bound: [
        cpu("a", 300, { on: "n1", priority: 3 }),
        cpu("b", 300, { on: "n1", priority: 1 }),
        cpu("c", 300, { on: "n1", priority: 2 }),
      ],
      pod: cpu("high", 400, { priority: 10 }),
      goes: ["n1", "b"],
    },
    {
      what: "of equals the younger one",
      nodes: [small("n1")],
      bound: [cpu("old", 500, { on: "n1", createdAt: 1 }), cpu("young", 500, { on: "n1", createdAt: 2 })],
      pod: cpu("high", 400, { priority: 10 }),
      goes: ["n1", "young"],
    },
    {
      what: "the node whose most important victim matters least",
      nodes: [small("n1"), small("n2")],
      bound: [cpu("a", 900, { on: "n1", priority: 5 }), cpu("b", 900, { on: "n2", priority: 4 })],
      pod: cpu("high", 400, { priority: 10 }),
      goes: ["n2", "b"],
    },
    {
      what: "the node where fewer go",
      nodes: [small("n1"), small("n2")],
      bound: [cpu("a1", 500, { on: "n1" }), cpu("a2", 500, { on: "n1" }), cpu("b", 1000, { on: "n2" })],
      pod: cpu("high", 900, { priority: 10 }),
      goes: ["n2", "b"],
    },
    {
      what: "nobody on a node that refuses the pod for another reason",
      nodes: [
        small("n1", { cordoned: true }),
        small("n2", { taints: [{ key: "gpu", effect: "NoSchedule" }] }),
      ],
      bound: [cpu("a", 900, { on: "n1" }), cpu("b", 900, { on: "n2" })],
      pod: cpu("high", 400, { priority: 10 }),
    },
    {
      what: "nobody, when what is leaving makes room enough",
      nodes: [small("n1"), small("n2")],
      bound: [cpu("a", 900, { on: "n1" }), cpu("b", 900, { on: "n2", leaving: true })],
      pod: cpu("high", 400, { priority: 10 }),
    },
    {
      what: "the one that has its host port, and not its neighbour",
      nodes: [small("n1")],
      bound: [cpu("a", 100, { on: "n1", hostPorts: ["0.0.0.0/TCP/80"] }), cpu("b", 100, { on: "n1" })],
      pod: cpu("high", 100, { priority: 10, hostPorts: ["0.0.0.0/TCP/80"] }),
      goes: ["n1", "a"],
    },
    {
      what: "nobody while its own victims are leaving",
      nodes: [small("n1"), small("n2")],
      bound: [cpu("a", 900, { on: "n1", leaving: true }), cpu("b", 900, { on: "n2" })],
      pod: cpu("high", 400, { priority: 10, nominated: "n1" }),
    },
    {
      what: "others, when its victims have gone and somebody took the place",
      nodes: [small("n1")],
      bound: [cpu("a", 900, { on: "n1" })],
      pod: cpu("high", 400, { priority: 10, nominated: "n1" }),
      goes: ["n1", "a"],
    },
  ])("$what", ({ nodes, bound, pod, goes }) => {
    const row = podRow(pod);
    const { preemptions, bindings } = planPods(snapshotOf(nodes, bound), [row], 0);
    expect(bindings).toEqual([]);
    const [node, ...victims] = goes ?? [];
    expect(preemptions.map((each) => [each.node, each.victims.map(({ name }) => name).sort()])).toEqual(
      node === undefined ? [] : [[node, victims.sort()]],
    );
  });
});

describe("in one plan", () => {
  test("two pods do not take the same victim, and what one was promised another does not get", () => {
    const bound = [cpu("a", 500, { on: "n1" }), cpu("b", 500, { on: "n1" })];
    const pods = [
      podRow(cpu("p1", 400, { priority: 9 })),
      podRow(cpu("p2", 400, { priority: 9 })),
      podRow(cpu("p3", 400, { priority: 9 })),
    ];
    const { preemptions } = planPods(snapshotOf([small("n1")], bound), pods, 0);
    expect(preemptions.flatMap(({ victims }) => victims.map(({ name }) => name)).sort()).toEqual(["a", "b"]);
    expect(preemptions).toHaveLength(2);
  });
  test("room that is kept for a nominated pod goes to nobody that matters less, and to whoever matters more", () => {
    const nominated = podRow(cpu("p", 800, { priority: 5, nominated: "n1" }));
    const plan = (pod: PodFields) =>
      planPods(snapshotOf([small("n1")], [], [nominated]), [podRow(pod)], 0).bindings.length;
    expect(plan(cpu("low", 400))).toBe(0);
    expect(plan(cpu("same", 400, { priority: 5 }))).toBe(0);
    expect(plan(cpu("tiny", 100))).toBe(1);
    expect(plan(cpu("higher", 400, { priority: 6 }))).toBe(1);
    const own = planPods(snapshotOf([small("n1")], [], [nominated]), [nominated], 0);
    expect(own.bindings).toHaveLength(1);
  });
  test("a plan makes room for a bounded number of pods, and names the rest", () => {
    const nodes = Array.from({ length: 60 }, (_, index) => small(`n${index}`));
    const bound = nodes.map(({ name }) => cpu(`low-${name}`, 900, { on: name }));
    const pods = equalPods("high", 50, { requests: { cpuMilli: 500 }, priority: 7 });
    const { preemptions, unexamined, refusals } = planPods(snapshotOf(nodes, bound), pods, 0);
    expect(refusals.flatMap((refusal) => refusal.pods)).toHaveLength(50);
    expect(preemptions).toHaveLength(preemptionsPerPlan);
    expect(unexamined).toHaveLength(50 - preemptionsPerPlan);
  });
});

const priority = fc.constantFrom(0, 1, 5);
const pods = fc.array(
  fc.record({ on: fc.nat(3), cpuMilli: fc.integer({ min: 1, max: 700 }), priority, createdAt: fc.nat(5) }),
  { maxLength: 20 },
);
const waiting = fc.array(fc.record({ cpuMilli: fc.integer({ min: 1, max: 1000 }), priority }), {
  minLength: 1,
  maxLength: 6,
});

test("victims matter less, nobody is a victim twice, and each preemptor fits once its victims are gone", () => {
  fc.assert(
    fc.property(pods, waiting, (before, wanted) => {
      const free = new Map<string, number>();
      const bound: PodFields[] = [];
      for (const [index, { on, cpuMilli, ...rest }] of before.entries()) {
        const node = `n${on}`;
        const left = free.get(node) ?? 1000;
        if (left < cpuMilli) continue;
        free.set(node, left - cpuMilli);
        bound.push(cpu(`b${index}`, cpuMilli, { on: node, ...rest }));
      }
      const nodes = [0, 1, 2, 3].map((index) =>
        small(`n${index}`, { allocatable: { cpuMilli: 1000, memoryBytes: 1000, pods: 100 } }),
      );
      const rows = wanted
        .map(({ cpuMilli, ...rest }, index) => podRow(cpu(`w${index}`, cpuMilli, rest)))
        .sort((one, other) => (other.spec.priority ?? 0) - (one.spec.priority ?? 0));
      const plan = planPods(snapshotOf(nodes, bound), rows, 0);
      const byUid = new Map<string, PodRow>(rows.map((row) => [row.ref.uid, row]));
      const victims = plan.preemptions.flatMap((each) => each.victims.map(({ uid }) => uid));
      expect(new Set(victims).size).toBe(victims.length);
      const rowsBound = new Map(bound.map((fields) => [podRow(fields).ref.uid as string, fields]));
      for (const name of ["n0", "n1", "n2", "n3"]) {
        const promised = plan.preemptions.filter((each) => each.node === name);
        if (promised.length === 0) continue;
        for (const { pod, victims: going } of promised) {
          for (const { uid } of going) {
            const victim = rowsBound.get(uid);
            expect(victim?.on).toBe(name);
            expect(victim?.priority ?? 0).toBeLessThan(byUid.get(pod)?.spec.priority ?? 0);
          }
        }
        const gone = promised.flatMap((each) =>
          each.victims.map(({ uid }) => rowsBound.get(uid)?.requests?.cpuMilli ?? 0),
        );
        const placed = plan.bindings
          .filter(({ node }) => node === name)
          .map(({ pod }) => byUid.get(pod)?.requests.cpuMilli ?? 0);
        const coming = promised.map(({ pod }) => byUid.get(pod)?.requests.cpuMilli ?? 0);
        const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
        expect((free.get(name) ?? 1000) + sum(gone) - sum(placed)).toBeGreaterThanOrEqual(sum(coming));
      }
    }),
    { numRuns: 300 },
  );
});
