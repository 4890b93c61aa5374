// Workloads that restart when a config map or secret of theirs changes.

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type ApiObject, unwrap } from "../../protocol/mod.ts";
import { type Given, givenCluster, register } from "../cluster/given.ts";
import { createVault } from "../secrets/mod.ts";
import { statefulSet } from "./batch-fixtures.ts";
import { apply, daemonSet, deployment, patch, setsOf } from "./given-rollouts.ts";
import { settle } from "./settling.ts";

const vault = unwrap(createVault([createHash("sha256").update("cluster").digest("base64")]));

const configMap = (name: string, color: string): ApiObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data: { color },
});
const secret = (name: string, password: string): ApiObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  stringData: { password },
});

/** Uses the config map `settings` and the secret `db`. */
const podSpec = {
  containers: [
    { name: "main", image: "web:1", envFrom: [{ configMapRef: { name: "settings" } }] },
    {
      name: "side",
      image: "web:1",
      env: [{ name: "P", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
    },
  ],
};
const restarting = (object: ApiObject): ApiObject => {
  const spec = object.spec as { readonly template: object };
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { "berth.io/restart-on-config-change": "true" } },
    spec: { ...spec, template: { ...spec.template, spec: podSpec } },
  };
};

function given(...objects: readonly ApiObject[]): Given {
  const cluster = givenCluster({ vault });
  for (const node of ["n1", "n2"]) register(cluster, node);
  for (const object of [configMap("settings", "red"), secret("db", "one"), ...objects])
    apply(cluster, object);
  settle(cluster);
  return cluster;
}
const setCount = (cluster: Given): number => [...cluster.state.objects("ReplicaSet", "default")].length;
function templateHash(cluster: Given, kind: string, name: string): string | undefined {
  const spec = cluster.state.object(kind, "default", name)?.value.spec as
    | { readonly template: { readonly metadata?: { readonly annotations?: Record<string, string> } } }
    | undefined;
  return spec?.template.metadata?.annotations?.["berth.io/config-hash"];
}

test.each([
  ["Deployment", restarting(deployment("web", 2, "web:1"))],
  ["StatefulSet", restarting(statefulSet("web", 2))],
  ["DaemonSet", restarting(daemonSet("web", "web:1"))],
])("a %s gets another template when one of them changes", (kind, object) => {
  const cluster = given(object);
  const before = templateHash(cluster, kind, "web");
  expect(before).toMatch(/^ConfigMap\/settings=\w{10},Secret\/db=\w{10}$/);
  apply(cluster, configMap("settings", "blue"));
  settle(cluster);
  const after = templateHash(cluster, kind, "web");
  expect(after).not.toBe(before);
  expect(after?.split(",")[1]).toBe(before?.split(",")[1]);
  const change = cluster.log.find(
    (event) => event.type === "ObjectUpdated" && event.object.kind === "ConfigMap",
  );
  const restart = cluster.log.find(
    (event) => event.type === "ObjectUpdated" && event.reason?.startsWith("restarts its pods"),
  );
  expect(restart).toMatchObject({
    object: { kind, name: "web" },
    reason: "restarts its pods: ConfigMap/settings changed",
    cause: change?.position,
    by: "controller:config-rollout",
  });
});

test("a secret that is written anew with the same value changes nothing; another value does", () => {
  const cluster = given(restarting(deployment("web", 2, "web:1")));
  apply(cluster, secret("db", "one"));
  settle(cluster);
  expect(setCount(cluster)).toBe(1);
  apply(cluster, secret("db", "two"));
  settle(cluster);
  expect(setCount(cluster)).toBe(2);
});

test("labels of a config map are not its content", () => {
  const cluster = given(restarting(deployment("web", 2, "web:1")));
  patch(cluster, "ConfigMap", "settings", { metadata: { labels: { seen: "yes" } } });
  settle(cluster);
  expect(setCount(cluster)).toBe(1);
});

test("one that is deleted, and comes back as it was, is told as such", () => {
  const cluster = given(restarting(deployment("web", 2, "web:1")));
  cluster.run({ type: "DeleteObject", kind: "ConfigMap", namespace: "default", name: "settings" });
  settle(cluster);
  expect(templateHash(cluster, "Deployment", "web")).toContain("ConfigMap/settings=none");
  apply(cluster, configMap("settings", "red"));
  settle(cluster);
  const reasons = cluster.log.flatMap((event) =>
    event.type === "ObjectUpdated" && event.by === "controller:config-rollout" ? [event.reason] : [],
  );
  expect(reasons).toEqual([
    "restarts its pods: ConfigMap/settings is gone",
    "restarts its pods: ConfigMap/settings is there",
  ]);
  // The same content is the same template: its replica set is found again.
  expect(setCount(cluster)).toBe(2);
});

test("a manifest that is applied or replaced again is no rollout", () => {
  const object = restarting(deployment("web", 2, "web:1"));
  const cluster = given(object);
  apply(cluster, object);
  cluster.run({ type: "ReplaceObject", object });
  settle(cluster);
  expect(setCount(cluster)).toBe(1);
  expect([...setsOf(cluster, "web")]).toHaveLength(1);
});

test("without the annotation nothing restarts", () => {
  const { metadata, ...rest } = restarting(deployment("web", 2, "web:1"));
  const { annotations: _annotations, ...plain } = metadata;
  const cluster = given({ ...rest, metadata: plain });
  apply(cluster, configMap("settings", "blue"));
  settle(cluster);
  expect(setCount(cluster)).toBe(1);
  expect(templateHash(cluster, "Deployment", "web")).toBeUndefined();
});

test("what was taken back since is not rolled out again, also by a new leader", () => {
  const cluster = given(restarting(deployment("web", 2, "web:1")));
  const row = cluster.state.object("Deployment", "default", "web");
  if (!row) throw new Error("no deployment");
  apply(cluster, configMap("settings", "blue"));
  settle(cluster);
  const now = cluster.state.object("Deployment", "default", "web");
  if (!now) throw new Error("no deployment");
  const value = { ...now.value, spec: row.value.spec };
  cluster.run({ type: "ChangeObject", object: row.ref, value, reason: "rollout reverted" });
  cluster.state.markAllDirty();
  settle(cluster);
  expect(templateHash(cluster, "Deployment", "web")).toBe(
    (row.value.spec as { template: { metadata: { annotations: Record<string, string> } } }).template.metadata
      .annotations["berth.io/config-hash"],
  );
  apply(cluster, configMap("settings", "green"));
  settle(cluster);
  expect(setCount(cluster)).toBe(3);
});
