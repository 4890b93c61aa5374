// Emptying a node: cordon it, evict what may be evicted as soon as budgets allow it, wait until it has gone.

import type { Clock } from "../actors/mod.ts";
import { BerthError } from "../protocol/mod.ts";
import type { BerthClient } from "./client.ts";
import { type DrainRules, selectForDrain } from "./drain-selection.ts";
import type { Stored } from "./kinds.ts";
import type { CallOptions } from "./requester.ts";

export interface DrainOptions extends DrainRules, CallOptions {
  /** Of the whole drain; absent or 0 means no end. */
  readonly timeoutMs?: number;
  readonly gracePeriodSeconds?: number;
  /** Limits the pods by their labels. */
  readonly labelSelector?: string;
  /** Deletes pods instead of evicting them, whatever disruption budgets say. */
  readonly disableEviction?: boolean;
  /** Only says what would be evicted. */
  readonly dryRun?: boolean;
}

export interface DrainedPod {
  readonly namespace: string;
  readonly pod: string;
}

export type DrainStep =
  | { readonly type: "cordoned"; readonly node: string; readonly already: boolean }
  | { readonly type: "warning"; readonly message: string }
  | ({ readonly type: "evicting" | "evicted" } & DrainedPod)
  /** A budget does not allow it now; it is tried again after `retryMs`. */
  | ({ readonly type: "refused"; readonly message: string; readonly retryMs: number } & DrainedPod);

/** A pod that a budget holds is asked for again after this. */
export const evictionRetryMs = 1000;
/** One watch for a pod's end goes on for no longer. */
const longestWaitMs = 60_000;
/** Evictions that are under way at a time. */
const evictionsAtATime = 16;

interface Draining {
  readonly client: BerthClient;
  readonly clock: Clock;
  readonly node: string;
  readonly options: DrainOptions;
  /** Monotonic ms. */
  readonly deadline: number;
}

/**
 * Rejects with Conflict, before anything is evicted, when a pod is there that the options do not speak of; with
 * Timeout, naming the pods that are left, when it takes too long.
 */
export async function* drainNode(
  client: BerthClient,
  clock: Clock,
  node: string,
  options: DrainOptions,
): AsyncGenerator<DrainStep, void, void> {
  const { timeoutMs = 0, dryRun } = options;
  const deadline = timeoutMs > 0 ? clock.monotonic() + timeoutMs : Number.POSITIVE_INFINITY;
  const draining: Draining = { client, clock, node, options, deadline };
  const cordoned = await client.cordon(node, { ...callOf(options), ...(dryRun && { dryRun }) });
  yield { type: "cordoned", node, already: cordoned.outcome === "unchanged" };
  const { evicted, warnings } = selectForDrain(node, await podsThere(draining), options);
  for (const message of warnings) yield { type: "warning", message };
  for (const pod of evicted) yield { type: "evicting", ...whereOf(pod) };
  if (dryRun) return;
  yield* untilGone(draining, evicted);
}

async function* untilGone(
  draining: Draining,
  pods: readonly Stored<"Pod">[],
): AsyncGenerator<DrainStep, void, void> {
  let held = pods;
  let leaving: readonly Stored<"Pod">[] = [];
  for (;;) {
    const answers = await evictAll(draining, held);
    for (const { pod, refusal } of answers) {
      if (refusal === undefined) continue;
      yield { type: "refused", ...whereOf(pod), message: refusal, retryMs: evictionRetryMs };
    }
    held = answers.filter(({ refusal }) => refusal !== undefined).map(({ pod }) => pod);
    leaving = [...leaving, ...answers.filter(({ refusal }) => refusal === undefined).map(({ pod }) => pod)];
    const there = new Set((await podsThere(draining)).map(({ metadata }) => metadata.uid));
    for (const pod of leaving) {
      if (!there.has(pod.metadata.uid)) yield { type: "evicted", ...whereOf(pod) };
    }
    leaving = leaving.filter(({ metadata }) => there.has(metadata.uid));
    if (held.length + leaving.length === 0) return;
    await pause(draining, held, leaving);
  }
}

interface Answer {
  readonly pod: Stored<"Pod">;
  /** What the budget says, when it does not allow it. */
  readonly refusal?: string;
}

async function evictAll(draining: Draining, pods: readonly Stored<"Pod">[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let next = 0; next < pods.length; next += evictionsAtATime) {
    const some = pods.slice(next, next + evictionsAtATime);
    answers.push(...(await Promise.all(some.map((pod) => evict(draining, pod)))));
  }
  return answers;
}

/** Its uid goes along: a pod that came back under the same name is not the one that was there. */
async function evict({ client, options }: Draining, pod: Stored<"Pod">): Promise<Answer> {
  const { gracePeriodSeconds, disableEviction } = options;
  const { namespace, pod: name } = whereOf(pod);
  const { uid } = pod.metadata;
  const deletion = {
    ...callOf(options),
    namespace,
    ...(uid !== undefined && { uid }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  };
  try {
    await (disableEviction ? client.delete("Pod", name, deletion) : client.evict(name, deletion));
    return { pod };
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    if (error.code === "DisruptionBudget") return { pod, refusal: error.message };
    // Somebody was faster.
    if (error.code === "NotFound" || error.code === "Conflict") return { pod };
    throw error;
  }
}

/** While budgets hold pods they are asked again after a while; then a watch tells when the pods are gone. */
async function pause(
  { client, clock, deadline, options, node }: Draining,
  held: readonly Stored<"Pod">[],
  leaving: readonly Stored<"Pod">[],
): Promise<void> {
  const remaining = deadline - clock.monotonic();
  const [first] = leaving;
  if (remaining <= 0) {
    const names = [...held, ...leaving].map((pod) => `${whereOf(pod).namespace}/${whereOf(pod).pod}`).sort();
    throw new BerthError({
      code: "Timeout",
      message: `node "${node}" was not drained within ${(options.timeoutMs ?? 0) / 1000}s, with these pods left: ${names.join(", ")}`,
    });
  }
  if (held.length > 0 || !first) {
    await clock.sleep(Math.min(evictionRetryMs, remaining), options.signal);
    return;
  }
  const { namespace, pod: name } = whereOf(first);
  const { uid } = first.metadata;
  const timeoutMs = Math.min(remaining, longestWaitMs);
  try {
    await client.waitFor("Pod", name, (found) => found?.metadata.uid !== uid, {
      ...callOf(options),
      namespace,
      timeoutMs,
    });
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "Timeout") throw error;
  }
}

const podsThere = ({ client, node, options }: Draining): Promise<Stored<"Pod">[]> =>
  client.list("Pod", {
    ...callOf(options),
    allNamespaces: true,
    fieldSelector: `spec.nodeName=${node}`,
    ...(options.labelSelector && { labelSelector: options.labelSelector }),
  });

const callOf = ({ signal }: DrainOptions): CallOptions => ({ ...(signal && { signal }) });

const whereOf = ({ metadata }: Stored<"Pod">): DrainedPod => ({
  namespace: metadata.namespace ?? "default",
  pod: metadata.name ?? "",
});
