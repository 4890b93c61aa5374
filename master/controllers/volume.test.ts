// What becomes of volumes and their data when a claim, or the volume itself, is deleted.

import { describe, expect, test } from "vitest";
import {
  type Given,
  givenCluster,
  nodeOf,
  podOf,
  register,
  report,
  runningStatus,
} from "../cluster/given.ts";
import {
  boundTo,
  carryOut,
  claim,
  claimingPod,
  claimOf,
  dataNoted,
  deletedBy,
  given,
  nodes,
  remove,
  storageClass,
  volume,
  volumeNames,
  volumeOf,
} from "./storage-fixtures.ts";

const manual = { storageClassName: "manual" };

/** The pod that uses the claim is gone. */
const end = (cluster: Given) => {
  cluster.run({
    type: "DeleteObject",
    kind: "Pod",
    namespace: "default",
    name: "db",
    gracePeriodSeconds: 0,
  });
  carryOut(cluster);
};

describe("a claim that is deleted", () => {
  const used = (policy: "Delete" | "Retain" = "Delete") => {
    const cluster = givenCluster();
    nodes(cluster, "n1");
    given(
      cluster,
      storageClass("local", { reclaimPolicy: policy }),
      claim("data"),
      claimingPod("db", ["data"]),
    );
    report(cluster, podOf(cluster, "db"), runningStatus("10.42.0.2"));
    carryOut(cluster);
    return { cluster, volume: boundTo(cluster, "data") ?? "" };
  };

  test("stays while a pod uses it", () => {
    const { cluster } = used();
    remove(cluster, "PersistentVolumeClaim", "data");
    expect(claimOf(cluster, "data").deletion).toMatchObject({
      requestedAt: cluster.now,
      propagation: "Background",
    });
    end(cluster);
    expect(cluster.state.object("PersistentVolumeClaim", "default", "data")).toBeUndefined();
  });

  test("does not wait for a pod that has ended", () => {
    const { cluster } = used();
    report(cluster, podOf(cluster, "db"), { phase: "Succeeded" });
    remove(cluster, "PersistentVolumeClaim", "data");
    expect(cluster.state.object("PersistentVolumeClaim", "default", "data")).toBeUndefined();
  });

  test("takes its volume along with Delete, on the word of the node that has deleted the data", () => {
    const { cluster, volume: name } = used();
    end(cluster);
    remove(cluster, "PersistentVolumeClaim", "data");
    expect(volumeOf(cluster, name).status["phase"]).toBe("Released");
    expect([...cluster.state.volumesToDelete(nodeOf(cluster, "n1").name)].map(({ ref }) => ref.name)).toEqual(
      [name],
    );
    deletedBy(cluster, "n1", name, "disk is gone");
    expect(volumeOf(cluster, name).status).toMatchObject({ phase: "Failed", message: "disk is gone" });
    deletedBy(cluster, "n1", name);
    expect(volumeNames(cluster)).toEqual([]);
  });

  test("leaves it with Retain: released, until somebody makes it available again", () => {
    const { cluster, volume: name } = used("Retain");
    end(cluster);
    remove(cluster, "PersistentVolumeClaim", "data");
    expect(volumeOf(cluster, name).status["phase"]).toBe("Released");
    expect([...cluster.state.volumesToDelete(nodeOf(cluster, "n1").name)]).toEqual([]);
    cluster.run({ type: "PatchObject", kind: "PersistentVolume", name, patch: { spec: { claimRef: null } } });
    carryOut(cluster);
    expect(volumeOf(cluster, name).status["phase"]).toBe("Available");
    given(cluster, claim("again", { volumeName: name }));
    expect(claimOf(cluster, "again").status["phase"]).toBe("Bound");
  });

  test("a claim of the same name does not get the old one's released volume", () => {
    const { cluster, volume: name } = used("Retain");
    end(cluster);
    remove(cluster, "PersistentVolumeClaim", "data");
    given(cluster, claim("data"));
    expect(boundTo(cluster, "data")).toBeUndefined();
    expect(volumeOf(cluster, name).status["phase"]).toBe("Released");
  });

  test("leaves it also when it was made to be kept before", () => {
    const { cluster, volume: name } = used();
    const keep = (policy: string) => ({
      type: "PatchObject" as const,
      kind: "PersistentVolume",
      name,
      patch: { spec: { persistentVolumeReclaimPolicy: policy } },
    });
    cluster.run(keep("Retain"));
    end(cluster);
    remove(cluster, "PersistentVolumeClaim", "data");
    const toDelete = () => [...cluster.state.volumesToDelete(nodeOf(cluster, "n1").name)].length;
    expect(volumeOf(cluster, name).status["phase"]).toBe("Released");
    expect(toDelete()).toBe(0);
    cluster.run(keep("Delete"));
    carryOut(cluster);
    expect(toDelete()).toBe(1);
  });

  test("a volume that nothing can delete fails and says so", () => {
    const cluster = givenCluster();
    given(
      cluster,
      volume("pv", undefined, { persistentVolumeReclaimPolicy: "Delete" }),
      claim("data", manual),
    );
    remove(cluster, "PersistentVolumeClaim", "data");
    expect(volumeOf(cluster, "pv").status).toMatchObject({
      phase: "Failed",
      message: expect.stringContaining("no deletable volume plugin matched"),
    });
  });
});

describe("a volume that is deleted", () => {
  test("stays while a claim has it; its claim is lost without it", () => {
    const cluster = givenCluster();
    given(cluster, volume("pv"), claim("data", manual));
    remove(cluster, "PersistentVolume", "pv");
    expect(volumeOf(cluster, "pv").deletion).toMatchObject({
      requestedAt: cluster.now,
      propagation: "Background",
    });
    cluster.run({
      type: "PatchObject",
      kind: "PersistentVolume",
      name: "pv",
      patch: { metadata: { finalizers: null } },
    });
    carryOut(cluster);
    expect(volumeNames(cluster)).toEqual([]);
    expect(claimOf(cluster, "data").status["phase"]).toBe("Lost");
  });

  test("goes at once when nobody has it", () => {
    const cluster = givenCluster();
    given(cluster, volume("pv"));
    remove(cluster, "PersistentVolume", "pv");
    expect(volumeNames(cluster)).toEqual([]);
  });

  test("waits for its node, or goes with a node that is not in the cluster any more", () => {
    const cluster = givenCluster();
    nodes(cluster, "n1");
    given(cluster, storageClass("local"), claim("data"), claimingPod("db", ["data"]));
    const name = boundTo(cluster, "data") ?? "";
    end(cluster);
    remove(cluster, "PersistentVolumeClaim", "data");
    remove(cluster, "PersistentVolume", name);
    expect(volumeOf(cluster, name).deletion).toMatchObject({
      requestedAt: cluster.now,
      propagation: "Background",
    });
    cluster.run({ type: "DeleteObject", kind: "Node", name: "n1" });
    carryOut(cluster);
    expect(volumeNames(cluster)).toEqual([]);
  });
});

test("a volume is known to have data once a pod ran with it", () => {
  const cluster = givenCluster();
  register(cluster, "n1");
  given(cluster, storageClass("local"), claim("data"), claimingPod("db", ["data"]));
  const name = boundTo(cluster, "data") ?? "";
  expect(dataNoted(volumeOf(cluster, name))).toBe(false);
  report(cluster, podOf(cluster, "db"), runningStatus("10.42.0.2"));
  carryOut(cluster);
  expect(dataNoted(volumeOf(cluster, name))).toBe(true);
});
