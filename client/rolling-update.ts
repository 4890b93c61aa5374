// Rolling update of replication controllers, pod by pod, driven from here as kubectl did before there were
// deployments. What it has done stands in the cluster: started again, it goes on, and a rollback turns it round.

import { BerthError, type KindName } from "../protocol/mod.ts";
import type { BerthClient } from "./client.ts";
import type { Stored } from "./kinds.ts";
import type { CallOptions } from "./requester.ts";

type Controller = Stored<"ReplicationController">;

export interface RollingUpdate {
  readonly from: string;
  /** As it should be in the end; one of its name that is there already is gone on with. */
  readonly to: Controller;
  /** The new one takes the old one's name in the end. */
  readonly rename?: boolean;
}
export interface RollingUpdateOptions extends CallOptions {
  readonly namespace?: string;
  /** Longest wait for one pod to become available. */
  readonly podTimeoutMs: number;
}

export type RollingUpdateStep =
  | { readonly type: "created"; readonly name: string }
  | {
      readonly type: "scaled";
      readonly name: string;
      readonly direction: "up" | "down";
      readonly replicas: number;
    }
  | { readonly type: "deleted"; readonly name: string }
  | { readonly type: "renamed"; readonly name: string; readonly to: string };

/** On the old controller: how many it had, for a rollback; on the new one: how many it shall have. */
const originalReplicas = "kubectl.kubernetes.io/original-replicas";
const desiredReplicas = "kubectl.kubernetes.io/desired-replicas";
const kind = "ReplicationController" satisfies KindName;

/** Never fewer available than before, and never more than one too many. Rejects with Timeout when a pod does not come up. */
export async function* rollingUpdate(
  client: BerthClient,
  { from, to, rename }: RollingUpdate,
  { podTimeoutMs, ...call }: RollingUpdateOptions,
): AsyncGenerator<RollingUpdateStep, void, void> {
  const { name = "" } = to.metadata;
  let old = await client.get(kind, from, call);
  if (noted(old, originalReplicas) === undefined) {
    const annotations = { [originalReplicas]: String(replicasOf(old)) };
    old = (await client.patch(kind, from, { metadata: { annotations } }, call)).object;
  }
  let next = await find(client, name, call);
  if (!next) {
    const wanted = to.spec?.replicas ?? noted(old, originalReplicas) ?? 1;
    next = (await client.create(emptied(to, wanted), call)).object as Controller;
    yield { type: "created", name };
  }
  const wanted = noted(next, desiredReplicas) ?? noted(next, originalReplicas) ?? replicasOf(next);
  let [up, down] = [replicasOf(next), replicasOf(old)];
  while (up < wanted || down > 0) {
    if (up < wanted) {
      await client.scale(kind, name, ++up, call);
      yield { type: "scaled", name, direction: "up", replicas: up };
    }
    await available(client, name, { up, call, podTimeoutMs });
    if (down > 0) {
      await client.scale(kind, from, --down, call);
      yield { type: "scaled", name: from, direction: "down", replicas: down };
    }
  }
  await client.delete(kind, from, { ...call, propagationPolicy: "Background" });
  yield { type: "deleted", name: from };
  if (rename) yield await renamed(client, { name, to: from, wanted, call });
}

/** Its pods are left alone for a moment, and taken over by the one of the old name. */
async function renamed(
  client: BerthClient,
  {
    name,
    to,
    wanted,
    call,
  }: { readonly name: string; readonly to: string; readonly wanted: number; readonly call: CallOptions },
): Promise<RollingUpdateStep> {
  const { metadata, spec } = await client.get(kind, name, call);
  await client.delete(kind, name, { ...call, propagationPolicy: "Orphan" });
  const { [desiredReplicas]: _done, ...annotations } = metadata.annotations ?? {};
  const { namespace, labels } = metadata;
  await client.create(
    {
      apiVersion: "v1",
      kind,
      metadata: { name: to, ...(namespace && { namespace }), ...(labels && { labels }), annotations },
      spec: { ...spec, replicas: wanted },
    },
    call,
  );
  return { type: "renamed", name, to };
}

const replicasOf = ({ spec }: Controller): number => spec?.replicas ?? 1;

function noted({ metadata }: Controller, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

const emptied = ({ metadata, spec, ...rest }: Controller, wanted: number): Controller => ({
  ...rest,
  metadata: { ...metadata, annotations: { ...metadata.annotations, [desiredReplicas]: String(wanted) } },
  ...(spec && { spec: { ...spec, replicas: 0 } }),
});

async function find(client: BerthClient, name: string, call: CallOptions): Promise<Controller | undefined> {
  try {
    return await client.get(kind, name, call);
  } catch (error) {
    if (error instanceof BerthError && error.code === "NotFound") return undefined;
    throw error;
  }
}

interface Awaited {
  readonly up: number;
  readonly call: CallOptions;
  readonly podTimeoutMs: number;
}
async function available(
  client: BerthClient,
  name: string,
  { up, call, podTimeoutMs }: Awaited,
): Promise<void> {
  const met = (found: Controller | undefined): boolean =>
    (found?.status?.availableReplicas ?? 0) >= up &&
    (found?.status?.observedGeneration ?? 0) >= (found?.metadata.generation ?? 0);
  await client.waitFor(kind, name, met, { ...call, timeoutMs: podTimeoutMs });
}
