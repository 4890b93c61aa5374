// Objects and a small cluster that holds them, for tests of commands.

import {
  answer,
  refuse,
  type ScriptedApi,
  type Script,
  storedPod,
} from "../../client/testkit/scripted-api.ts";
import { type ApiObject, kindByWord } from "../../protocol/mod.ts";

export { storedPod };

export const storedNode = (name: string, more: Partial<ApiObject> = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "Node",
  spec: {},
  status: { conditions: [{ type: "Ready", status: "True" }], nodeInfo: { kubeletVersion: "0.1.0" } },
  ...more,
  metadata: {
    name,
    uid: `uid-${name}`,
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
    ...more.metadata,
  },
});

export const storedController = (
  name: string,
  replicas: number,
  more: Partial<ApiObject> = {},
): ApiObject => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  spec: {
    replicas,
    selector: { app: name },
    template: { spec: { containers: [{ name: "web", image: "web:1" }] } },
  },
  status: { replicas, readyReplicas: replicas },
  ...more,
  metadata: {
    name,
    namespace: "default",
    uid: `uid-${name}`,
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
    ...more.metadata,
  },
});

/** Answers get, list and watch from the objects; mutations are answered as if they had worked. */
export const holding =
  (objects: readonly ApiObject[]) =>
  (api: ScriptedApi): Script =>
  (asked) => {
    const { target, request } = asked;
    const info = kindByWord(target.resource);
    const mine = objects.filter(
      ({ kind, metadata }) =>
        kind === info?.kind &&
        (target.allNamespaces || !info?.namespaced || metadata.namespace === target.namespace),
    );
    const found = mine.find(({ metadata }) => metadata.name === target.name);
    const missing = refuse("NotFound", `${target.resource} "${target.name}" not found`);
    switch (target.verb) {
      case "list": {
        const name = /^metadata\.name=(.*)$/.exec(request.fieldSelector ?? "")?.[1];
        const items = name === undefined ? mine : mine.filter(({ metadata }) => metadata.name === name);
        return answer(10, { type: "list", kind: info?.kind ?? "", items });
      }
      case "watch":
        return api.watch(asked);
      case "get":
        return found ? answer(10, { type: "object", object: found }) : missing;
      case "create":
      case "apply":
      case "update": {
        const object = request.object ?? found;
        if (!object) return missing;
        return answer(11, { type: "object", object, outcome: found ? "configured" : "created" });
      }
      case "patch":
        return found ? answer(11, { type: "object", object: found, outcome: "configured" }) : missing;
      case "delete":
        return found ? answer(11, { type: "object", object: found, outcome: "deleted" }) : missing;
    }
  };
