// Deployments and daemon sets as manifests: what is filled in, and what is refused.

import { describe, expect, test } from "vitest";
import { unwrap } from "../errors.ts";
import { admit } from "./admit.ts";
import { replicaSetManifest } from "./fixtures.ts";
import type { ApiObject } from "./object.ts";
import { validateUpdate } from "./validate.ts";

type Fields = Readonly<Record<string, unknown>>;
const deployment = (spec: Fields = {}): ApiObject => ({
  ...replicaSetManifest(),
  kind: "Deployment",
  spec: { ...replicaSetManifest().spec, ...spec },
});
const { replicas: _replicas, ...daemonSpec } = replicaSetManifest().spec;
const daemonSet = (spec: Fields = {}): ApiObject => ({
  ...replicaSetManifest(),
  kind: "DaemonSet",
  spec: { ...daemonSpec, ...spec },
});
const complete = (object: unknown): ApiObject => unwrap(admit(object)).complete;
const wrong = (object: unknown): readonly string[] => {
  const result = admit(object);
  return result.ok ? [] : (result.error.causes ?? []).map(({ field }) => field);
};
const rolling = (rollingUpdate: Fields): Fields => ({ strategy: { type: "RollingUpdate", rollingUpdate } });
const updating = (rollingUpdate: Fields): Fields => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate },
});

describe("defaults", () => {
  test("of a deployment", () => {
    expect(complete(deployment({ replicas: undefined })).spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      template: { spec: { restartPolicy: "Always" } },
    });
  });
  test("of a daemon set", () => {
    expect(complete(daemonSet()).spec).toMatchObject({
      revisionHistoryLimit: 10,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      template: { spec: { restartPolicy: "Always" } },
    });
    expect(complete(daemonSet({ updateStrategy: { type: "OnDelete" } })).spec).toMatchObject({
      updateStrategy: { type: "OnDelete" },
    });
  });
  test("fill in half a rolling update, and are idempotent", () => {
    const once = complete(deployment(rolling({ maxSurge: 3 })));
    expect(once.spec).toMatchObject({ strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: "25%" } } });
    expect(complete(once)).toEqual(once);
  });
  test("that a rolling update left behind go when the type becomes Recreate", () => {
    const strategy = { type: "Recreate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } };
    expect(complete(deployment({ strategy })).spec).toMatchObject({ strategy: { type: "Recreate" } });
  });
});

describe("what is refused", () => {
  test.each<[Fields, readonly string[]]>([
    [{}, []],
    [{ selector: { matchLabels: { app: "other" } } }, ["spec.template.metadata.labels"]],
    [{ selector: {} }, ["spec.selector"]],
    [{ replicas: -1 }, ["spec.replicas"]],
    [{ progressDeadlineSeconds: 10, minReadySeconds: 10 }, ["spec.progressDeadlineSeconds"]],
    [{ revisionHistoryLimit: -1 }, ["spec.revisionHistoryLimit"]],
    [{ strategy: { type: "Canary" } }, ["spec.strategy.type"]],
    [{ strategy: { type: "Recreate", rollingUpdate: { maxSurge: 2 } } }, ["spec.strategy.rollingUpdate"]],
    [rolling({ maxSurge: 0, maxUnavailable: "0%" }), ["spec.strategy.rollingUpdate.maxUnavailable"]],
    [rolling({ maxUnavailable: "101%" }), ["spec.strategy.rollingUpdate.maxUnavailable"]],
    [rolling({ maxSurge: "many" }), ["spec.strategy.rollingUpdate.maxSurge"]],
    [rolling({ maxSurge: -1 }), ["spec.strategy.rollingUpdate.maxSurge"]],
    [rolling({ maxSurge: "150%", maxUnavailable: 0 }), []],
  ])("of a deployment with %j: %j", (spec, fields) => {
    expect(wrong(deployment(spec))).toEqual(fields);
  });
  const hostPort = {
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "i", ports: [{ containerPort: 80, hostPort: 80 }] }] },
    },
  };
  const surge = "spec.updateStrategy.rollingUpdate.maxSurge";
  test.each<[Fields, readonly string[]]>([
    [{}, []],
    [updating({ maxSurge: 1, maxUnavailable: 0 }), []],
    [updating({ maxSurge: 1, maxUnavailable: 1 }), [surge]],
    [updating({ maxSurge: 0, maxUnavailable: 0 }), ["spec.updateStrategy.rollingUpdate.maxUnavailable"]],
    [{ ...updating({ maxSurge: 1, maxUnavailable: 0 }), ...hostPort }, [surge]],
    [hostPort, []],
    [{ updateStrategy: { type: "Never" } }, ["spec.updateStrategy.type"]],
  ])("of a daemon set with %j: %j", (spec, fields) => {
    expect(wrong(daemonSet(spec))).toEqual(fields);
  });
  test.each([deployment, daemonSet])("%o: its selector can't change", (make) => {
    const next = make({
      selector: { matchLabels: { app: "web", tier: "front" } },
      template: {
        metadata: { labels: { app: "web", tier: "front" } },
        spec: { containers: [{ name: "main", image: "i" }] },
      },
    });
    const result = validateUpdate(complete(make()), complete(next));
    expect(result.ok ? [] : result.error.causes?.map(({ field }) => field)).toEqual(["spec.selector"]);
  });
});
