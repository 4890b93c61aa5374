// Test fixture: random command scripts, played on a cluster with its control loops.

import fc from "fast-check";
import type { Command } from "../../protocol/mod.ts";
import { daemonSet, deployment } from "./given-rollouts.ts";
import { claim, claimingPod, storageClass, volume } from "./storage-fixtures.ts";
import { converge, runPods, schedule, settle } from "./settling.ts";
import {
  controller,
  givenCluster,
  type Given,
  nodeName,
  pod,
  register,
  replicaSet,
  report,
  service,
} from "../cluster/given.ts";

const names = ["a", "b", "c"] as const;
const name = fc.constantFrom(...names);
const kind = fc.constantFrom(
  "Pod",
  "ReplicationController",
  "ReplicaSet",
  "Service",
  "Deployment",
  "DaemonSet",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StorageClass",
);
const propagation = fc.constantFrom("Background", "Foreground", "Orphan");

export const step = fc.oneof(
  fc.record({ do: fc.constant("create" as const), kind, name, replicas: fc.nat({ max: 6 }) }),
  fc.record({ do: fc.constant("scale" as const), kind, name, replicas: fc.nat({ max: 8 }) }),
  fc.record({ do: fc.constant("label" as const), name, value: name }),
  fc.record({ do: fc.constant("delete" as const), kind, name, propagation }),
  fc.record({
    do: fc.constant("kill" as const),
    index: fc.nat({ max: 20 }),
    how: fc.constantFrom("grace", "force"),
  }),
  fc.record({ do: fc.constant("fail" as const), index: fc.nat({ max: 20 }) }),
  fc.record({ do: fc.constant("register" as const), name, boot: name }),
  fc.record({ do: fc.constant("silence" as const), name, lost: fc.boolean() }),
  fc.record({ do: fc.constant("recover" as const), name }),
  fc.record({
    do: fc.constant("taint" as const),
    name,
    effect: fc.constantFrom("NoSchedule", "NoExecute", null),
  }),
  fc.record({ do: fc.constant("forget node" as const), name }),
  fc.record({ do: fc.constant("select" as const), name, app: name }),
  fc.record({ do: fc.constant("settle" as const) }),
  fc.record({ do: fc.constant("schedule" as const) }),
  fc.record({ do: fc.constant("run" as const) }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 3, 1000) }),
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
export const commandScript = fc.array(step, { maxLength: 60, size: "max" });

const objectOf = (of: string, called: string, replicas: number) => {
  if (of === "Pod") return replicas > 2 ? claimingPod(called, [names[replicas % 3] ?? "a"]) : pod(called);
  if (of === "PersistentVolume") return volume(called, replicas % 2 === 0 ? undefined : called);
  if (of === "PersistentVolumeClaim") {
    return claim(called, { storageClassName: replicas % 2 === 0 ? "manual" : (names[replicas % 3] ?? "a") });
  }
  if (of === "StorageClass") {
    return storageClass(called, {
      volumeBindingMode: replicas % 2 === 0 ? "Immediate" : "WaitForFirstConsumer",
    });
  }
  if (of === "Service") return service(called);
  if (of === "Deployment") return deployment(called, replicas, `web:${replicas % 3}`);
  if (of === "DaemonSet") return daemonSet(called, `web:${replicas % 3}`);
  return of === "ReplicaSet" ? replicaSet(called, replicas) : controller(called, replicas);
};

function sendUser(given: Given, command: Command): void {
  given.send({ by: "user:tester", command });
}

export function take(given: Given, one: Step): void {
  const { state } = given;
  switch (one.do) {
    case "create":
      return sendUser(given, {
        // Rollouts come from what is applied again.
        type: one.replicas % 2 === 0 ? "CreateObject" : "ApplyObject",
        object: objectOf(one.kind, one.name, one.replicas),
        manager: "tester",
      });
    case "scale": {
      const patch = { spec: { replicas: one.replicas } };
      return sendUser(given, {
        type: "PatchObject",
        kind: one.kind,
        namespace: "default",
        name: one.name,
        patch,
      });
    }
    case "label": {
      const row = [...state.pods("default")].find(({ metadata }) => metadata.labels?.["app"] === one.name);
      const patch = { metadata: { labels: { app: one.value } } };
      if (row)
        sendUser(given, {
          type: "PatchObject",
          kind: "Pod",
          namespace: "default",
          name: row.ref.name,
          patch,
        });
      return;
    }
    case "delete":
      return sendUser(given, {
        type: "DeleteObject",
        kind: one.kind,
        namespace: "default",
        name: one.name,
        propagation: one.propagation,
      });
    case "kill":
    case "fail": {
      const row = [...state.pods()][one.index];
      if (!row) return;
      if (one.do === "fail") {
        if (row.node !== undefined && state.node(row.node)) report(given, row, { phase: "Failed" });
        return;
      }
      const { namespace, name: called } = row.ref;
      const force = one.how === "force" && { gracePeriodSeconds: 0 };
      return sendUser(given, { type: "DeleteObject", kind: "Pod", namespace, name: called, ...force });
    }
    case "register":
      register(given, one.name, {
        bootId: one.boot,
        capacity: { cpuMilli: 500, memoryBytes: 2 ** 30, pods: 4 },
      });
      return;
    case "silence":
      return sendUser(given, {
        type: one.lost ? "LoseNode" : "SuspectNode",
        node: nodeName(one.name),
        silentMs: 1,
      });
    case "recover": {
      const node = state.node(nodeName(one.name));
      if (node) sendUser(given, { type: "RecoverNode", node: node.name, session: node.session });
      return;
    }
    case "taint": {
      const taints = one.effect === null ? null : [{ key: "test", effect: one.effect }];
      return sendUser(given, {
        type: "PatchObject",
        kind: "Node",
        name: one.name,
        patch: { spec: { taints } },
      });
    }
    case "forget node":
      return sendUser(given, { type: "DeleteObject", kind: "Node", name: one.name });
    case "select": {
      const patch = { spec: { selector: { app: one.app } } };
      return sendUser(given, {
        type: "PatchObject",
        kind: "Service",
        namespace: "default",
        name: one.name,
        patch,
      });
    }
    case "settle":
      settle(given);
      return;
    case "schedule":
      return schedule(given);
    case "run":
      return runPods(given);
    case "wait":
      given.now += one.seconds * 1000;
      return;
  }
}

/** Plays a script, `check` after every step; `end` converges it. */
export function play(script: readonly Step[], check?: (given: Given) => void, end = false): Given {
  const given = givenCluster();
  for (const each of ["a", "b"] as const) take(given, { do: "register", name: each, boot: "a" });
  for (const one of script) {
    take(given, one);
    check?.(given);
  }
  if (end) {
    given.now += 10_000;
    converge(given);
    check?.(given);
  }
  return given;
}
