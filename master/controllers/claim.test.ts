// How claims get their volumes: one that is there, or one that is made for them.

import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import { type Given, givenCluster, podOf } from "../cluster/given.ts";
import { volumeSpecOf } from "../storage/mod.ts";
import {
  boundTo,
  carryOut,
  claim,
  claimingPod,
  claimOf,
  defaultClass,
  given,
  nodes,
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
    expect(cluster.refusal(grow("data", "1Gi"))).toMatchObject({
      code: "Invalid",
      causes: [{ field: "spec.resources.requests[storage]" }],
    });
    expect(cluster.refusal(grow("stiff", "4Gi"))).toMatchObject({
      code: "Forbidden",
      message:
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
    });
  });
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
