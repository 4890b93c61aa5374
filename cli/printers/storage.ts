// Columns of volumes, claims and storage classes, as kubectl shows them.

import type { Stored } from "../../client/mod.ts";
import { betaDefaultClassAnnotation, defaultClassAnnotation } from "../../protocol/mod.ts";
import { ageOf } from "../age.ts";
import type { Column } from "./column.ts";

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};
/** kubectl's word where there is none. */
const unset = "<unset>";

/** `RWO,RWX`. */
export const accessModesText = (modes: readonly string[] | undefined): string =>
  (modes ?? []).map((mode) => shortModes[mode] ?? mode).join(",");

export const isDefaultClass = ({ metadata }: Pick<Stored<"StorageClass">, "metadata">): boolean =>
  [defaultClassAnnotation, betaDefaultClassAnnotation].some(
    (annotation) => metadata.annotations?.[annotation] === "true",
  );

/** What is being deleted says so, whatever its phase. */
const phaseOf = (metadata: { readonly deletionTimestamp?: string }, phase: string | undefined): string =>
  metadata.deletionTimestamp ? "Terminating" : (phase ?? "");

export const volumeColumns: readonly Column<Stored<"PersistentVolume">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "CAPACITY", value: ({ spec }) => String(spec?.capacity?.["storage"] ?? "") },
  { title: "ACCESS MODES", value: ({ spec }) => accessModesText(spec?.accessModes) },
  { title: "RECLAIM POLICY", value: ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? "" },
  { title: "STATUS", value: ({ metadata, status }) => phaseOf(metadata, status?.phase) },
  { title: "CLAIM", value: ({ spec }) => claimText(spec?.claimRef) },
  { title: "STORAGECLASS", value: ({ spec }) => spec?.storageClassName ?? "" },
  { title: "VOLUMEATTRIBUTESCLASS", value: ({ spec }) => spec?.volumeAttributesClassName ?? unset },
  { title: "REASON", value: ({ status }) => status?.reason ?? "" },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "VOLUMEMODE", wide: true, value: ({ spec }) => spec?.volumeMode ?? unset },
];

export const claimText = (
  ref: { readonly namespace?: string; readonly name?: string } | undefined,
): string => (ref ? `${ref.namespace ?? ""}/${ref.name ?? ""}` : "");

export const claimColumns: readonly Column<Stored<"PersistentVolumeClaim">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "STATUS", value: ({ metadata, status }) => phaseOf(metadata, status?.phase ?? "Pending") },
  { title: "VOLUME", value: ({ spec }) => spec?.volumeName ?? "" },
  { title: "CAPACITY", value: ({ status }) => String(status?.capacity?.["storage"] ?? "") },
  { title: "ACCESS MODES", value: ({ status }) => accessModesText(status?.accessModes) },
  { title: "STORAGECLASS", value: ({ spec }) => spec?.storageClassName ?? "" },
  { title: "VOLUMEATTRIBUTESCLASS", value: ({ spec }) => spec?.volumeAttributesClassName ?? unset },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "VOLUMEMODE", wide: true, value: ({ spec }) => spec?.volumeMode ?? unset },
];

export const storageClassColumns: readonly Column<Stored<"StorageClass">>[] = [
  {
    title: "NAME",
    value: (value) => `${value.metadata.name ?? ""}${isDefaultClass(value) ? " (default)" : ""}`,
  },
  { title: "PROVISIONER", value: ({ provisioner }) => provisioner },
  { title: "RECLAIMPOLICY", value: ({ reclaimPolicy }) => reclaimPolicy ?? "Delete" },
  { title: "VOLUMEBINDINGMODE", value: ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate" },
  {
    title: "ALLOWVOLUMEEXPANSION",
    value: ({ allowVolumeExpansion }) => String(allowVolumeExpansion === true),
  },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];
