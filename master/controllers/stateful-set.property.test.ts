// Whatever happens to nodes, pods and the set itself, no two pods of one name run at the same time: told by what
// runs on the hosts, not by what the control plane believes.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { PodStatus, Uid } from "../../protocol/mod.ts";
import {
  type Given,
  givenCluster,
  nodeName,
  nodeOf,
  podOf,
  register,
  report,
  runningStatus,
} from "../cluster/given.ts";
import { type PodRow, statefulSetStatusOf } from "../cluster/mod.ts";
import { lose, patchSet, podsOf, rowOf, statefulSet } from "./batch-fixtures.ts";
import { schedule, settle } from "./settling.ts";

const hosts = ["n1", "n2", "n3"] as const;
const host = fc.constantFrom(...hosts);
const name = fc.constantFrom("db-0", "db-1", "db-2");
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("sync" as const), host }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("schedule" as const) }) },
  fc.record({ type: fc.constant("part" as const), host }),
  fc.record({ type: fc.constant("heal" as const), host }),
  fc.record({ type: fc.constant("reboot" as const), host }),
  fc.record({ type: fc.constant("power off and fence" as const), host }),
  fc.record({ type: fc.constant("delete node" as const), host }),
  fc.record({ type: fc.constant("delete pod" as const), name, force: fc.boolean() }),
  fc.record({ type: fc.constant("crash" as const), name }),
  fc.record({ type: fc.constant("scale" as const), replicas: fc.nat({ max: 3 }) }),
  fc.record({ type: fc.constant("update" as const), version: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    type: fc.constant("make anew" as const),
    propagation: fc.constantFrom("Background", "Orphan"),
  }),
  fc.record({ type: fc.constant("new leader" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The hosts as they are: what runs on each, and whether the leader hears it. */
class Reality {
  readonly cluster: Given;
  readonly running = new Map<string, Map<Uid, string>>(hosts.map((each) => [each, new Map()]));
  readonly parted = new Set<string>();
  readonly off = new Set<string>();
  boots = 0;

  constructor(cluster: Given) {
    this.cluster = cluster;
  }
  on(host: string): Map<Uid, string> {
    return this.running.get(host) ?? new Map<Uid, string>();
  }
  /** Its agent does what the leader wants, and says so. */
  sync(host: string): void {
    const { cluster } = this;
    const known = cluster.state.node(nodeName(host));
    if (this.parted.has(host) || this.off.has(host) || !known || known.state === "Lost") return;
    const here = this.on(host);
    const wanted = Array.from(cluster.state.podsOnNode(known.name));
    for (const uid of here.keys()) if (!wanted.some(({ ref }) => ref.uid === uid)) here.delete(uid);
    for (const pod of wanted) this.obey(pod, here);
    settle(cluster);
  }
  obey(pod: PodRow, here: Map<Uid, string>): void {
    if (pod.deletion?.released) {
      here.delete(pod.ref.uid);
      report(this.cluster, pod, pod.status, true);
    } else if (!pod.deletion && pod.status.phase !== "Failed") {
      here.set(pod.ref.uid, pod.ref.name);
      report(this.cluster, pod, runningStatus(`10.42.0.${Number(pod.ref.name.slice(3)) + 1}`));
    }
  }
}

function take(reality: Reality, step: Step): void {
  const { cluster } = reality;
  const known = "host" in step ? cluster.state.node(nodeName(step.host)) : undefined;
  if (step.type === "sync") reality.sync(step.host);
  else if (step.type === "schedule") schedule(cluster);
  else if (step.type === "part" && known?.state === "Ready") {
    reality.parted.add(step.host);
    lose(cluster, step.host);
  } else if (step.type === "heal" && !reality.off.has(step.host)) back(reality, step.host);
  else if (step.type === "reboot") {
    reality.on(step.host).clear();
    reality.off.delete(step.host);
    reality.parted.delete(step.host);
    register(cluster, step.host, { bootId: `boot-${++reality.boots}` });
  } else if (step.type === "power off and fence" && known) {
    reality.on(step.host).clear();
    reality.off.add(step.host);
    if (known.state !== "Lost") lose(cluster, step.host);
    cluster.run({ type: "FenceNode", node: known.name });
  } else if (step.type === "delete node" && known) {
    cluster.send({ by: "user:tester", command: { type: "DeleteObject", kind: "Node", name: step.host } });
  } else change(cluster, step);
  settle(cluster);
}

/** The way is free again: the agent opens a new session, as it cannot know what it missed. */
function back(reality: Reality, host: string): void {
  reality.parted.delete(host);
  const { cluster } = reality;
  const known = cluster.state.node(nodeName(host));
  if (known?.state === "Lost") {
    cluster.run({ type: "RecoverNode", node: known.name, session: known.session }, "master:m1");
  } else if (!known) register(cluster, host, { bootId: `boot-${host}` });
}

function change(cluster: Given, step: Step): void {
  const set = cluster.state.object("StatefulSet", "default", "db");
  if (step.type === "delete pod" && cluster.state.podNamed("default", step.name)) {
    const haste = step.force ? { gracePeriodSeconds: 0 } : {};
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: step.name, ...haste });
  } else if (step.type === "crash") crash(cluster, step.name);
  else if (step.type === "scale" && set) patchSet(cluster, { replicas: step.replicas });
  else if (step.type === "update" && set) {
    patchSet(cluster, {
      template: { spec: { containers: [{ name: "main", image: `db:${step.version}` }] } },
    });
  } else if (step.type === "make anew") {
    const propagation = step.propagation === "Orphan" ? "Orphan" : "Background";
    cluster.run({ type: "DeleteObject", kind: "StatefulSet", namespace: "default", name: "db", propagation });
    settle(cluster);
    cluster.create(statefulSet("db", 3, { podManagementPolicy: "Parallel" }));
  } else if (step.type === "new leader") cluster.state.markAllDirty();
}

/** The agent reports a failed pod whose containers it has not removed. */
function crash(cluster: Given, pod: string): void {
  const row = cluster.state.podNamed("default", pod);
  const node = row?.node === undefined ? undefined : cluster.state.node(row.node);
  const status: PodStatus = { phase: "Failed", reason: "Evicted" };
  if (row && node?.state === "Ready") report(cluster, row, status);
}

function expectOnce({ running }: Reality): void {
  const seen = [...running.values()].flatMap((here) => [...here.values()]);
  expect(new Set(seen).size, `running: ${seen.join(", ")}`).toBe(seen.length);
}

test("never two of one identity, and all of them in the end", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), fc.boolean(), (steps, parallel) => {
      const cluster = givenCluster();
      const reality = new Reality(cluster);
      for (const each of hosts) register(cluster, each, { bootId: `boot-${each}` });
      cluster.create(statefulSet("db", 3, parallel ? { podManagementPolicy: "Parallel" } : {}));
      settle(cluster);
      for (const each of steps) {
        take(reality, each);
        expectOnce(reality);
      }
      for (const each of hosts)
        if (!cluster.state.node(nodeName(each)) || reality.off.has(each))
          take(reality, { type: "reboot", host: each });
      for (const each of hosts) back(reality, each);
      change(cluster, { type: "scale", replicas: 3 });
      for (let round = 0; round < 40; round++) {
        settle(cluster);
        schedule(cluster);
        for (const each of hosts) reality.sync(each);
        expectOnce(reality);
      }
      expect(podsOf(cluster, "StatefulSet", "db").map(({ ref }) => ref.name)).toEqual([
        "db-0",
        "db-1",
        "db-2",
      ]);
      expect(statefulSetStatusOf(rowOf(cluster, "StatefulSet", "db"))).toMatchObject({
        readyReplicas: 3,
        updatedReplicas: 3,
      });
      expect(nodeOf(cluster, podOf(cluster, "db-0").node ?? "").state).toBe("Ready");
    }),
    { numRuns: 100 },
  );
});
