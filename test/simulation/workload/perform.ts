// Does one operation through the client, and checks the answer against the log: an acknowledged command is in it,
// a read shows what was there and no less than what was acknowledged before it was asked.

import { type BerthClient, type Mutation, undoRollout } from "../../../client/mod.ts";
import { decode, encode, encodeJson, metricSubject } from "../../../protocol/mod.ts";
import { prefix } from "../cluster/sim-master.ts";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimUser } from "../cluster/sim-user.ts";
import { Draw } from "../engine/draw.ts";
import { must } from "../invariants/invariant.ts";
import { publishedMetric } from "./kinds/autoscaler.ts";
import type { Operation } from "./operation.ts";
import { spotTaint } from "./pods.ts";

export interface Performing {
  readonly client: BerthClient;
  readonly cluster: SimCluster;
  readonly user: SimUser;
  readonly commandId: string;
  /** Highest position that any user was told before this was asked. */
  readonly acknowledgedBefore: number;
}

/** Resolves with a word for the outcome; rejects with BerthError, or with a Violation. */
export async function perform(performing: Performing, operation: Operation): Promise<string> {
  const { client, commandId } = performing;
  const options = { commandId };
  switch (operation.do) {
    case "apply":
      return acknowledged(performing, await client.apply(operation.object, options));
    case "create":
      return acknowledged(performing, await client.create(operation.object, options));
    case "edit": {
      const { kind, name, namespace, patch } = operation;
      return acknowledged(performing, await client.patch(kind, name, patch, { ...options, namespace }));
    }
    case "scale": {
      const { kind, name, namespace, replicas } = operation;
      return acknowledged(performing, await client.scale(kind, name, replicas, { ...options, namespace }));
    }
    case "undo": {
      const { kind, name, namespace } = operation;
      return acknowledged(performing, await undoRollout(client, kind, name, { ...options, namespace }));
    }
    case "delete": {
      const { kind, name, namespace, graceSeconds, propagation } = operation;
      const done = await client.delete(kind, name, {
        ...options,
        ...(kind !== "Namespace" && { namespace }),
        ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
        ...(propagation && { propagationPolicy: propagation }),
      });
      return acknowledged(performing, done);
    }
    case "delete-some-pod":
    case "evict-some-pod":
    case "relabel-some-pod":
      return withSomePod(performing, operation);
    case "cordon":
      return acknowledged(performing, await client.cordon(operation.node, options));
    case "uncordon":
      return acknowledged(performing, await client.uncordon(operation.node, options));
    case "drain": {
      for await (const step of client.drain(operation.node, {
        force: true,
        deleteEmptyDirData: true,
        timeoutMs: 20_000,
      }))
        void step;
      return "drained";
    }
    case "taint": {
      const { effect, node } = operation;
      const taints = effect === "none" ? [] : [{ key: spotTaint, effect }];
      await client.taint(node, (before) => [...before.filter(({ key }) => key !== spotTaint), ...taints]);
      return "tainted";
    }
    case "publish-metric":
      return publishMetric(performing, operation);
    case "list":
      return list(performing, operation);
    case "status":
      await client.status();
      return "status";
    case "events":
      await client.events({ limit: 50 });
      return "events";
    case "why-some-pod": {
      const [pod] = await client.list("Pod", { allNamespaces: true });
      if (!pod?.metadata.name) return "no pods";
      await client.why("Pod", pod.metadata.name, { namespace: pod.metadata.namespace ?? "default" });
      return "why";
    }
    case "nonsense":
      return nonsense(performing, operation.roll);
  }
}

async function withSomePod(
  performing: Performing,
  operation: Extract<Operation, { readonly do: "delete-some-pod" | "evict-some-pod" | "relabel-some-pod" }>,
): Promise<string> {
  const { client, commandId } = performing;
  const pods = await client.list("Pod", { allNamespaces: true, stale: operation.pick > 0.5 });
  const pod = pods[Math.floor(operation.pick * pods.length)];
  if (!pod?.metadata.name) return "no pods";
  const { name, namespace = "default" } = pod.metadata;
  const { graceSeconds } = operation;
  const options = {
    commandId,
    namespace,
    ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
  };
  if (operation.do === "delete-some-pod")
    return acknowledged(performing, await client.delete("Pod", name, options));
  if (operation.do === "evict-some-pod") return acknowledged(performing, await client.evict(name, options));
  const patch = { metadata: { labels: { app: "nobody" } } };
  return acknowledged(performing, await client.patch("Pod", name, patch, { commandId, namespace }));
}

function acknowledged({ cluster, commandId }: Performing, { outcome, position, object }: Mutation): string {
  const { oracle } = cluster;
  // Deleting what is being deleted already changes nothing, and is answered as done.
  const isNoChange =
    outcome === "unchanged" || (outcome === "deleted" && object.metadata?.deletionTimestamp !== undefined);
  const name = "an acknowledged command is in the log";
  must(
    position <= oracle.position,
    name,
    () => `the answer shows position ${position}, the log has ${oracle.position}`,
  );
  must(
    isNoChange || oracle.commands.has(commandId),
    name,
    () => `${commandId} was answered "${outcome}" as of ${position}, and stands nowhere in it`,
  );
  cluster.acknowledged = Math.max(cluster.acknowledged, position);
  return outcome;
}

/** It stays until the run is over, unless every master that has heard it ends. */
function publishMetric(
  { user }: Performing,
  { namespace, value }: Extract<Operation, { do: "publish-metric" }>,
): string {
  const subject = metricSubject(prefix, { namespace, metric: publishedMetric });
  user.bus?.publish(subject, encodeJson({ value, ttlSeconds: 86_400 }));
  return "published";
}

async function list(
  performing: Performing,
  { kind, stale, newcomer }: Extract<Operation, { readonly do: "list" }>,
): Promise<string> {
  const { cluster, acknowledgedBefore, user } = performing;
  const client = newcomer ? user.newcomer() : performing.client;
  // One who has seen something asks for no less than that; a newcomer for all that was accepted.
  const least = client.position === 0 ? acknowledgedBefore : client.position;
  const { items, position } = await client.listAt(kind, {
    stale,
    ...(kind !== "Node" && { allNamespaces: true }),
  });
  const name = "a list shows what was there";
  must(
    stale || position >= least,
    name,
    () => `it shows position ${position}, and ${least} had been acknowledged before it was asked for`,
  );
  const expected = new Map<string, number>();
  for (const change of cluster.oracle.changes) {
    if (change.position > position) break;
    if (change.kind !== kind) continue;
    if (change.version === undefined) expected.delete(change.uid);
    else expected.set(change.uid, change.version);
  }
  const found = new Map(items.map(({ metadata }) => [metadata.uid ?? "", Number(metadata.resourceVersion)]));
  const differs =
    found.size !== expected.size || [...expected].some(([uid, version]) => found.get(uid) !== version);
  must(
    !differs,
    name,
    () =>
      `${kind} as of ${position}: ${JSON.stringify([...found])}, the log says ${JSON.stringify([...expected])}`,
  );
  return "listed";
}

/** What no client sends. It must be refused or ignored, and nothing may come of it. */
async function nonsense({ cluster, user }: Performing, roll: number): Promise<string> {
  const { bus } = user;
  if (!bus) return "nonsense";
  const draw = new Draw(Math.floor(roll * 2 ** 31));
  const verbs = ["create", "apply", "update", "patch", "delete", "get", "list", "watch", "explode"];
  const subject = [
    prefix,
    "api",
    user.name,
    draw.pick(verbs),
    draw.pick(["core", "apps", "_", "nowhere"]),
    draw.pick(["pods", "nodes", "replicationcontrollers", "services", "unicorns"]),
    draw.pick(["default", "_", "-", "%ff"]),
    draw.pick(["_", "x", "%"]),
    draw.pick(["_", "scale", "status", "magic"]),
  ].join(".");
  const bodies: (() => Uint8Array)[] = [
    () => new Uint8Array(0),
    () => Uint8Array.from({ length: draw.between(1, 200) }, () => draw.below(256)),
    () => new TextEncoder().encode('{"object": {"kind": "Pod", "metadata": {"name": 7}}}'),
    () => encode({ version: 9, object: { apiVersion: "v1", kind: "Pod", metadata: {}, spec: "none" } }),
    () => encode({ patch: { metadata: null, spec: [[[[]]]], status: { phase: "Running" } } }),
    () => encode({ deliver: ">", resourceVersion: "-1", limit: -5, continue: "???" }),
  ];
  try {
    const reply = await bus.request(subject, draw.pick(bodies)(), { timeoutMs: 3_000 });
    const body = decode(reply.data);
    return body.ok && Reflect.get(body.value ?? {}, "ok") === true ? "nonsense answered" : "nonsense refused";
  } catch {
    cluster.coverage.mark("nonsense without an answer");
    return "nonsense ignored";
  }
}
