// Typed views of volumes, claims and storage classes. Values were validated before they were stored.

import {
  type ApiObject,
  betaDefaultClassAnnotation,
  defaultClassAnnotation,
  engineProvisioner,
  localProvisioner,
  parseBytes,
  type PersistentVolume,
  type PersistentVolumeClaim,
  provisioners,
  type StorageClass,
} from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow } from "../cluster/contract.ts";

export type VolumeSpec = NonNullable<PersistentVolume["spec"]>;
export type ClaimSpec = NonNullable<PersistentVolumeClaim["spec"]>;
export type VolumeStatus = Partial<NonNullable<PersistentVolume["status"]>>;
export type ClaimStatus = Partial<NonNullable<PersistentVolumeClaim["status"]>>;

export const volumeSpecOf = (value: ApiObject): VolumeSpec => (value.spec ?? {}) as VolumeSpec;
export const claimSpecOf = (value: ApiObject): ClaimSpec => (value.spec ?? {}) as ClaimSpec;
export const volumeStatusOf = ({ status }: ObjectRow): VolumeStatus => status as VolumeStatus;
export const claimStatusOf = ({ status }: ObjectRow): ClaimStatus => status as ClaimStatus;

/** "" is no class, as in Kubernetes. */
export const classNameOf = ({ storageClassName }: { readonly storageClassName?: string }): string =>
  storageClassName ?? "";

const asClass = ({ value }: ObjectRow): StorageClass => ({ provisioner: "", ...value }) as StorageClass;

export function storageClassNamed(
  state: Pick<ClusterState, "object">,
  name: string,
): StorageClass | undefined {
  const row = name === "" ? undefined : state.object("StorageClass", undefined, name);
  return row && asClass(row);
}

export const waitsForConsumer = (storageClass: StorageClass | undefined): boolean =>
  storageClass?.volumeBindingMode === "WaitForFirstConsumer";

/** The class of claims that name none: the newest that is marked so, as Kubernetes takes it. */
export function defaultClassName(state: Pick<ClusterState, "objects">): string | undefined {
  let best: ObjectRow | undefined;
  for (const row of state.objects("StorageClass")) {
    if (row.deletion || !isDefault(row)) continue;
    if (!best || newer(row, best)) best = row;
  }
  return best?.ref.name;
}

const isDefault = ({ value }: ObjectRow): boolean => {
  const { annotations } = value.metadata;
  return [defaultClassAnnotation, betaDefaultClassAnnotation].some((key) => annotations?.[key] === "true");
};

function newer(one: ObjectRow, other: ObjectRow): boolean {
  const [a = "", b = ""] = [one, other].map(({ value }) => value.metadata.creationTimestamp);
  return a > b || (a === b && one.ref.name < other.ref.name);
}

/** Made by this cluster for a claim: a node can delete its data. */
export const isProvisioned = ({ csi }: VolumeSpec): boolean =>
  csi !== undefined && provisioners.has(csi.driver);
export const isLocalDirectory = ({ csi }: VolumeSpec): boolean => csi?.driver === localProvisioner;
export const isEngineVolume = ({ csi }: VolumeSpec): boolean => csi?.driver === engineProvisioner;

export const capacityOf = ({ capacity }: VolumeSpec): number => bytesOf(capacity?.["storage"]);
export const requestOf = ({ resources }: ClaimSpec): number => bytesOf(resources?.requests?.["storage"]);

function bytesOf(value: unknown): number {
  const bytes = parseBytes(value ?? 0);
  return bytes.ok ? bytes.value : 0;
}
