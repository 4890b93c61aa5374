import fc from "fast-check";
import { validate as compiledPod } from "kubernetes-models/_schemas/IoK8sApiCoreV1Pod";
import { validate as compiledReplicaSet } from "kubernetes-models/_schemas/IoK8sApiAppsV1ReplicaSet";
import { validate as compiledService } from "kubernetes-models/_schemas/IoK8sApiCoreV1Service";
import { describe, expect, test } from "vitest";
import { checkShape } from "./admit.ts";
import { changedFields, sameValue } from "./same.ts";
import { podManifest, replicaSetManifest, serviceManifest } from "./fixtures.ts";

const rich = podManifest({
  initContainers: [{ name: "i", image: "x", command: ["a"], args: ["b"] }],
  containers: [
    {
      name: "main",
      image: "x",
      tty: true,
      ports: [{ containerPort: 80, protocol: "TCP", name: "http", hostIP: "1.2.3.4" }],
      env: [
        { name: "A", value: "b" },
        { name: "B", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      ],
      resources: { limits: { cpu: 1, memory: "1Gi" } },
      readinessProbe: { httpGet: { port: "http", path: "/" }, periodSeconds: 5 },
      volumeMounts: [{ name: "v", mountPath: "/v", readOnly: true }],
      securityContext: { runAsUser: 5, capabilities: { add: ["NET_ADMIN"] } },
    },
  ],
  volumes: [{ name: "v", emptyDir: { sizeLimit: "1Gi" } }],
  tolerations: [{ key: "a", operator: "Exists", tolerationSeconds: 5, effect: "NoExecute" }],
  nodeSelector: { a: "b" },
});

type Path = readonly (string | number)[];
function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([key, item]) =>
      paths(item, [...at, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}
function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  const copy: unknown = structuredClone(value);
  if (typeof copy !== "object" || copy === null) return copy;
  Reflect.set(copy, step, replaced(Reflect.get(copy, step), rest, by));
  return copy;
}

describe("shape", () => {
  const odd = fc.constantFrom<unknown>(0, -1, 1.5, "", "x", true, {}, [], [1], { a: 1 }, "Always", "10m");
  test.each([
    ["Pod", rich, compiledPod],
    ["ReplicaSet", replicaSetManifest(), compiledReplicaSet],
    ["Service", serviceManifest({ type: "ClusterIP", sessionAffinity: "None" }), compiledService],
  ])("agrees with the package's compiled schemas about %s", (_kind, manifest, compiled) => {
    const places = paths(manifest).filter((path) => path.length > 1 && path[0] !== "status");
    fc.assert(
      fc.property(fc.constantFrom(...places), odd, (place, value) => {
        const mutant = replaced(manifest, place, value);
        // The empty word counts as "not set" here, which the schemas don't know; Kubernetes does it as well.
        fc.pre(value !== "");
        // The text of a quantity is checked with the rules, not with the shape.
        fc.pre(typeof value !== "string" || !(place.includes("limits") || place.includes("sizeLimit")));
        expect({ place, value, ok: checkShape(mutant, "Ignore").ok }).toEqual({
          place,
          value,
          ok: compiled(mutant),
        });
      }),
      { numRuns: 600 },
    );
  });
  test("unknown fields are refused, with their place and what was probably meant", () => {
    const manifest = podManifest({ containers: [{ name: "a", imagee: "x", image: "y" }], colour: 5 });
    expect(checkShape(manifest)).toMatchObject({
      ok: false,
      error: {
        code: "Invalid",
        message:
          'Pod "web" is invalid: spec.containers[0].imagee: unknown field; did you mean image?; spec.colour: unknown field',
        causes: [
          { field: "spec.containers[0].imagee", reason: "Unknown" },
          { field: "spec.colour", reason: "Unknown" },
        ],
      },
    });
  });
  test("where they are no error, unknown fields are left out and named, or only left out", () => {
    const manifest = podManifest({ containers: [{ name: "a", imagee: "x", image: "y" }], colour: 5 });
    const result = checkShape(manifest, "Warn");
    expect(result.ok && result.value.warnings).toEqual([
      'unknown field "spec.containers[0].imagee"; did you mean image?',
      'unknown field "spec.colour"',
    ]);
    expect(result.ok && result.value.object.spec).toEqual({ containers: [{ name: "a", image: "y" }] });
    const ignored = checkShape(manifest, "Ignore");
    expect(ignored.ok && ignored.value).toEqual({ ...(result.ok && result.value), warnings: [] });
  });
  test("thousands of unknown fields give a bounded list", () => {
    const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 1]));
    const result = checkShape(podManifest(fields), "Warn");
    expect(result.ok && result.value.warnings.length).toBe(51);
  });
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["nulls where nothing is set", { replicas: null }, { volumes: null }],
    ["empty maps", { selector: {} }, { securityContext: {}, nodeSelector: {}, affinity: {} }],
    ["empty lists", {}, { hostAliases: [], volumes: [], imagePullSecrets: [] }],
    ["numbers and percentages", { strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } } }, {}],
  ])("what Kubernetes takes is taken: %s", (_what, spec, podSpec) => {
    const container = {
      name: "a",
      image: "x",
      resources: { limits: { cpu: 2, memory: "1Gi" }, requests: { cpu: 0.5 } },
      livenessProbe: { httpGet: { port: 8080 } },
      readinessProbe: { httpGet: { port: "http" } },
    };
    const template = {
      metadata: { creationTimestamp: null, labels: {} },
      spec: { containers: [container], ...podSpec },
    };
    const object = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", creationTimestamp: null, labels: {} },
      status: { replicas: 0, loadBalancer: {} },
      spec: { selector: {}, ...spec, template },
    };
    expect(checkShape(object).ok).toBe(true);
  });
  test("nulls count as absent, and as empty text in maps of text", () => {
    const object = { ...podManifest({ nodeName: null }), metadata: { name: "a", labels: { a: null } } };
    const result = checkShape(object);
    expect(result.ok && result.value.object.metadata).toEqual({ name: "a", labels: { a: "" } });
    expect(result.ok && Object.hasOwn(Object(result.value.object.spec), "nodeName")).toBe(false);
  });
  test("keys that objects inherit are unknown fields like any other, and no prototype is changed", () => {
    const spec = JSON.parse(
      '{"containers":[],"constructor":1,"__proto__":{"a":1},"nodeSelector":{"__proto__":"x"}}',
    );
    const result = checkShape(podManifest(spec), "Warn");
    expect(!result.ok && result.error.causes?.map((cause) => cause.field)).toEqual([
      "spec.nodeSelector[__proto__]",
    ]);
    expect(checkShape(podManifest({ containers: [], constructor: 1 }))).toMatchObject({
      error: { causes: [{ field: "spec.constructor", reason: "Unknown" }] },
    });
    const labels = { constructor: "a", toJSON: "b" };
    const named = checkShape({ ...podManifest(), metadata: { name: "a", labels } });
    expect(named.ok && named.value.object.metadata.labels).toEqual(labels);
  });
  test("what is not supported yet is named, defaults are not", () => {
    const result = checkShape(
      podManifest({
        dnsPolicy: "ClusterFirst",
        runtimeClassName: "gvisor",
        priorityClassName: "high",
        schedulerName: "",
        volumes: [{ name: "v", nfs: { server: "s", path: "/" } }],
        containers: [
          {
            name: "a",
            image: "x",
            lifecycle: {},
            envFrom: [],
            volumeMounts: [{ name: "v", mountPath: "/v", mountPropagation: "Bidirectional" }],
          },
        ],
      }),
    );
    expect(result.ok && result.value.warnings).toEqual(
      [
        "spec.containers[0].volumeMounts[0].mountPropagation is not supported yet: it is stored and ignored",
        "spec.runtimeClassName is not supported yet: it is stored and ignored",
        "spec.volumes[0].nfs is not supported yet: a pod that has it waits on its node and does not start",
      ].toSorted((a, b) =>
        result.ok ? result.value.warnings.indexOf(a) - result.value.warnings.indexOf(b) : 0,
      ),
    );
    const service = checkShape(serviceManifest({ type: "NodePort" }));
    expect(service.ok && service.value.warnings).toEqual([
      "spec.type NodePort is not supported yet: no node port is opened, the cluster IP works",
    ]);
  });
});

describe("differences", () => {
  test("are named by path", () => {
    const next = replaced(rich, ["spec", "containers", 0, "image"], "y");
    expect(changedFields(rich, next)).toEqual(["spec.containers[0].image"]);
    expect(changedFields({ labels: { "a.b/c": "1" } }, { labels: {} })).toEqual(["labels[a.b/c]"]);
    expect(changedFields({ a: undefined }, {})).toEqual([]);
    expect(changedFields(1, 2)).toEqual([""]);
  });
  test("two copies are the same, whatever the order of their fields", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(structuredClone(value)).toReversed());
        expect(sameValue(value, turned)).toBe(true);
      }),
    );
  });
});
