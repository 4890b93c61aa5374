import { expect, test } from "vitest";
import type { Stored } from "../../client/mod.ts";
import { cellsOf } from "./mod.ts";
import { selectorText } from "./selector-text.ts";

const now = Date.parse("2026-01-01T00:05:10Z");
const metadata = { name: "web", namespace: "default", creationTimestamp: "2026-01-01T00:00:00Z" };
const wide = { now, wide: true };

test("services", () => {
  const service = (spec: Stored<"Service">["spec"]): Stored<"Service"> => ({
    apiVersion: "v1",
    kind: "Service",
    metadata,
    ...(spec && { spec }),
  });
  const ports = [
    { port: 80 },
    { port: 443, nodePort: 30443, protocol: "TCP" },
    { port: 53, protocol: "UDP" },
  ] as const;
  expect(
    cellsOf(
      "Service",
      service({ type: "NodePort", clusterIP: "10.0.0.9", ports: [...ports], selector: { b: "2", a: "1" } }),
      wide,
    ),
  ).toEqual(["web", "NodePort", "10.0.0.9", "<none>", "80/TCP,443:30443/TCP,53/UDP", "5m10s", "a=1,b=2"]);
  expect(cellsOf("Service", service({ clusterIP: "None" }), { now, wide: false })).toEqual([
    "web",
    "ClusterIP",
    "None",
    "<none>",
    "<none>",
    "5m10s",
  ]);
});

test("endpoints are shortened", () => {
  const addresses = ["1", "2", "3", "4", "5"].map((end) => ({ ip: `10.0.0.${end}` }));
  const endpoints = (subsets: Stored<"Endpoints">["subsets"]): Stored<"Endpoints"> => ({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata,
    ...(subsets && { subsets }),
  });
  expect(cellsOf("Endpoints", endpoints([{ addresses, ports: [{ port: 80 }] }]), wide)[1]).toBe(
    "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...",
  );
  expect(cellsOf("Endpoints", endpoints(undefined), wide)[1]).toBe("<none>");
});

test("replication controllers and replica sets", () => {
  const template = {
    spec: {
      containers: [
        { name: "web", image: "web:1" },
        { name: "side", image: "side:2" },
      ],
    },
  };
  const rc: Stored<"ReplicationController"> = {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata,
    spec: { replicas: 3, selector: { app: "web" }, template },
    status: { replicas: 2, readyReplicas: 1 },
  };
  expect(cellsOf("ReplicationController", rc, wide)).toEqual([
    "web",
    "3",
    "2",
    "1",
    "5m10s",
    "web,side",
    "web:1,side:2",
    "app=web",
  ]);
  const rs: Stored<"ReplicaSet"> = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata,
    spec: { selector: { matchLabels: { app: "web" } } },
  };
  expect(cellsOf("ReplicaSet", rs, wide)).toEqual(["web", "1", "0", "0", "5m10s", "", "", "app=web"]);
});

test("nodes", () => {
  const node: Stored<"Node"> = {
    apiVersion: "v1",
    kind: "Node",
    metadata,
    status: { addresses: [{ type: "InternalIP", address: "10.1.0.1" }], conditions: [] },
  };
  expect(cellsOf("Node", node, wide)).toEqual([
    "web",
    "Unknown",
    "<none>",
    "5m10s",
    "",
    "10.1.0.1",
    "<none>",
    "<unknown>",
    "<unknown>",
    "<unknown>",
  ]);
});

test("selectors are written as -l takes them", () => {
  const matchExpressions = [
    { key: "tier", operator: "In", values: ["b", "a"] },
    { key: "old", operator: "DoesNotExist" },
    { key: "new", operator: "Exists" },
    { key: "env", operator: "NotIn", values: ["test"] },
  ];
  expect(selectorText({ matchLabels: { app: "web" }, matchExpressions })).toBe(
    "app=web,tier in (a,b),!old,new,env notin (test)",
  );
  expect(selectorText(undefined)).toBe("<none>");
});

test("volumes, claims and storage classes", () => {
  const named = { name: "pv", creationTimestamp: metadata.creationTimestamp };
  const volume: Stored<"PersistentVolume"> = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: named,
    spec: {
      accessModes: ["ReadWriteOnce", "ReadOnlyMany"],
      capacity: { storage: "1Gi" },
      claimRef: { namespace: "default", name: "data" },
      persistentVolumeReclaimPolicy: "Delete",
      storageClassName: "local",
      volumeMode: "Filesystem",
    },
    status: { phase: "Bound" },
  };
  expect(cellsOf("PersistentVolume", volume, wide)).toEqual([
    ...[
      "pv",
      "1Gi",
      "RWO,ROX",
      "Delete",
      "Bound",
      "default/data",
      "local",
      "<unset>",
      "",
      "5m10s",
      "Filesystem",
    ],
  ]);
  const claim: Stored<"PersistentVolumeClaim"> = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { ...metadata, name: "data" },
    spec: { volumeName: "pv", storageClassName: "local", volumeMode: "Filesystem" },
    status: { phase: "Bound", accessModes: ["ReadWriteOncePod"], capacity: { storage: "1Gi" } },
  };
  expect(cellsOf("PersistentVolumeClaim", claim, { now, wide: false })).toEqual([
    ...["data", "Bound", "pv", "1Gi", "RWOP", "local", "<unset>", "5m10s"],
  ]);
  const going = { ...claim, metadata: { ...claim.metadata, deletionTimestamp: metadata.creationTimestamp } };
  expect(cellsOf("PersistentVolumeClaim", going, wide)[1]).toBe("Terminating");
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  const storageClass: Stored<"StorageClass"> = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { ...named, name: "local", annotations },
    provisioner: "berth.io/local",
    volumeBindingMode: "WaitForFirstConsumer",
  };
  expect(cellsOf("StorageClass", storageClass, wide)).toEqual([
    ...["local (default)", "berth.io/local", "Delete", "WaitForFirstConsumer", "false", "5m10s"],
  ]);
});
