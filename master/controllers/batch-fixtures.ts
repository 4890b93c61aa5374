// Test fixture: jobs, cron jobs and stateful sets, and what becomes of their pods.

import type { ApiObject } from "../../protocol/mod.ts";
import { bind, type Given, nodeName, report, runningStatus } from "../cluster/given.ts";
import { isFinished, jobStatusOf, type JobStatus, type ObjectRow, type PodRow } from "../cluster/mod.ts";
import { settle } from "./settling.ts";

type Fields = Readonly<Record<string, unknown>>;

const batchTemplate = (spec: Fields = {}): Fields => ({
  spec: { restartPolicy: "Never", containers: [{ name: "main", image: "tool:1" }], ...spec },
});

export const job = (name: string, spec: Fields = {}, template: Fields = {}): ApiObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: { template: batchTemplate(template), ...spec },
});

export const cronJob = (name: string, schedule: string, spec: Fields = {}): ApiObject => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name },
  spec: { schedule, jobTemplate: { spec: { template: batchTemplate() } }, ...spec },
});

export const statefulSet = (name: string, replicas: number, spec: Fields = {}): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name },
  spec: {
    replicas,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "main", image: "db:1" }] },
    },
    ...spec,
  },
});

/** Changes the spec of the stateful set `db`. */
export const patchSet = (given: Given, spec: Fields): void =>
  void given.run({
    type: "PatchObject",
    kind: "StatefulSet",
    namespace: "default",
    name: "db",
    patch: { spec },
  });

export function rowOf(given: Given, kind: string, name: string): ObjectRow {
  const row = given.state.object(kind, "default", name);
  if (!row) throw new Error(`no ${kind} ${name}`);
  return row;
}

export const jobStatus = (given: Given, name: string): JobStatus => jobStatusOf(rowOf(given, "Job", name));

export const conditionsOf = (given: Given, name: string): readonly string[] =>
  (jobStatus(given, name).conditions ?? []).map(
    ({ type, status, reason = "" }) => `${type} ${status} ${reason}`,
  );

export const podsOf = (given: Given, kind: string, name: string): readonly PodRow[] =>
  [...given.state.podsOwnedBy(rowOf(given, kind, name).ref.uid)].sort((left, right) =>
    left.ref.name < right.ref.name ? -1 : 1,
  );

export const activePodsOf = (given: Given, kind: string, name: string): readonly PodRow[] =>
  podsOf(given, kind, name).filter((pod) => !isFinished(pod) && !pod.deletion);

/** Its node says that it has ended with this exit code; the node is n1 where it has none. */
export function finish(given: Given, pod: PodRow, exitCode: number): void {
  const phase = exitCode === 0 ? "Succeeded" : "Failed";
  const state = { terminated: { exitCode } };
  const status = { name: "main", ready: false, restartCount: 0, image: "tool:1", imageID: "", state };
  report(given, bound(given, pod), { phase, containerStatuses: [status] });
  settle(given);
}

/** The pod on a node, and running there. */
export function run(given: Given, pod: PodRow, node = "n1"): PodRow {
  bound(given, pod, node);
  const number = Number(pod.ref.uid.replace(/\D/g, "")) % 200;
  report(given, given.state.pod(pod.ref.uid) ?? pod, runningStatus(`10.42.0.${number + 1}`));
  settle(given);
  return given.state.pod(pod.ref.uid) ?? pod;
}

function bound(given: Given, pod: PodRow, node = "n1"): PodRow {
  if (pod.node === undefined) bind(given, pod, node);
  return given.state.pod(pod.ref.uid) ?? pod;
}

export function lose(given: Given, node: string): void {
  given.run({ type: "LoseNode", node: nodeName(node), silentMs: 10_000 }, "master:m1");
  settle(given);
}

/** Lets time pass, and what is due then happen. */
export function pass(given: Given, seconds: number): void {
  given.now += seconds * 1000;
  settle(given);
}
