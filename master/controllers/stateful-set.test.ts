// Stateful sets, from the behaviour in https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/

import { describe, expect, test } from "vitest";
import {
  type Given,
  givenCluster,
  nodeName,
  nodeOf,
  pod,
  podOf,
  register,
  report,
} from "../cluster/given.ts";
import { type PodRow, statefulSetStatusOf } from "../cluster/mod.ts";
import { lose, pass, podsOf, rowOf, run, statefulSet } from "./batch-fixtures.ts";
import { settle } from "./settling.ts";

type Fields = Readonly<Record<string, unknown>>;

function given(replicas: number, spec: Fields = {}): Given {
  const cluster = givenCluster();
  for (const node of ["n1", "n2", "n3"]) register(cluster, node);
  cluster.create(statefulSet("db", replicas, spec));
  settle(cluster);
  return cluster;
}
const names = (cluster: Given): readonly string[] =>
  podsOf(cluster, "StatefulSet", "db").map(({ ref }) => ref.name);
const status = (cluster: Given) => statefulSetStatusOf(rowOf(cluster, "StatefulSet", "db"));
const nodes = ["n1", "n2", "n3"];

/** What waits runs, what is to end is gone, until nothing changes; each ordinal has its own node. */
function carryOn(cluster: Given): void {
  for (let round = 0; round < 40; round++) {
    const before = cluster.log.length;
    for (const pod of podsOf(cluster, "StatefulSet", "db")) step(cluster, pod);
    settle(cluster);
    if (cluster.log.length === before) return;
  }
  throw new Error("the stateful set does not come to rest");
}
function step(cluster: Given, pod: PodRow): void {
  if (pod.node !== undefined && nodeOf(cluster, pod.node).state === "Lost") return;
  if (pod.deletion) end(cluster, pod);
  else if (!pod.ready) run(cluster, pod, nodes[Number(pod.ref.name.slice(3)) % nodes.length]);
}
function end(cluster: Given, { ref }: PodRow): void {
  const pod = cluster.state.pod(ref.uid);
  if (pod?.node !== undefined) report(cluster, pod, pod.status, true);
  settle(cluster);
}
function ready(replicas: number, spec: Fields = {}): Given {
  const cluster = given(replicas, spec);
  carryOn(cluster);
  return cluster;
}
const change = (cluster: Given, spec: Fields): void => {
  cluster.run({
    type: "PatchObject",
    kind: "StatefulSet",
    namespace: "default",
    name: "db",
    patch: { spec },
  });
  settle(cluster);
};
const image = (version: number): Fields => ({
  template: { spec: { containers: [{ name: "main", image: `db:${version}` }] } },
});
const images = (cluster: Given): readonly (string | undefined)[] =>
  podsOf(cluster, "StatefulSet", "db").map(({ spec }) => spec.containers[0]?.image);

describe("pods", () => {
  test("are made in order, each when the one before is ready", () => {
    const cluster = given(3);
    for (const expected of [["db-0"], ["db-0", "db-1"], ["db-0", "db-1", "db-2"]]) {
      expect(names(cluster)).toEqual(expected);
      run(cluster, podOf(cluster, expected.at(-1) ?? ""));
    }
    expect(status(cluster)).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
    });
  });

  test("have names, host names and labels of their own", () => {
    const { metadata, spec } = podOf(given(1), "db-0");
    expect(spec).toMatchObject({ hostname: "db-0", subdomain: "db" });
    expect(metadata.labels).toMatchObject({
      app: "db",
      "apps.kubernetes.io/pod-index": "0",
      "statefulset.kubernetes.io/pod-name": "db-0",
      "controller-revision-hash": expect.stringMatching(/^db-[a-z0-9]{10}$/),
    });
  });

  test("begin at ordinals.start", () => {
    expect(names(ready(2, { ordinals: { start: 5 } }))).toEqual(["db-5", "db-6"]);
  });

  test("are made with Parallel although somebody else's pod has the name of one", () => {
    const cluster = given(0, { podManagementPolicy: "Parallel" });
    cluster.create(pod("db-1"));
    change(cluster, { replicas: 3 });
    settle(cluster);
    expect(names(cluster)).toEqual(["db-0", "db-2"]);
  });
  test("are made all at once with Parallel", () => {
    expect(names(given(3, { podManagementPolicy: "Parallel" }))).toEqual(["db-0", "db-1", "db-2"]);
  });

  test("wait minReadySeconds for each other", () => {
    const cluster = given(2, { minReadySeconds: 10 });
    run(cluster, podOf(cluster, "db-0"));
    pass(cluster, 9);
    expect(names(cluster)).toEqual(["db-0"]);
    pass(cluster, 1);
    expect(names(cluster)).toEqual(["db-0", "db-1"]);
  });

  test("that are deleted or have failed are made anew under their name", () => {
    const cluster = ready(2);
    const before = podOf(cluster, "db-0");
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "db-0" });
    settle(cluster);
    expect(podOf(cluster, "db-0").ref.uid).toBe(before.ref.uid);
    carryOn(cluster);
    expect(podOf(cluster, "db-0").ref.uid).not.toBe(before.ref.uid);
    const second = podOf(cluster, "db-1");
    report(cluster, second, { phase: "Failed" });
    settle(cluster);
    carryOn(cluster);
    expect(podOf(cluster, "db-1").ref.uid).not.toBe(second.ref.uid);
    expect(status(cluster)).toMatchObject({ readyReplicas: 2 });
  });

  test("of a set that was deleted without them are adopted by the next", () => {
    const cluster = ready(2);
    cluster.run({
      type: "DeleteObject",
      kind: "StatefulSet",
      namespace: "default",
      name: "db",
      propagation: "Orphan",
    });
    settle(cluster);
    const before = podOf(cluster, "db-1").ref.uid;
    cluster.create(statefulSet("db", 2));
    settle(cluster);
    expect(podsOf(cluster, "StatefulSet", "db").map(({ ref }) => ref.uid)).toContain(before);
  });

  test("of a set that is made again wait until the old ones are gone", () => {
    const cluster = ready(1);
    const before = podOf(cluster, "db-0");
    cluster.run({ type: "DeleteObject", kind: "StatefulSet", namespace: "default", name: "db" });
    settle(cluster);
    cluster.create(statefulSet("db", 1));
    settle(cluster);
    expect(podOf(cluster, "db-0").ref.uid).toBe(before.ref.uid);
    end(cluster, before);
    expect(podOf(cluster, "db-0").ref.uid).not.toBe(before.ref.uid);
  });
});

describe("scaling down", () => {
  test("ends the highest ordinal, and the next when it is gone", () => {
    const cluster = ready(3);
    change(cluster, { replicas: 1 });
    const leaving = () =>
      podsOf(cluster, "StatefulSet", "db")
        .filter((pod) => pod.deletion)
        .map(({ ref }) => ref.name);
    expect(leaving()).toEqual(["db-2"]);
    end(cluster, podOf(cluster, "db-2"));
    expect(leaving()).toEqual(["db-1"]);
    end(cluster, podOf(cluster, "db-1"));
    expect(names(cluster)).toEqual(["db-0"]);
  });

  test("waits while another pod is not well", () => {
    const cluster = ready(3);
    report(cluster, podOf(cluster, "db-0"), { phase: "Running" });
    change(cluster, { replicas: 2 });
    expect(podOf(cluster, "db-2").deletion).toBeUndefined();
    carryOn(cluster);
    expect(names(cluster)).toEqual(["db-0", "db-1"]);
  });

  test("ends all at once with Parallel", () => {
    const cluster = ready(3, { podManagementPolicy: "Parallel" });
    change(cluster, { replicas: 0 });
    expect(podsOf(cluster, "StatefulSet", "db").every(({ deletion }) => deletion)).toBe(true);
  });
});

describe("updates", () => {
  test("go from the highest ordinal down, one at a time", () => {
    const cluster = ready(3);
    const first = status(cluster).currentRevision;
    change(cluster, image(2));
    const order: string[] = [];
    for (let round = 0; round < 3; round++) {
      const leaving = podsOf(cluster, "StatefulSet", "db").filter((pod) => pod.deletion);
      expect(leaving).toHaveLength(1);
      const [pod] = leaving;
      if (!pod) throw new Error("nothing is updated");
      order.push(pod.ref.name);
      end(cluster, pod);
      run(cluster, podOf(cluster, pod.ref.name));
    }
    expect(order).toEqual(["db-2", "db-1", "db-0"]);
    expect(images(cluster)).toEqual(["db:2", "db:2", "db:2"]);
    const { currentRevision, updateRevision } = status(cluster);
    expect(currentRevision).toBe(updateRevision);
    expect(currentRevision).not.toBe(first);
  });

  describe("with maxUnavailable", () => {
    const update = (maxUnavailable: number | string, more: Fields = {}) => ({
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable, ...more } },
    });
    const leaving = (cluster: Given) =>
      podsOf(cluster, "StatefulSet", "db")
        .filter((pod) => pod.deletion)
        .map(({ ref }) => ref.name);

    test.each([
      { amount: 1, expected: ["db-4"] },
      { amount: 2, expected: ["db-3", "db-4"] },
      { amount: "40%", expected: ["db-3", "db-4"] },
      // Rounded up.
      { amount: "41%", expected: ["db-2", "db-3", "db-4"] },
      { amount: 9, expected: ["db-0", "db-1", "db-2", "db-3", "db-4"] },
    ])("$amount of 5: $expected go together", ({ amount, expected }) => {
      const cluster = ready(5, update(amount));
      change(cluster, image(2));
      expect(leaving(cluster)).toEqual(expected);
      carryOn(cluster);
      expect(new Set(images(cluster))).toEqual(new Set(["db:2"]));
    });

    test("leaves what is below the partition, and counts it", () => {
      const cluster = ready(5, { ...update(2, { partition: 1 }), podManagementPolicy: "Parallel" });
      report(cluster, podOf(cluster, "db-0"), { phase: "Running" });
      change(cluster, image(2));
      expect(leaving(cluster)).toEqual(["db-4"]);
      carryOn(cluster);
      expect(images(cluster)).toEqual(["db:1", "db:2", "db:2", "db:2", "db:2"]);
    });

    test("replaces what is not available anyway first", () => {
      const cluster = ready(4, { ...update(1), podManagementPolicy: "Parallel" });
      report(cluster, podOf(cluster, "db-1"), { phase: "Running" });
      change(cluster, image(2));
      expect(leaving(cluster)).toEqual(["db-1"]);
    });

    test("makes the pods again in order, each when the one before is ready", () => {
      const cluster = ready(3, update(3));
      change(cluster, image(2));
      for (const name of ["db-0", "db-1", "db-2"]) end(cluster, podOf(cluster, name));
      expect(names(cluster)).toEqual(["db-0"]);
      run(cluster, podOf(cluster, "db-0"));
      expect(names(cluster)).toEqual(["db-0", "db-1"]);
    });

    test("makes the pods again all at once with Parallel", () => {
      const cluster = ready(3, { ...update(3), podManagementPolicy: "Parallel" });
      change(cluster, image(2));
      for (const name of ["db-0", "db-1", "db-2"]) end(cluster, podOf(cluster, name));
      expect(names(cluster)).toEqual(["db-0", "db-1", "db-2"]);
    });
  });

  test("stop at a pod that does not become ready", () => {
    const cluster = ready(3);
    change(cluster, image(2));
    end(cluster, podOf(cluster, "db-2"));
    settle(cluster);
    expect(podsOf(cluster, "StatefulSet", "db").filter((pod) => pod.deletion)).toEqual([]);
    expect(images(cluster)).toEqual(["db:1", "db:1", "db:2"]);
    expect(status(cluster)).toMatchObject({ updatedReplicas: 1, currentReplicas: 2 });
  });

  test("with a partition leave the ordinals below it as they were, also when these are made anew", () => {
    const cluster = ready(3, { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } });
    change(cluster, image(2));
    carryOn(cluster);
    expect(images(cluster)).toEqual(["db:1", "db:1", "db:2"]);
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "db-0" });
    settle(cluster);
    carryOn(cluster);
    expect(images(cluster)).toEqual(["db:1", "db:1", "db:2"]);
    change(cluster, { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } });
    carryOn(cluster);
    expect(images(cluster)).toEqual(["db:2", "db:2", "db:2"]);
  });

  test("OnDelete waits until somebody deletes the pod", () => {
    const cluster = ready(2, { updateStrategy: { type: "OnDelete" } });
    change(cluster, image(2));
    carryOn(cluster);
    expect(images(cluster)).toEqual(["db:1", "db:1"]);
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "db-1" });
    settle(cluster);
    carryOn(cluster);
    expect(images(cluster)).toEqual(["db:1", "db:2"]);
  });

  test("a template that was there before is its old revision again; old ones are kept up to the limit", () => {
    const cluster = ready(1, { revisionHistoryLimit: 1 });
    const first = status(cluster).currentRevision;
    for (const version of [2, 3, 4, 1]) {
      change(cluster, image(version));
      carryOn(cluster);
    }
    const kept = [...cluster.state.objects("ControllerRevision", "default")];
    expect(kept).toHaveLength(2);
    expect(Math.max(...kept.map(({ value }) => Number(value["revision"])))).toBe(5);
    change(cluster, image(4));
    carryOn(cluster);
    change(cluster, image(1));
    carryOn(cluster);
    expect(status(cluster).currentRevision).toBe(first);
  });
});

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

  test("keeps it also when the set or the namespace goes", () => {
    const cluster = lost();
    cluster.run({ type: "DeleteObject", kind: "StatefulSet", namespace: "default", name: "db" });
    settle(cluster);
    expect(podOf(cluster, "db-1").deletion?.reason).toBe("owner StatefulSet db is gone");
    cluster.create(statefulSet("db", 2, { podManagementPolicy: "Parallel" }));
    settle(cluster);
    expect([...cluster.state.pods()].filter(({ ref }) => ref.name === "db-1")).toHaveLength(1);
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
    expect(cluster.refusal({ type: "FenceNode", node: nodeName("n2") })?.code).toBe("Conflict");
    expect(cluster.refusal({ type: "DeleteObject", kind: "Node", name: "n2" })?.code).toBe("Conflict");
    lose(cluster, "n2");
    expect(cluster.refusal({ type: "DeleteObject", kind: "Node", name: "n2" })?.code).toBe("Conflict");
    cluster.run({ type: "FenceNode", node: nodeName("n2") });
    cluster.run({ type: "DeleteObject", kind: "Node", name: "n2" });
    settle(cluster);
    expect(podOf(cluster, "db-1").node).toBeUndefined();
  });
});
