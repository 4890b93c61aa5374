// Columns of nodes and namespaces.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { type Column, orNone } from "./column.ts";

type Node = Stored<"Node">;
const rolePrefix = "node-role.kubernetes.io/";
const unknown = "<unknown>";

export const nodeColumns: readonly Column<Node>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "STATUS", value: nodeStatusText },
  { title: "ROLES", value: nodeRoles },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "VERSION", value: ({ status }) => status?.nodeInfo?.kubeletVersion ?? "" },
  { title: "INTERNAL-IP", wide: true, value: (node) => addressOf(node, "InternalIP") },
  { title: "EXTERNAL-IP", wide: true, value: (node) => addressOf(node, "ExternalIP") },
  { title: "OS-IMAGE", wide: true, value: ({ status }) => status?.nodeInfo?.osImage || unknown },
  { title: "KERNEL-VERSION", wide: true, value: ({ status }) => status?.nodeInfo?.kernelVersion || unknown },
  {
    title: "CONTAINER-RUNTIME",
    wide: true,
    value: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || unknown,
  },
];

export function nodeStatusText({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status;
  const word = ready === undefined ? "Unknown" : ready === "True" ? "Ready" : "NotReady";
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

export function nodeRoles({ metadata }: Node): string {
  const roles = Object.keys(metadata.labels ?? {})
    .filter((label) => label.startsWith(rolePrefix))
    .map((label) => label.slice(rolePrefix.length));
  return orNone(roles.sort().join(","));
}

const addressOf = ({ status }: Node, wanted: string): string =>
  orNone(status?.addresses?.find(({ type }) => type === wanted)?.address);

export const namespaceColumns: readonly Column<Stored<"Namespace">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "STATUS", value: ({ status }) => status?.phase ?? "Active" },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];
