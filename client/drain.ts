// Emptying a node: cordon it, evict what may be evicted, wait until it has gone.

import { BerthError, type Pod } from "../protocol/mod.ts";
import type { BerthClient } from "./client.ts";
import type { Stored } from "./kinds.ts";
import type { CallOptions } from "./requester.ts";

export interface DrainOptions extends CallOptions {
  /** Also evicts pods that no controller would replace. */
  readonly force?: boolean;
  /** Leaves the pods of daemon sets alone, which would come back at once. */
  readonly ignoreDaemonSets?: boolean;
  readonly gracePeriodSeconds?: number;
  /** Limits the pods by their labels. */
  readonly labelSelector?: string;
  /** Only says what would be evicted. */
  readonly dryRun?: boolean;
}

export type DrainStep =
  | { readonly type: "cordoned"; readonly node: string; readonly already: boolean }
  | { readonly type: "evicting" | "evicted"; readonly namespace: string; readonly pod: string };

/**
 * Rejects with Conflict, before anything is evicted, when pods of daemon sets are there and `ignoreDaemonSets` is not
 * set, or pods without a controller and `force` is not set.
 */
export async function* drainNode(
  client: BerthClient,
  node: string,
  options: DrainOptions,
): AsyncGenerator<DrainStep, void, void> {
  const { signal, timeoutMs, dryRun, gracePeriodSeconds, labelSelector } = options;
  const call = { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
  const cordoned = dryRun ? undefined : await client.cordon(node, call);
  yield { type: "cordoned", node, already: cordoned?.outcome === "unchanged" };
  const pods = await client.list("Pod", {
    ...call,
    allNamespaces: true,
    fieldSelector: `spec.nodeName=${node}`,
    ...(labelSelector && { labelSelector }),
  });
  const unfinished = pods.filter((pod) => !isFinished(pod));
  const kept = unfinished.filter((pod) => hasController(pod, "DaemonSet"));
  if (kept.length > 0 && !options.ignoreDaemonSets) {
    const message = `daemon sets would make these pods again at once (use --ignore-daemonsets to leave them): ${namesOf(kept)}`;
    throw new BerthError({ code: "Conflict", message });
  }
  const running = unfinished.filter((pod) => !kept.includes(pod));
  const alone = running.filter((pod) => !hasController(pod));
  if (alone.length > 0 && !options.force) {
    const message = `these pods have no controller that would replace them (use --force to delete them): ${namesOf(alone)}`;
    throw new BerthError({ code: "Conflict", message });
  }
  for (const pod of running) {
    yield { type: "evicting", ...whereOf(pod) };
    if (dryRun) continue;
    const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    await ignoreNotFound(
      client.evict(whereOf(pod).pod, { ...call, ...grace, namespace: whereOf(pod).namespace }),
    );
  }
  if (dryRun) return;
  for (const pod of running) {
    const { namespace, pod: name } = whereOf(pod);
    const uid = pod.metadata.uid;
    await client.waitFor("Pod", name, (found) => found?.metadata.uid !== uid, { ...call, namespace });
    yield { type: "evicted", namespace, pod: name };
  }
}

const whereOf = (pod: Stored<"Pod">): { namespace: string; pod: string } => ({
  namespace: pod.metadata.namespace ?? "default",
  pod: pod.metadata.name ?? "",
});
const namesOf = (pods: readonly Stored<"Pod">[]): string =>
  pods.map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`).join(", ");
const hasController = (pod: Stored<"Pod">, kind?: string): boolean =>
  (pod.metadata.ownerReferences ?? []).some(
    (owner) => owner.controller && (kind === undefined || owner.kind === kind),
  );
const isFinished = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

async function ignoreNotFound(action: Promise<unknown>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "NotFound") throw error;
  }
}
