// What manifests of older versions come to: the present version, saying what the old one took for granted.

import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";

type Fields = Readonly<Record<string, unknown>>;
const labels = { app: "web" };
const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
const unbounded = 2 ** 31 - 1;

function present(apiVersion: string, kind: string, spec: Fields, rest: Fields = {}) {
  const admitted = admit({ apiVersion, kind, metadata: { name: "web" }, spec, ...rest });
  if (!admitted.ok) throw new Error(admitted.error.message);
  return admitted.value;
}
const gone = (from: string, to: string) => [`${from} is gone from Kubernetes; it is taken as ${to}`];

describe("workloads of older versions", () => {
  const chosen = { metadata: { name: "web", labels }, spec: { selector: { matchLabels: labels } } };
  test.each<[string, string, Fields, Fields]>([
    ["apps/v1beta1", "Deployment", {}, { revisionHistoryLimit: 2, progressDeadlineSeconds: 600 }],
    [
      "extensions/v1beta1",
      "Deployment",
      {},
      {
        revisionHistoryLimit: unbounded,
        progressDeadlineSeconds: unbounded,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      },
    ],
    [
      "extensions/v1beta1",
      "Deployment",
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%" } } },
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%", maxUnavailable: 1 } } },
    ],
    [
      "extensions/v1beta1",
      "Deployment",
      { strategy: { type: "Recreate" } },
      { strategy: { type: "Recreate" } },
    ],
    ["extensions/v1beta1", "ReplicaSet", {}, { replicas: 1 }],
    ["extensions/v1beta1", "DaemonSet", { templateGeneration: 4 }, { updateStrategy: { type: "OnDelete" } }],
    [
      "apps/v1beta1",
      "StatefulSet",
      { serviceName: "web" },
      { updateStrategy: { type: "OnDelete" }, podManagementPolicy: "OrderedReady" },
    ],
  ])("%s %s chooses pods by its template's labels: %j", (apiVersion, kind, spec, says) => {
    const { complete, warnings } = present(apiVersion, kind, { template, ...spec });
    expect(complete).toMatchObject({ apiVersion: "apps/v1", kind, ...chosen });
    expect(complete).toMatchObject({ spec: says });
    expect(warnings).toEqual(gone(apiVersion, "apps/v1"));
  });

  test.each<[string, Fields, Fields]>([
    ["Deployment", {}, { revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }],
    ["DaemonSet", { templateGeneration: 1 }, { updateStrategy: { type: "RollingUpdate" } }],
    ["StatefulSet", { serviceName: "web" }, { updateStrategy: { type: "RollingUpdate" } }],
    ["ReplicaSet", {}, { replicas: 1 }],
  ])("apps/v1beta2 %s is as in apps/v1, and names its selector", (kind, spec, says) => {
    const { complete, warnings } = present("apps/v1beta2", kind, {
      template,
      selector: { matchLabels: labels },
      ...spec,
    });
    expect(complete).toMatchObject({ apiVersion: "apps/v1", metadata: { name: "web" }, spec: says });
    expect(complete.metadata).not.toHaveProperty("labels");
    expect(warnings).toEqual(gone("apps/v1beta2", "apps/v1"));
    const without = {
      apiVersion: "apps/v1beta2",
      kind,
      metadata: { name: "web" },
      spec: { template, ...spec },
    };
    expect(admit(without)).toMatchObject({ ok: false, error: { code: "Invalid" } });
  });

  test("a selector and labels that are given stay", () => {
    const selector = { matchLabels: { app: "web" } };
    const own = { template: { ...template, metadata: { labels: { app: "web", tier: "front" } } }, selector };
    const metadata = { name: "web", labels: { team: "a" } };
    const { complete } = present("extensions/v1beta1", "Deployment", own, { metadata });
    expect(complete).toMatchObject({ metadata: { labels: { team: "a" } }, spec: { selector } });
  });

  test("a version that a kind never had is refused", () => {
    const deployment = {
      apiVersion: "apps/v1beta3",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {},
    };
    expect(admit(deployment)).toMatchObject({
      ok: false,
      error: { message: 'apiVersion must be apps/v1 for kind Deployment, found "apps/v1beta3"' },
    });
  });
});

describe("metrics of autoscaling/v2beta1", () => {
  const target = { kind: "Service", name: "web" };
  test.each<[Fields, Fields]>([
    [
      { type: "Resource", resource: { name: "cpu", targetAverageUtilization: 60 } },
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
      },
    ],
    [
      { type: "Resource", resource: { name: "memory", targetAverageValue: "100Mi" } },
      {
        type: "Resource",
        resource: { name: "memory", target: { type: "AverageValue", averageValue: "100Mi" } },
      },
    ],
    [
      { type: "Pods", pods: { metricName: "requests", targetAverageValue: "10" } },
      {
        type: "Pods",
        pods: { metric: { name: "requests" }, target: { type: "AverageValue", averageValue: "10" } },
      },
    ],
    [
      { type: "Object", object: { target, metricName: "requests", targetValue: "2k" } },
      {
        type: "Object",
        object: {
          describedObject: target,
          metric: { name: "requests" },
          target: { type: "Value", value: "2k" },
        },
      },
    ],
    [
      {
        type: "External",
        external: { metricName: "queue", metricSelector: { matchLabels: labels }, targetAverageValue: "30" },
      },
      {
        type: "External",
        external: {
          metric: { name: "queue", selector: { matchLabels: labels } },
          target: { type: "AverageValue", averageValue: "30" },
        },
      },
    ],
  ])("%j is %j", (before, after) => {
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
    const spec = { scaleTargetRef, maxReplicas: 5, metrics: [before] };
    const { object, warnings } = present("autoscaling/v2beta1", "HorizontalPodAutoscaler", spec);
    expect(object).toMatchObject({ apiVersion: "autoscaling/v2", spec: { metrics: [after] } });
    expect(warnings[0]).toBe(gone("autoscaling/v2beta1", "autoscaling/v2")[0]);
  });
});

test.each([
  ["scheduling.k8s.io/v1beta1", "PriorityClass", { value: 5 }, "scheduling.k8s.io/v1"],
  ["storage.k8s.io/v1beta1", "StorageClass", { provisioner: "berth.io/local" }, "storage.k8s.io/v1"],
])("%s %s is the same in its present version", (apiVersion, kind, fields, now) => {
  const admitted = admit({ apiVersion, kind, metadata: { name: "web" }, ...fields });
  expect(admitted).toMatchObject({
    ok: true,
    value: { complete: { apiVersion: now }, warnings: gone(apiVersion, now) },
  });
});
