// Columns of services and endpoints.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { type Column, labelText, none, orNone } from "./column.ts";

type Service = Stored<"Service">;
type Endpoints = Stored<"Endpoints">;

export const serviceColumns: readonly Column<Service>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "TYPE", value: ({ spec }) => spec?.type ?? "ClusterIP" },
  { title: "CLUSTER-IP", value: ({ spec }) => orNone(spec?.clusterIP) },
  { title: "EXTERNAL-IP", value: ({ spec }) => orNone(spec?.externalName ?? spec?.externalIPs?.join(",")) },
  { title: "PORT(S)", value: portText },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "SELECTOR", wide: true, value: ({ spec }) => labelText(spec?.selector) },
];

function portText({ spec }: Service): string {
  const ports = (spec?.ports ?? []).map(({ port, nodePort, protocol = "TCP" }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return orNone(ports.join(","));
}

export const endpointsColumns: readonly Column<Endpoints>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "ENDPOINTS", value: (endpoints) => endpointsText(endpoints, 3) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];

/** `10.0.0.1:80,10.0.0.2:80 + 3 more...`, as kubectl shortens it. */
export function endpointsText({ subsets = [] }: Pick<Endpoints, "subsets">, limit: number): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
  if (all.length === 0) return none;
  const more = all.length - limit;
  return all.slice(0, limit).join(",") + (more > 0 ? ` + ${more} more...` : "");
}
