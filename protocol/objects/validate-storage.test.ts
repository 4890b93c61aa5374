import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";
import type { ApiObject } from "./object.ts";
import { validateUpdate } from "./validate.ts";

type Fields = Readonly<Record<string, unknown>>;

const volume = (spec: Fields = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "pv" },
  spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/srv" }, ...spec },
});
const claim = (spec: Fields = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace: "default" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const storageClass = (fields: Fields = {}): ApiObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "local" },
  provisioner: "berth.io/local",
  ...fields,
});
const pod = (volumes: readonly unknown[]): ApiObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: { containers: [{ name: "main", image: "web:1" }], volumes },
});
const complete = (object: ApiObject): ApiObject => {
  const admitted = admit(object);
  if (!admitted.ok) throw new Error(admitted.error.message);
  return admitted.value.complete;
};
const affinity = {
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }] },
};

describe("defaults", () => {
  test("are Kubernetes' own", () => {
    expect(complete(volume()).spec).toMatchObject({
      persistentVolumeReclaimPolicy: "Retain",
      volumeMode: "Filesystem",
      hostPath: { type: "" },
    });
    expect(complete(claim()).spec).toMatchObject({ volumeMode: "Filesystem" });
    expect(complete(storageClass())).toMatchObject({
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
    });
  });
});

describe("what is wrong is named", () => {
  test.each([
    ["a volume without access modes", volume({ accessModes: [] }), "spec.accessModes"],
    ["a volume without a size", volume({ capacity: {} }), "spec.capacity[storage]"],
    ["a size of nothing", volume({ capacity: { storage: "0" } }), "spec.capacity[storage]"],
    ["a volume without a source", volume({ hostPath: undefined }), "spec"],
    ["a volume with two sources", volume({ nfs: { server: "a", path: "/" } }), "spec"],
    ["a relative path", volume({ hostPath: { path: "srv" } }), "spec.hostPath.path"],
    ["a path that climbs", volume({ hostPath: { path: "/srv/../etc" } }), "spec.hostPath.path"],
    [
      "a local volume that is nowhere",
      volume({ hostPath: undefined, local: { path: "/srv" } }),
      "spec.nodeAffinity",
    ],
    ["an affinity to nothing", volume({ nodeAffinity: {} }), "spec.nodeAffinity.required"],
    [
      "a driver of somebody else's",
      volume({ hostPath: undefined, csi: { driver: "example.com/disk", volumeHandle: "x" } }),
      "spec.csi.driver",
    ],
    [
      "a handle that climbs",
      volume({ hostPath: undefined, csi: { driver: "berth.io/local", volumeHandle: "../x" } }),
      "spec.csi.volumeHandle",
    ],
    ["a claim without access modes", claim({ accessModes: undefined }), "spec.accessModes"],
    ["a claim without a size", claim({ resources: {} }), "spec.resources.requests[storage]"],
    [
      "ReadWriteOncePod beside another mode",
      claim({ accessModes: ["ReadWriteOncePod", "ReadWriteOnce"] }),
      "spec.accessModes",
    ],
    ["a class without a provisioner", storageClass({ provisioner: "" }), "provisioner"],
    [
      "a pod's claim without a name",
      pod([{ name: "data", persistentVolumeClaim: { claimName: "" } }]),
      "spec.volumes[0].persistentVolumeClaim.claimName",
    ],
    [
      "an ephemeral volume without a template",
      pod([{ name: "data", ephemeral: {} }]),
      "spec.volumes[0].ephemeral.volumeClaimTemplate",
    ],
    [
      "a template that asks for nothing",
      pod([{ name: "data", ephemeral: { volumeClaimTemplate: { spec: {} } } }]),
      "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes",
    ],
  ])("%s", (_what, object, field) => {
    const admitted = admit(object);
    const causes = admitted.ok ? [] : (admitted.error.causes ?? []);
    expect(causes.map((cause) => cause.field)).toContain(field);
  });
});

describe("what is not acted on is named in a warning", () => {
  test.each([
    [volume({ hostPath: undefined, nfs: { server: "a", path: "/" } }), "spec.nfs"],
    [volume({ persistentVolumeReclaimPolicy: "Recycle" }), "spec.persistentVolumeReclaimPolicy Recycle"],
    [claim({ dataSource: { kind: "VolumeSnapshot", name: "x" } }), "spec.dataSource"],
    [storageClass({ mountOptions: ["ro"] }), "mountOptions"],
  ])("%#", (object, words) => {
    const admitted = admit(object);
    expect(admitted.ok && admitted.value.warnings.join()).toContain(words);
  });
});

describe("what may change", () => {
  const problem = (before: ApiObject, after: ApiObject): string | undefined => {
    const result = validateUpdate(complete(before), complete(after));
    return result.ok ? undefined : result.error.message;
  };
  const sized = (storage: string, more: Fields = {}) =>
    claim({ resources: { requests: { storage } }, ...more });
  const bound = { volumeName: "pv" };

  test.each([
    [
      "a volume's size and policy",
      volume(),
      volume({ capacity: { storage: "2Gi" }, persistentVolumeReclaimPolicy: "Delete" }),
    ],
    ["whose a volume is", volume({ claimRef: { namespace: "a", name: "b" } }), volume()],
    ["where a volume is, the first time it is said", volume(), volume({ nodeAffinity: affinity })],
    [
      "a claim's volume and class where there was none",
      claim(),
      claim({ ...bound, storageClassName: "local" }),
    ],
    ["a bound claim that grows", sized("1Gi", bound), sized("2Gi", bound)],
    ["whether a class lets claims grow", storageClass(), storageClass({ allowVolumeExpansion: true })],
  ])("%s", (_what, before, after) => {
    expect(problem(before, after)).toBeUndefined();
  });

  test.each([
    ["a volume's source", volume(), volume({ hostPath: { path: "/other" } }), "source"],
    ["where a volume is", volume({ nodeAffinity: affinity }), volume(), "the data is where it is"],
    ["a claim's volume", claim(bound), claim({ volumeName: "other" }), "spec.volumeName"],
    [
      "a claim's class",
      claim({ storageClassName: "a" }),
      claim({ storageClassName: "b" }),
      "spec.storageClassName",
    ],
    ["a claim's access modes", claim(), claim({ accessModes: ["ReadWriteMany"] }), "spec.accessModes"],
    ["a claim that shrinks", sized("2Gi", bound), sized("1Gi", bound), "less than status.capacity"],
    ["a claim that grows before it is bound", sized("1Gi"), sized("2Gi"), "once the claim is bound"],
    ["a class's parameters", storageClass(), storageClass({ parameters: { a: "b" } }), "parameters"],
  ])("but not %s", (_what, before, after, words) => {
    expect(problem(before, after)).toContain(words);
  });
});
