// What no plan may do, whatever the cluster looks like.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PodRow } from "../cluster/contract.ts";
import { conflicts } from "./filters/host-ports.ts";
import { planPods } from "./plan.ts";
import { type NodeFields, type PodFields, podRow, snapshotOf } from "./testkit/snapshot.ts";
import { tolerates } from "../cluster/mod.ts";

const taint = fc.record({
  key: fc.constantFrom("gpu", "spot"),
  effect: fc.constantFrom("NoSchedule" as const, "NoExecute" as const, "PreferNoSchedule" as const),
});
const node: fc.Arbitrary<Omit<NodeFields, "name">> = fc.record({
  allocatable: fc.record({
    cpuMilli: fc.nat(4000),
    memoryBytes: fc.nat(4000),
    pods: fc.nat(6),
  }),
  state: fc.constantFrom("Ready" as const, "Ready" as const, "Suspected" as const, "Lost" as const),
  cordoned: fc.boolean(),
  taints: fc.array(taint, { maxLength: 2 }),
  labels: fc.constantFrom({ zone: "a" }, { zone: "b" }, {}),
});
const group: fc.Arbitrary<Omit<PodFields, "name">> = fc.record({
  requests: fc.record({ cpuMilli: fc.nat(1500), memoryBytes: fc.nat(1500) }),
  hostPorts: fc.subarray(["0.0.0.0/TCP/80", "127.0.0.1/TCP/80", "127.0.0.1/UDP/53"]),
  spec: fc.record({
    tolerations: fc.subarray([{ key: "gpu", operator: "Exists" as const }, { key: "spot" }]),
    nodeSelector: fc.constantFrom({}, { zone: "a" }),
  }),
});
const cluster = fc
  .record({
    nodes: fc.array(node, { maxLength: 8 }),
    groups: fc.array(group, { minLength: 1, maxLength: 4 }),
    bound: fc.array(fc.tuple(fc.nat(7), fc.nat(3)), { maxLength: 6 }),
    waiting: fc.array(fc.nat(3), { maxLength: 25 }),
  })
  .map(({ nodes, groups, bound, waiting }) => {
    const fieldsOf = (index: number, name: string): PodFields => {
      const which = index % groups.length;
      return { ...groups[which], name, group: `g${which}` };
    };
    const named = nodes.map((fields, index) => ({ ...fields, name: `n${index}` }));
    const placed = bound
      .filter(([on]) => on < nodes.length)
      .map(([on, which], index) => ({ ...fieldsOf(which, `b${index}`), on: `n${on}` }));
    const pods = waiting.map((which, index) => podRow(fieldsOf(which, `w${index}`)));
    return { snapshot: snapshotOf(named, placed), pods };
  });

describe("a plan", () => {
  it("decides every pod once, and alike every time", () => {
    fc.assert(
      fc.property(cluster, ({ snapshot, pods }) => {
        const plan = planPods(snapshot, pods, 0);
        const decided = [
          ...plan.bindings.map(({ pod }) => pod),
          ...plan.refusals.flatMap((refusal) => refusal.pods),
        ];
        expect(decided.sort()).toEqual(pods.map((pod) => pod.ref.uid).sort());
        expect(planPods(snapshot, pods, 0)).toEqual(plan);
      }),
    );
  });

  it("never over-commits a node and never goes against a filter", () => {
    fc.assert(
      fc.property(cluster, ({ snapshot, pods }) => {
        const byUid = new Map(pods.map((pod) => [pod.ref.uid, pod]));
        const placedOn = new Map<string, PodRow[]>();
        for (const { pod: uid, node: name } of planPods(snapshot, pods, 0).bindings) {
          const pod = byUid.get(uid);
          const row = snapshot.node(name);
          if (!pod || !row) throw new Error("an unknown pod or node was bound");
          expect(row.state).toBe("Ready");
          expect(row.unschedulable).toBe(false);
          for (const one of row.taints) {
            if (one.effect !== "PreferNoSchedule") expect(tolerates(pod.spec.tolerations, one)).toBe(true);
          }
          for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) {
            expect(row.metadata.labels?.[key]).toBe(value);
          }
          const before = placedOn.get(name) ?? [...snapshot.podsOnNode(name)];
          for (const other of before) {
            for (const mine of pod.hostPorts) {
              for (const theirs of other.hostPorts) expect(conflicts(mine, theirs)).toBe(false);
            }
          }
          placedOn.set(name, [...before, pod]);
          for (const unit of ["cpuMilli", "memoryBytes", "pods"] as const) {
            const used = [...before, pod].reduce((sum, { requests }) => sum + requests[unit], 0);
            if (pod.requests[unit] > 0) expect(used).toBeLessThanOrEqual(row.allocatable[unit]);
          }
        }
      }),
    );
  });

  it("refuses a pod only when no node would take it after the plan", () => {
    fc.assert(
      fc.property(cluster, ({ snapshot, pods }) => {
        const plan = planPods(snapshot, pods, 0);
        for (const { refusal } of plan.refusals) {
          expect(refusal.nodes).toBe(snapshot.rows.size);
          const most = Math.max(0, ...Object.values(refusal.refused));
          const sum = Object.values(refusal.refused).reduce((total, count) => total + count, 0);
          // Each node is counted at least once, and once per reason at most.
          expect(sum).toBeGreaterThanOrEqual(refusal.nodes);
          expect(most).toBeLessThanOrEqual(refusal.nodes);
        }
      }),
    );
  });
});
