// Stateful sets, from the behaviour in https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/

import { describe, expect, test } from "vitest";
import { pod, podOf, report } from "../cluster/given.ts";
import { pass, podsOf, run, statefulSet } from "./batch-fixtures.ts";
import { carryOn, change, end, names, ready, stateful, status } from "./given-stateful-sets.ts";
import { settle } from "./settling.ts";

describe("pods", () => {
  test("are made in order, each when the one before is ready", () => {
    const cluster = stateful(3);
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
    const { metadata, spec } = podOf(stateful(1), "db-0");
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
    const cluster = stateful(0, { podManagementPolicy: "Parallel" });
    cluster.create(pod("db-1"));
    change(cluster, { replicas: 3 });
    settle(cluster);
    expect(names(cluster)).toEqual(["db-0", "db-2"]);
  });

  test("are made all at once with Parallel", () => {
    expect(names(stateful(3, { podManagementPolicy: "Parallel" }))).toEqual(["db-0", "db-1", "db-2"]);
  });

  test("wait minReadySeconds for each other", () => {
    const cluster = stateful(2, { minReadySeconds: 10 });
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

  test("does not wait for pods that have ended", () => {
    const cluster = ready(3);
    report(cluster, podOf(cluster, "db-1"), { phase: "Failed" });
    report(cluster, podOf(cluster, "db-2"), { phase: "Failed" });
    change(cluster, { replicas: 1 });
    carryOn(cluster);
    expect(names(cluster)).toEqual(["db-0"]);
  });

  test("ends all at once with Parallel", () => {
    const cluster = ready(3, { podManagementPolicy: "Parallel" });
    change(cluster, { replicas: 0 });
    expect(podsOf(cluster, "StatefulSet", "db").map((pod) => [pod.ref.name, pod.deletion?.reason])).toEqual([
      ["db-0", "scaled down to 0"],
      ["db-1", "scaled down to 0"],
      ["db-2", "scaled down to 0"],
    ]);
  });
});
