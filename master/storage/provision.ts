// Making a volume for a claim: whether a node can, and the volume as it will be stored. The node makes its data when
// the first pod needs it.

import {
  type ApiObject,
  apiVersionOf,
  engineProvisioner,
  kindInfo,
  type NodeName,
  type ObjectRef,
  boundByController,
  provisionedBy,
  provisioners,
  type StorageClass,
} from "../../protocol/mod.ts";
import type { NodeRow, ObjectRow } from "../cluster/contract.ts";
import { claimSpecOf, classNameOf } from "./specs.ts";
import { affinityTo } from "./volume-nodes.ts";

/** Why the class makes no volume for the claim on any node; nothing when it may. */
export function provisionObstacle(
  storageClass: StorageClass | undefined,
  claim: ObjectRow,
): string | undefined {
  const spec = claimSpecOf(claim.value);
  const name = classNameOf(spec);
  if (name === "") return "no persistent volumes available for this claim and no storage class is set";
  if (!storageClass) return `storageclass.storage.k8s.io "${name}" not found`;
  const { provisioner } = storageClass;
  if (!provisioners.has(provisioner)) {
    return `waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator`;
  }
  if (spec.selector) return `provisioner ${provisioner} makes no volumes for claims with a selector`;
  if (spec.volumeMode === "Block") return `provisioner ${provisioner} makes no block volumes`;
  return undefined;
}

/** Whether this node is one that the class may use, and has what its provisioner needs. */
export function provisionsOn(storageClass: StorageClass, { registration, metadata }: NodeRow): boolean {
  if (storageClass.provisioner === engineProvisioner && registration?.runtime.name !== "docker") return false;
  const { allowedTopologies = [] } = storageClass;
  if (allowedTopologies.length === 0) return true;
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? "")),
  );
}

export const provisionedName = ({ uid }: ObjectRef): string => `pvc-${uid}`;

/** A claim's reference as a volume carries it. */
export const claimReference = ({ kind, namespace, name, uid }: ObjectRef): object => ({
  apiVersion: "v1",
  kind,
  namespace,
  name,
  uid,
});

export function provisionedVolume(storageClass: StorageClass, claim: ObjectRow, node: NodeName): ApiObject {
  const { provisioner, parameters, reclaimPolicy, metadata } = storageClass;
  const { accessModes, resources, volumeMode } = claimSpecOf(claim.value);
  const name = provisionedName(claim.ref);
  const info = kindInfo("PersistentVolume");
  return {
    apiVersion: info ? apiVersionOf(info) : "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { [provisionedBy]: provisioner, [boundByController]: "yes" } },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.["storage"] ?? "0" },
      claimRef: claimReference(claim.ref),
      csi: {
        driver: provisioner,
        volumeHandle: name,
        ...(parameters && { volumeAttributes: parameters }),
      },
      nodeAffinity: affinityTo(node),
      persistentVolumeReclaimPolicy: reclaimPolicy ?? "Delete",
      storageClassName: metadata?.name ?? "",
      volumeMode: volumeMode ?? "Filesystem",
    },
  };
}
