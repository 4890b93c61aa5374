import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import {
  type Given,
  givenCluster,
  nodeOf,
  podOf,
  register,
  report,
  runningStatus,
} from "../cluster/given.ts";
import { volumeSpecOf } from "../storage/mod.ts";
import {
  boundTo,
  carryOut,
  claim,
  claimingPod,
  claimOf,
  dataNoted,
  defaultClass,
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
const waiting = (cluster: Given, name: string) => {
  const { phase, conditions } = claimOf(cluster, name).status as {
    phase?: string;
    conditions?: readonly { reason?: string; message?: string }[];
  };
  return { phase, reason: conditions?.[0]?.reason };
};

describe("a claim is bound to a volume that is there", () => {
  test.each([
    { name: "of its class and size", asks: manual, has: {}, bound: true },
    { name: "that is larger", asks: manual, has: { capacity: { storage: "5Gi" } }, bound: true },
    {
      name: "not to one that is too small",
      asks: manual,
      has: { capacity: { storage: "1Mi" } },
      bound: false,
    },
    { name: "not to one of another class", asks: { storageClassName: "" }, has: {}, bound: false },
    {
      name: "without a class, where both have none",
      asks: { storageClassName: "" },
      has: { storageClassName: "" },
      bound: true,
    },
    {
      name: "that offers every access mode that it asks for",
      asks: { ...manual, accessModes: ["ReadWriteMany"] },
      has: { accessModes: ["ReadWriteOnce", "ReadWriteMany"] },
      bound: true,
    },
    {
      name: "not to one that does not",
      asks: { ...manual, accessModes: ["ReadWriteMany"] },
      has: {},
      bound: false,
    },
    {
      name: "that its selector selects",
      asks: { ...manual, selector: { matchLabels: { name: "pv" } } },
      has: {},
      bound: true,
    },
    {
      name: "not to one that it does not",
      asks: { ...manual, selector: { matchLabels: { name: "other" } } },
      has: {},
      bound: false,
    },
    {
      name: "of its volume mode",
      asks: { ...manual, volumeMode: "Block" },
      has: { volumeMode: "Block" },
      bound: true,
    },
    { name: "not to one of another mode", asks: { ...manual, volumeMode: "Block" }, has: {}, bound: false },
  ])("$name", ({ asks, has, bound }) => {
    const cluster = givenCluster();
    given(cluster, claim("data", asks), volume("pv", undefined, has));
    expect(boundTo(cluster, "data")).toBe(bound ? "pv" : undefined);
    expect(claimOf(cluster, "data").status["phase"]).toBe(bound ? "Bound" : "Pending");
    expect(volumeOf(cluster, "pv").status["phase"]).toBe(bound ? "Bound" : "Available");
  });

  test("the smallest that suits it, whichever came first", () => {
    const cluster = givenCluster();
    const sized = (storage: string) => ({ capacity: { storage } });
    given(
      cluster,
      volume("large", undefined, sized("9Gi")),
      volume("fit", undefined, sized("2Gi")),
      claim("data", manual),
    );
    expect(boundTo(cluster, "data")).toBe("fit");
    expect(claimOf(cluster, "data").status).toMatchObject({
      phase: "Bound",
      capacity: { storage: "2Gi" },
      accessModes: ["ReadWriteOnce"],
    });
  });

  test("both sides name each other in one commit, and the next claim waits", () => {
    const cluster = givenCluster();
    given(cluster, volume("pv"), claim("one", manual), claim("two", manual));
    expect(volumeOf(cluster, "pv").value.spec).toMatchObject({
      claimRef: { namespace: "default", name: "one", uid: claimOf(cluster, "one").ref.uid },
    });
    expect(waiting(cluster, "two")).toEqual({ phase: "Pending", reason: "ProvisioningFailed" });
    given(cluster, volume("pv2"));
    expect(boundTo(cluster, "two")).toBe("pv2");
  });

  test("a volume that names a claim is kept for it; a claim that names a volume gets that one", () => {
    const cluster = givenCluster();
    const claimRef = { namespace: "default", name: "mine" };
    given(cluster, volume("kept", undefined, { claimRef }), claim("other", manual));
    expect(boundTo(cluster, "other")).toBeUndefined();
    expect(volumeOf(cluster, "kept").status["phase"]).toBe("Available");
    given(cluster, claim("mine", manual), claim("named", { ...manual, volumeName: "later" }));
    expect(boundTo(cluster, "mine")).toBe("kept");
    expect(waiting(cluster, "named").reason).toBe("VolumeNotFound");
    given(cluster, volume("later", undefined, { capacity: { storage: "3Gi" } }));
    expect(claimOf(cluster, "named").status["phase"]).toBe("Bound");
    given(cluster, claim("late", { ...manual, volumeName: "kept" }));
    expect(waiting(cluster, "late").reason).toBe("FailedBinding");
  });
});

describe("a claim gets a new volume", () => {
  const bare = () => {
    const cluster = givenCluster();
    nodes(cluster, "n1", "n2", "n3");
    return cluster;
  };

  test("with its first pod, on that pod's node, in one commit", () => {
    const cluster = bare();
    given(cluster, storageClass("local"), claim("data"));
    expect(waiting(cluster, "data")).toEqual({ phase: "Pending", reason: "WaitForFirstConsumer" });
    expect(volumeNames(cluster)).toEqual([]);
    const before = cluster.log.length;
    given(cluster, claimingPod("db", ["data"]));
    const types = cluster.since(before);
    const bound = types.indexOf("PodBound");
    expect(types.slice(bound - 2, bound + 1)).toEqual(["ObjectCreated", "ObjectUpdated", "PodBound"]);
    const { node } = podOf(cluster, "db");
    const made = volumeOf(cluster, boundTo(cluster, "data") ?? "");
    expect(made.value.spec).toMatchObject({
      csi: { driver: "berth.io/local", volumeHandle: made.ref.name },
      persistentVolumeReclaimPolicy: "Delete",
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchFields: [{ values: [node] }] }] } },
    });
    expect(claimOf(cluster, "data").status).toMatchObject({ phase: "Bound", capacity: { storage: "1Gi" } });
    expect(made.status["phase"]).toBe("Bound");
  });

  test("at once with Immediate, as soon as a node is ready", () => {
    const cluster = givenCluster();
    given(cluster, storageClass("local", { volumeBindingMode: "Immediate" }), claim("data"));
    expect(waiting(cluster, "data").reason).toBe("ProvisioningFailed");
    nodes(cluster, "n1");
    carryOut(cluster);
    expect(claimOf(cluster, "data").status["phase"]).toBe("Bound");
  });

  test.each([
    { provisioner: "example.com/nfs", reason: "ExternalProvisioning" },
    { provisioner: "kubernetes.io/no-provisioner", reason: "ExternalProvisioning" },
  ])("not from $provisioner: it waits for a volume made by hand", ({ provisioner, reason }) => {
    const cluster = bare();
    given(cluster, storageClass("local", { provisioner, volumeBindingMode: "Immediate" }), claim("data"));
    expect(waiting(cluster, "data")).toEqual({ phase: "Pending", reason });
  });

  test("of the default class when it names none, also one that becomes the default later", () => {
    const cluster = bare();
    const { storageClassName: _none, ...spec } = claim("x").spec as Record<string, unknown>;
    given(cluster, { ...claim("early"), spec });
    expect(claimOf(cluster, "early").value.spec).not.toHaveProperty("storageClassName");
    given(cluster, defaultClass("std"));
    given(cluster, { ...claim("late"), spec }, claim("none", { storageClassName: "" }));
    expect(claimOf(cluster, "early").value.spec).toMatchObject({ storageClassName: "std" });
    expect(claimOf(cluster, "late").value.spec).toMatchObject({ storageClassName: "std" });
    expect(claimOf(cluster, "none").value.spec).toMatchObject({ storageClassName: "" });
  });

  test("that grows when the class lets it, and never shrinks", () => {
    const cluster = bare();
    given(cluster, storageClass("local"), storageClass("fixed", { allowVolumeExpansion: false }));
    given(cluster, claim("data"), claim("stiff", { storageClassName: "fixed" }));
    given(cluster, claimingPod("db", ["data", "stiff"]));
    const grow = (name: string, storage: string) => ({
      type: "PatchObject" as const,
      kind: "PersistentVolumeClaim",
      namespace: "default",
      name,
      patch: { spec: { resources: { requests: { storage } } } },
    });
    cluster.run(grow("data", "4Gi"));
    carryOut(cluster);
    expect(volumeOf(cluster, boundTo(cluster, "data") ?? "").value.spec).toMatchObject({
      capacity: { storage: "4Gi" },
    });
    expect(claimOf(cluster, "data").status).toMatchObject({ capacity: { storage: "4Gi" } });
    expect(cluster.refusal(grow("data", "1Gi"))).toMatchObject({ code: "Invalid" });
    expect(cluster.refusal(grow("stiff", "4Gi"))).toMatchObject({ code: "Forbidden" });
  });
});

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
    cluster.run({
      type: "DeleteObject",
      kind: "Pod",
      namespace: "default",
      name: "db",
      gracePeriodSeconds: 0,
    });
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

test("a manifest that is applied again changes nothing, although the control plane has filled in the binding", () => {
  const cluster = givenCluster();
  const manifests = [volume("pv"), claim("data", manual)];
  const apply = () =>
    manifests.map((object) => cluster.run({ type: "ApplyObject", object, manager: "berth" }).outcome);
  expect(apply()).toEqual(["created", "created"]);
  carryOut(cluster);
  expect(boundTo(cluster, "data")).toBe("pv");
  expect(apply()).toEqual(["unchanged", "unchanged"]);
  for (const object of manifests) cluster.run({ type: "ReplaceObject", object: withHolder(cluster, object) });
  carryOut(cluster);
  expect(claimOf(cluster, "data").value.metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
  expect(claimOf(cluster, "data").status["phase"]).toBe("Bound");
});

/** `kubectl replace` of a volume says whose it is, or takes it away. */
function withHolder(cluster: Given, object: ApiObject): ApiObject {
  if (object.kind !== "PersistentVolume") return object;
  const { claimRef } = volumeSpecOf(volumeOf(cluster, "pv").value);
  return { ...object, spec: { ...volumeSpecOf(object), claimRef } };
}
