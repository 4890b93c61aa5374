import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "../errors.ts";
import { admit } from "./admit.ts";
import { applyDefaults, pullPolicy } from "./defaults.ts";
import {
  containerManifest,
  controllerManifest,
  podManifest,
  replicaSetManifest,
  serviceManifest,
} from "./fixtures.ts";

const complete = (object: unknown): object => unwrap(admit(object)).complete;

describe("defaults", () => {
  test("a pod gets what Kubernetes gives it", () => {
    const manifest = containerManifest({
      ports: [{ containerPort: 80 }],
      livenessProbe: { httpGet: { port: 80 } },
      resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } },
    });
    expect(complete(manifest)).toMatchObject({
      metadata: { name: "web", namespace: "default" },
      spec: {
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        dnsPolicy: "ClusterFirst",
        containers: [
          {
            imagePullPolicy: "IfNotPresent",
            ports: [{ containerPort: 80, protocol: "TCP" }],
            livenessProbe: {
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 3,
              httpGet: { path: "/", scheme: "HTTP" },
            },
            resources: { requests: { cpu: "500m", memory: "1Gi" } },
          },
        ],
      },
    });
  });
  test("a volume without a source is an emptyDir", () => {
    expect(
      complete(podManifest({ volumes: [{ name: "v" }, { name: "h", hostPath: { path: "/h" } }] })),
    ).toMatchObject({
      spec: {
        volumes: [
          { name: "v", emptyDir: {} },
          { name: "h", hostPath: { path: "/h", type: "" } },
        ],
      },
    });
  });
  test("the host's network takes host ports from container ports", () => {
    const manifest = podManifest({
      hostNetwork: true,
      containers: [{ name: "a", image: "x", ports: [{ containerPort: 80 }] }],
    });
    expect(complete(manifest)).toMatchObject({ spec: { containers: [{ ports: [{ hostPort: 80 }] }] } });
  });
  test("a controller selects its template's labels and has one replica", () => {
    expect(complete(controllerManifest({ replicas: null }))).toMatchObject({
      metadata: { labels: { app: "web" } },
      spec: { replicas: 1, selector: { app: "web" }, template: { spec: { restartPolicy: "Always" } } },
    });
  });
  test("a replica set has one replica, and no labels but its own", () => {
    const template = {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "a", image: "x" }] },
    };
    const set = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web" } };
    const made = complete({ ...set, spec: { selector: { matchLabels: { app: "web" } }, template } });
    expect(made).toMatchObject({ spec: { replicas: 1 } });
    expect(made).not.toHaveProperty("metadata.labels");
  });
  test("zero replicas stay zero", () => {
    expect(complete(controllerManifest({ replicas: 0 }))).toMatchObject({ spec: { replicas: 0 } });
  });
  test("a service gets its type, target ports and affinity", () => {
    expect(complete(serviceManifest({ sessionAffinity: "ClientIP" }))).toMatchObject({
      spec: {
        type: "ClusterIP",
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
        ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
      },
    });
  });
  test("a namespace is labelled with its name", () => {
    expect(complete({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } })).toMatchObject({
      metadata: { labels: { "kubernetes.io/metadata.name": "a" } },
    });
  });
  test.each([
    ["node", "Always"],
    ["node:latest", "Always"],
    ["node:24", "IfNotPresent"],
    ["localhost:5000/node", "Always"],
    ["localhost:5000/node:24", "IfNotPresent"],
    ["node@sha256:abc", "IfNotPresent"],
  ])("%s is pulled %s", (image, policy) => {
    expect(pullPolicy(image)).toBe(policy);
  });
  test("applying them twice changes nothing, and the input stays as it was", () => {
    const manifests = fc.constantFrom(
      podManifest({ hostNetwork: true, volumes: [{ name: "v" }] }),
      containerManifest({
        ports: [{ containerPort: 1 }],
        env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      }),
      controllerManifest(),
      replicaSetManifest({ replicas: 0 }),
      serviceManifest({ sessionAffinity: "ClientIP" }),
      serviceManifest({ clusterIP: "None" }),
    );
    const extra = fc.record(
      {
        replicas: fc.nat(9),
        restartPolicy: fc.constant("Always"),
        sessionAffinity: fc.constant("None"),
        dnsPolicy: fc.constant("Default"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(manifests, extra, (manifest, spec) => {
        const object = { ...manifest, spec: { ...manifest.spec, ...spec } };
        const before = structuredClone(object);
        const once = applyDefaults(object);
        expect(object).toEqual(before);
        expect(applyDefaults(once)).toEqual(once);
      }),
    );
  });
});
