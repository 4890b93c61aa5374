// The steps of a client-driven rolling update, against a cluster of two replication controllers in a map.

import { expect, test } from "vitest";
import type { ApiObject } from "../protocol/mod.ts";
import { rollingUpdate } from "./rolling-update.ts";
import { answer, refuse, type Script, type ScriptedApi } from "./testkit/scripted-api.ts";
import { scriptedCluster } from "./testkit/scripted-cluster.ts";
import type { Stored } from "./kinds.ts";

type Controller = Stored<"ReplicationController">;
const controller = (
  name: string,
  replicas: number,
  annotations: Record<string, string> = {},
): Controller => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: {
    name,
    namespace: "default",
    uid: `uid-${name}`,
    resourceVersion: "5",
    generation: 1,
    annotations,
  },
  spec: { replicas, selector: { app: name }, template: {} },
  status: { replicas, availableReplicas: replicas, observedGeneration: 1 },
});

/** Pods are available as soon as they are asked for, unless `stuck`. */
function clusterOf(all: readonly Controller[], stuck = false) {
  const there = new Map<string, Controller>(all.map((one) => [one.metadata.name ?? "", one]));
  const holder: { api?: ScriptedApi } = {};
  const script: Script = (asked) => {
    const { target, request } = asked;
    const name = target.name || (request.fieldSelector?.split("=")[1] ?? "");
    const found = there.get(name);
    const reply = (object: ApiObject) => answer(9, { type: "object", object });
    switch (target.verb) {
      case "watch":
        return holder.api?.watch(asked) ?? "silence";
      case "list":
        return answer(9, { type: "list", kind: "ReplicationController", items: found ? [found] : [] });
      case "create": {
        const made = controller(
          String(request.object?.metadata.name),
          0,
          request.object?.metadata.annotations,
        );
        const { replicas = 0 } = (request.object?.spec ?? {}) as { readonly replicas?: number };
        const next = { ...made, spec: { ...made.spec, replicas } } as Controller;
        there.set(String(made.metadata.name), next);
        return reply(next);
      }
      case "patch": {
        if (!found) return refuse("NotFound", name);
        const { spec, metadata } = (request.patch ?? {}) as {
          readonly spec?: { readonly replicas: number };
          readonly metadata?: { readonly annotations: Record<string, string> };
        };
        const available = stuck ? 0 : (spec?.replicas ?? found.status?.availableReplicas ?? 0);
        const next = {
          ...found,
          metadata: {
            ...found.metadata,
            annotations: { ...found.metadata.annotations, ...metadata?.annotations },
          },
          spec: { ...found.spec, ...spec },
          status: { replicas: available, availableReplicas: available, observedGeneration: 1 },
        } as Controller;
        there.set(name, next);
        return reply(next);
      }
      case "delete":
        there.delete(name);
        return found ? reply(found) : refuse("NotFound", name);
      default:
        return found ? reply(found) : refuse("NotFound", name);
    }
  };
  const cluster = scriptedCluster(script);
  holder.api = cluster.api;
  return { ...cluster, there };
}

const options = { podTimeoutMs: 5000 };
const texts = (
  steps: readonly { readonly type: string; readonly name: string; readonly replicas?: number }[],
) =>
  steps.map(({ type, name, replicas }) =>
    [type, name, replicas].filter((word) => word !== undefined).join(" "),
  );

test("goes up by one and down by one, and deletes the old one", async () => {
  const { client, settled, there } = clusterOf([controller("old", 2)]);
  const update = rollingUpdate(client, { from: "old", to: controller("new", 2) }, options);
  const steps = await settled(Array.fromAsync(update));
  expect(texts(steps)).toEqual([
    "created new",
    "scaled new 1",
    "scaled old 1",
    "scaled new 2",
    "scaled old 0",
    "deleted old",
  ]);
  expect([...there.keys()]).toEqual(["new"]);
});

test("goes on where it was broken off, and can be turned round", async () => {
  const half = [
    controller("old", 1, { "kubectl.kubernetes.io/original-replicas": "2" }),
    controller("new", 1, { "kubectl.kubernetes.io/desired-replicas": "2" }),
  ] as const;
  const on = clusterOf(half);
  const forward = rollingUpdate(on.client, { from: "old", to: half[1] }, options);
  expect(texts(await on.settled(Array.fromAsync(forward)))).toEqual([
    "scaled new 2",
    "scaled old 0",
    "deleted old",
  ]);
  const back = clusterOf(half);
  const backward = rollingUpdate(back.client, { from: "new", to: half[0] }, options);
  expect(texts(await back.settled(Array.fromAsync(backward)))).toEqual([
    "scaled old 2",
    "scaled new 0",
    "deleted new",
  ]);
});

test("stops at a pod that does not come up, with the old ones as they were", async () => {
  const { client, settled, there } = clusterOf([controller("old", 2)], true);
  const update = rollingUpdate(client, { from: "old", to: controller("new", 2) }, options);
  await expect(settled(Array.fromAsync(update))).rejects.toMatchObject({ code: "Timeout" });
  expect([there.get("old")?.spec?.replicas, there.get("new")?.spec?.replicas]).toEqual([2, 1]);
});
