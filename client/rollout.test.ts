// How far a rollout is, by the status of its object, in kubectl's words.

import { expect, test } from "vitest";
import { type ApiObject, isKind } from "../protocol/mod.ts";
import { type Rolled, rolloutProgress } from "./rollout.ts";

type Fields = Readonly<Record<string, unknown>>;
function rolled(kind: "Deployment" | "DaemonSet" | "StatefulSet", spec: Fields, status: Fields): Rolled {
  const object: ApiObject = {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "web", generation: 2 },
    spec,
    status: { observedGeneration: 2, ...status },
  };
  if (isKind(object, kind)) return object as Rolled;
  throw new Error("unreachable");
}
const condition = (type: string, status: string, reason: string, message = ""): Fields => ({
  type,
  status,
  reason,
  message,
});
const done = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
const wait = 'Waiting for deployment "web" rollout to finish: ';

test.each<[Fields, string, string]>([
  [{ observedGeneration: 1 }, "waiting", "Waiting for deployment spec update to be observed..."],
  [{ replicas: 3, updatedReplicas: 1 }, "waiting", `${wait}1 out of 3 new replicas have been updated...`],
  [{ ...done, replicas: 4 }, "waiting", `${wait}1 old replicas are pending termination...`],
  [{ ...done, availableReplicas: 2 }, "waiting", `${wait}2 of 3 updated replicas are available...`],
  [done, "done", 'deployment "web" successfully rolled out'],
  [
    { ...done, conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded")] },
    "failed",
    'deployment "web" exceeded its progress deadline',
  ],
  [
    {
      ...done,
      conditions: [condition("Reverted", "True", "ProgressDeadlineExceeded", "Revision 2 failed.")],
    },
    "reverted",
    'deployment "web" was rolled back: Revision 2 failed.',
  ],
  [
    {
      updatedReplicas: 1,
      conditions: [condition("Reverted", "True", "ProgressDeadlineExceeded")],
    },
    "waiting",
    `${wait}1 out of 3 new replicas have been updated...`,
  ],
])("a deployment with %j is %s", (status, state, message) => {
  expect(rolloutProgress(rolled("Deployment", { replicas: 3 }, status))).toEqual({ state, message });
});

const nodes = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 };
test.each<[Fields, Fields, string]>([
  [{}, { ...nodes, updatedNumberScheduled: 1 }, "waiting"],
  [{}, { ...nodes, numberAvailable: 1 }, "waiting"],
  [{}, nodes, "done"],
  [{ updateStrategy: { type: "OnDelete" } }, nodes, "failed"],
])("a daemon set with %j and %j is %s", (spec, status, state) => {
  expect(rolloutProgress(rolled("DaemonSet", spec, status)).state).toBe(state);
});

const partition = (number: number): Fields => ({
  replicas: 3,
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: number } },
});
const same = { readyReplicas: 3, updatedReplicas: 3, currentRevision: "a", updateRevision: "a" };
test.each<[Fields, Fields, string]>([
  [partition(0), { ...same, readyReplicas: 1 }, "waiting"],
  [partition(0), { ...same, updateRevision: "b" }, "waiting"],
  [partition(0), same, "done"],
  [partition(2), { ...same, updateRevision: "b", updatedReplicas: 0 }, "waiting"],
  [partition(2), { ...same, updateRevision: "b", updatedReplicas: 1 }, "done"],
])("a stateful set with %j and %j is %s", (spec, status, state) => {
  expect(rolloutProgress(rolled("StatefulSet", spec, status)).state).toBe(state);
});
