// What a pod or a node uses now, for `berth describe`. A cluster that can't say is no reason to describe nothing.

import {
  BerthError,
  type BerthClient,
  type NodeUsage,
  type PodUsage,
  type ResourceUsage,
  type Stored,
} from "../../client/mod.ts";
import { humanDuration } from "../age.ts";
import { usageLine } from "../usage-text.ts";

export interface UsageOfNode {
  readonly node: NodeUsage | undefined;
  readonly pods: readonly PodUsage[];
}

export async function podUsage(
  client: BerthClient,
  name: string,
  where: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<PodUsage | undefined> {
  const found = await orNothing(client.topPods({ ...where, fieldSelector: `metadata.name=${name}` }));
  return found?.items[0];
}

export async function nodeUsage(
  client: BerthClient,
  name: string,
  signal: AbortSignal,
): Promise<UsageOfNode> {
  const [nodes, pods] = await Promise.all([
    orNothing(client.topNodes({ signal, fieldSelector: `metadata.name=${name}` })),
    orNothing(client.topPods({ signal, allNamespaces: true, fieldSelector: `spec.nodeName=${name}` })),
  ]);
  return { node: nodes?.items[0], pods: pods?.items ?? [] };
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof BerthError) return undefined;
    throw error;
  }
}

export const nodeUsageText = (usage: NodeUsage | undefined, now: number): string =>
  usage ? `${usageLine(usage)} (${whenText(usage, now)})` : noFigures;

/** Nothing for a pod that does not run; several containers each on a line of its own below the sum. */
export function podUsageText(
  { status }: Stored<"Pod">,
  usage: PodUsage | undefined,
  now: number,
): readonly string[] | undefined {
  if (!usage) return status?.phase === "Running" ? [noFigures] : undefined;
  const line = (each: ResourceUsage): string => usageLine(each);
  const parts = usage.containers.length > 1 ? usage.containers : [];
  return [
    `${line(usage)} (${whenText(usage, now)})`,
    ...parts.map((container) => `${container.name}: ${line(container)}`),
  ];
}

const noFigures = "no figures yet";
const whenText = ({ at, stale }: NodeUsage, now: number): string =>
  `${humanDuration(Math.max(0, now - at))} ago${stale ? ", old: the node is not heard" : ""}`;
