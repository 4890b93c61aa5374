// Columns of config maps and secrets: how much there is, never what it says.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import type { Column } from "./column.ts";

const countOf = (...maps: (Readonly<Record<string, string>> | undefined)[]): string =>
  String(maps.reduce((sum, map) => sum + Object.keys(map ?? {}).length, 0));

export const configMapColumns: readonly Column<Stored<"ConfigMap">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "DATA", value: ({ data, binaryData }) => countOf(data, binaryData) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];

export const secretColumns: readonly Column<Stored<"Secret">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "TYPE", value: ({ type }) => type ?? "Opaque" },
  { title: "DATA", value: ({ data }) => countOf(data) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];
