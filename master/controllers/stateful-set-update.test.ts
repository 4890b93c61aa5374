// Updates of stateful sets, from the behaviour in
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies

import { describe, expect, test } from "vitest";
import { type Given, podOf, report } from "../cluster/given.ts";
import { podsOf, run } from "./batch-fixtures.ts";
import { carryOn, change, end, image, images, names, ready, status } from "./given-stateful-sets.ts";
import { settle } from "./settling.ts";

type Fields = Readonly<Record<string, unknown>>;

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
