// What nodes and pods use now, as the cluster has heard last. Figures are not in the log: they have no history.

import {
  type ApiObject,
  BerthError,
  bytes,
  kindInfo,
  type KindInfo,
  parseQuantity,
} from "../protocol/mod.ts";
import { listPages, type Selection } from "./listing.ts";
import type { Requester } from "./requester.ts";

export interface ResourceUsage {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

export interface NodeUsage extends ResourceUsage {
  readonly name: string;
  /** When it was measured, ms since 1970. */
  readonly at: number;
  /** Newer figures should have come. */
  readonly stale: boolean;
  /** As Kubernetes' metrics API has it. */
  readonly object: ApiObject;
}

export interface PodUsage extends NodeUsage {
  readonly namespace: string;
  readonly containers: readonly (ResourceUsage & { readonly name: string })[];
}

export interface UsageList<T> {
  readonly items: readonly T[];
  /** Of what there are no figures, and which are old. */
  readonly warnings: readonly string[];
}

const usageGroup = "metrics.k8s.io";

export async function nodeUsage(requester: Requester, selection: Selection): Promise<UsageList<NodeUsage>> {
  const { items, warnings } = await listPages(requester, usageKind("Node"), selection);
  return { items: items.map((object) => ({ ...headOf(object), ...usageIn(object["usage"]) })), warnings };
}

export async function podUsage(requester: Requester, selection: Selection): Promise<UsageList<PodUsage>> {
  const { items, warnings } = await listPages(requester, usageKind("Pod"), selection);
  return { items: items.map(podOf), warnings };
}

function usageKind(kind: "Node" | "Pod"): KindInfo {
  const info = kindInfo(kind);
  if (!info) throw new BerthError({ code: "Internal", message: `no kind ${kind}` });
  return { ...info, group: usageGroup };
}

function podOf(object: ApiObject): PodUsage {
  const listed: unknown = object["containers"];
  const containers = (Array.isArray(listed) ? listed : []).map((item: unknown) => ({
    name: String(field(item, "name")),
    ...usageIn(field(item, "usage")),
  }));
  const sum = (of: (usage: ResourceUsage) => number): number =>
    containers.reduce((total, container) => total + of(container), 0);
  return {
    ...headOf(object),
    namespace: object.metadata.namespace ?? "",
    containers,
    cpuMilli: sum(({ cpuMilli }) => cpuMilli),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
  };
}

const headOf = (object: ApiObject): Pick<NodeUsage, "name" | "at" | "stale" | "object"> => ({
  name: object.metadata.name ?? "",
  at: Date.parse(String(object["timestamp"])),
  stale: object["stale"] === true,
  object,
});

function usageIn(usage: unknown): ResourceUsage {
  const cpu = parseQuantity(field(usage, "cpu"));
  const memory = parseQuantity(field(usage, "memory"));
  return {
    cpuMilli: cpu.ok ? Number(cpu.value.nano / 1_000_000n) : 0,
    memoryBytes: memory.ok ? bytes(memory.value) : 0,
  };
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
