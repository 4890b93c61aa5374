// Test fixture: deployments and daemon sets as users write them, and what has become of them.

import type { ApiObject } from "../../protocol/mod.ts";
import { type ClusterState, controllerOf, isFinished, type ObjectRow, type PodRow } from "../cluster/mod.ts";
import { type Given, givenCluster, register, report, runningStatus } from "../cluster/given.ts";
import { converge, schedule, settle } from "./settling.ts";

type Fields = Readonly<Record<string, unknown>>;

const podTemplate = (app: string, image: string): Fields => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: "main", image }] },
});

export const deployment = (name: string, replicas: number, image: string, more: Fields = {}): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: podTemplate(name, image),
    ...more,
  },
});

export const rolling = (maxSurge: number | string, maxUnavailable: number | string): Fields => ({
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
});

export const daemonSet = (name: string, image: string, more: Fields = {}): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: podTemplate(name, image), ...more },
});

export function apply(given: Given, object: ApiObject): void {
  given.run({ type: "ApplyObject", object, manager: "tester" });
}

export function patch(given: Given, kind: string, name: string, fields: Fields): void {
  given.run({ type: "PatchObject", kind, namespace: "default", name, patch: fields });
}

/** A cluster in which this deployment is rolled out. */
export function rolledOut(...made: Parameters<typeof deployment>): Given {
  const given = givenCluster();
  register(given, "n1");
  apply(given, deployment(...made));
  converge(given);
  return given;
}

/** One round in which pods are bound and those that go are gone, but none becomes ready. */
export function withoutReadiness(given: Given): void {
  settle(given);
  schedule(given);
  settle(given);
}

export function deploymentOf(given: Given, name: string): ObjectRow {
  const row = given.state.object("Deployment", "default", name);
  if (!row) throw new Error(`no deployment ${name}`);
  return row;
}

/** Image -> replica set, of those that a deployment controls. */
export function setsOf(given: Given, name: string): ReadonlyMap<string, ObjectRow> {
  const { uid } = deploymentOf(given, name).ref;
  const sets = [...given.state.objects("ReplicaSet", "default")].filter(
    ({ value }) => controllerOf(value.metadata.ownerReferences) === uid,
  );
  return new Map(sets.map((row) => [imageOf(row), row]));
}

interface SetSpec {
  readonly replicas?: number;
  readonly template?: { readonly spec?: { readonly containers: readonly { readonly image?: string }[] } };
}
const specOf = ({ value }: ObjectRow): SetSpec => value.spec as SetSpec;
const imageOf = (row: ObjectRow): string => specOf(row).template?.spec?.containers[0]?.image ?? "";

/** `{ "web:1": 3 }`: what each replica set asks for. */
export const sizesOf = (given: Given, name: string): Readonly<Record<string, number>> =>
  Object.fromEntries([...setsOf(given, name)].map(([image, row]) => [image, specOf(row).replicas ?? 0]));

export const imagesOf = (state: ClusterState): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const pod of livingPods(state)) {
    const image = pod.spec.containers[0]?.image ?? "";
    counts[image] = (counts[image] ?? 0) + 1;
  }
  return counts;
};

export const livingPods = (state: ClusterState): readonly PodRow[] =>
  [...state.pods()].filter((row) => !row.deletion && !isFinished(row));
export const readyPods = (state: ClusterState): readonly PodRow[] =>
  livingPods(state).filter((row) => row.ready);

let addresses = 0;
export function makeReady(given: Given, row: PodRow, ready = true): void {
  addresses++;
  report(given, row, runningStatus(`10.42.${addresses >> 8}.${addresses & 255 || 1}`, ready));
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}
export function condition(given: Given, name: string, type: string): string {
  const { conditions = [] } = deploymentOf(given, name).status as {
    readonly conditions?: readonly Condition[];
  };
  const found = conditions.find((one) => one.type === type);
  return found ? `${found.status} ${found.reason}` : "none";
}
