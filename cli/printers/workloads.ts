// Columns of replication controllers and replica sets.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { type Column, labelText } from "./column.ts";
import { selectorText } from "./selector-text.ts";

type Workload = Stored<"ReplicationController"> | Stored<"ReplicaSet">;

const shared: readonly Column<Workload>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "DESIRED", value: ({ spec }) => String(spec?.replicas ?? 1) },
  { title: "CURRENT", value: ({ status }) => String(status?.replicas ?? 0) },
  { title: "READY", value: ({ status }) => String(status?.readyReplicas ?? 0) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  {
    title: "CONTAINERS",
    wide: true,
    value: (object) =>
      containersOf(object)
        .map(({ name }) => name)
        .join(","),
  },
  {
    title: "IMAGES",
    wide: true,
    value: (object) =>
      containersOf(object)
        .map(({ image }) => image ?? "")
        .join(","),
  },
];

export const replicationControllerColumns: readonly Column<Stored<"ReplicationController">>[] = [
  ...shared,
  { title: "SELECTOR", wide: true, value: ({ spec }) => labelText(spec?.selector) },
];
export const replicaSetColumns: readonly Column<Stored<"ReplicaSet">>[] = [
  ...shared,
  { title: "SELECTOR", wide: true, value: ({ spec }) => selectorText(spec?.selector) },
];

function containersOf({ spec }: Workload): readonly { readonly name: string; readonly image?: string }[] {
  return spec?.template?.spec?.containers ?? [];
}
