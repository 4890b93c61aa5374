// Test fixture: pods of controllers that run and are ready, and budgets for them.

import type { ApiObject, Failure } from "../../protocol/mod.ts";
import {
  bind,
  controller,
  type Given,
  givenCluster,
  register,
  report,
  runningStatus,
} from "../cluster/given.ts";
import type { PodRow } from "../cluster/mod.ts";
import { settle } from "./settling.ts";

export const budget = (name: string, spec: Readonly<Record<string, unknown>>): ApiObject => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name },
  spec: { selector: { matchLabels: { app: "web" } }, ...spec },
});

/** A node n1, and a controller `web` whose pods run there, ready but for the last `unready`. */
export function givenWeb(replicas: number, unready = 0): Given {
  const given = givenCluster();
  register(given, "n1");
  given.create(controller("web", replicas));
  settle(given);
  for (const [index, pod] of podsOf(given).entries()) {
    bind(given, pod, "n1");
    run(given, pod, index < replicas - unready);
  }
  settle(given);
  return given;
}

export function run(given: Given, { ref }: PodRow, ready = true): void {
  const row = given.state.pod(ref.uid);
  if (row) report(given, row, runningStatus("10.42.0.9", ready));
}

export const podsOf = ({ state }: Given, app = "web"): readonly PodRow[] =>
  [...state.pods()].filter(({ metadata }) => metadata.labels?.["app"] === app);

export const evictionOf = ({ ref }: PodRow) =>
  ({ type: "EvictPod", namespace: ref.namespace, name: ref.name }) as const;

/** Evicts, or answers why not. */
export const evict = (given: Given, pod: PodRow): Failure | undefined =>
  given.send({ by: "user:tester", command: evictionOf(pod) });
