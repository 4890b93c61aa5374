// Test fixture: storage classes, volumes, claims and pods that use them, and the real scheduler over them.

import { type ApiObject, hasData, localProvisioner } from "../../protocol/mod.ts";
import { type Given, nodeOf, register } from "../cluster/given.ts";
import { type ObjectRow } from "../cluster/mod.ts";
import { createScheduling, type Scheduling } from "../scheduling.ts";
import { planPods } from "../scheduler/mod.ts";
import { settle } from "./settling.ts";

type Fields = Readonly<Record<string, unknown>>;

export const storageClass = (name: string, fields: Fields = {}): ApiObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  provisioner: localProvisioner,
  volumeBindingMode: "WaitForFirstConsumer",
  allowVolumeExpansion: true,
  ...fields,
});

export const defaultClass = (name: string): ApiObject => ({
  ...storageClass(name),
  metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
});

/** A claim of the class `local`; fields go into its spec. */
export const claim = (name: string, fields: Fields = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
    storageClassName: "local",
    ...fields,
  },
});

/** A volume made by hand, of the class `manual`; without a node it can be reached from everywhere. */
export const volume = (name: string, node?: string, fields: Fields = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name, labels: { name } },
  spec: {
    accessModes: ["ReadWriteOnce"],
    capacity: { storage: "1Gi" },
    storageClassName: "manual",
    ...(node === undefined
      ? { hostPath: { path: `/srv/${name}` } }
      : {
          local: { path: `/srv/${name}` },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
              ],
            },
          },
        }),
    ...fields,
  },
});

/** A pod with these claims, as volumes of their names. */
export const claimingPod = (name: string, claims: readonly string[], spec: Fields = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    containers: [{ name: "main", image: "db:1" }],
    volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
    ...spec,
  },
});

export function nodes(cluster: Given, ...names: readonly string[]): void {
  for (const name of names) register(cluster, name);
}

const loops = new WeakMap<Given, { readonly scheduling: Scheduling; read: number }>();

/** Controllers and the scheduler, with nothing between, as a turn has them: until both are silent. */
export function carryOut(cluster: Given): void {
  let loop = loops.get(cluster);
  if (!loop) loops.set(cluster, (loop = { scheduling: createScheduling(planPods), read: 0 }));
  for (let round = 0; round < 1000; round++) {
    settle(cluster);
    for (; loop.read < cluster.log.length; loop.read++) {
      const event = cluster.log[loop.read];
      if (event) loop.scheduling.note(event);
    }
    if (!loop.scheduling.wanted) return;
    for (const envelope of loop.scheduling.plan(cluster.state, cluster.now)) cluster.send(envelope);
  }
  throw new Error("the scheduler does not fall silent");
}

export function given(cluster: Given, ...objects: readonly ApiObject[]): void {
  for (const object of objects) cluster.create(object);
  carryOut(cluster);
}

export function claimOf(cluster: Given, name: string): ObjectRow {
  const row = cluster.state.object("PersistentVolumeClaim", "default", name);
  if (!row) throw new Error(`no claim ${name}`);
  return row;
}

export function volumeOf(cluster: Given, name: string): ObjectRow {
  const row = cluster.state.object("PersistentVolume", undefined, name);
  if (!row) throw new Error(`no volume ${name}`);
  return row;
}

export const volumeNames = (cluster: Given): readonly string[] =>
  [...cluster.state.objects("PersistentVolume")].map(({ ref }) => ref.name).sort();

/** The volume that a claim names. */
export const boundTo = (cluster: Given, name: string): string | undefined =>
  (claimOf(cluster, name).value.spec as { readonly volumeName?: string }).volumeName;

export const remove = (cluster: Given, kind: string, name: string): void => {
  cluster.run({
    type: "DeleteObject",
    kind,
    name,
    ...(kind !== "PersistentVolume" && { namespace: "default" }),
  });
  carryOut(cluster);
};

/** The node's word on a released volume. */
export function deletedBy(cluster: Given, node: string, name: string, error?: string): void {
  const { session, name: nodeName } = nodeOf(cluster, node);
  const { uid } = volumeOf(cluster, name).ref;
  cluster.run(
    { type: "ReportVolume", node: nodeName, session, volume: uid, ...(error !== undefined && { error }) },
    `node:${node}`,
  );
  carryOut(cluster);
}

export const dataNoted = (row: ObjectRow): boolean => row.value.metadata.annotations?.[hasData] === "true";
