import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";
import { configReferences } from "./config-references.ts";
import { containerManifest, podManifest } from "./fixtures.ts";
import { qosClassOf } from "./qos.ts";
import { validateUpdate } from "./validate.ts";

const fieldsOf = (object: unknown): readonly string[] => {
  const result = admit(object);
  return result.ok ? [] : (result.error.causes ?? []).map(({ field, reason }) => `${field} ${reason}`);
};
const configMap = (fields: Record<string, unknown>): Record<string, unknown> => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "web", namespace: "default" },
  ...fields,
});

describe("config maps", () => {
  test.each([
    [{ data: { "a.b-c_D": "" }, binaryData: { e: "/w==" } }, []],
    [
      { data: { "a/b": "", "..": "", "..data": "" } },
      ["a/b", "..", "..data"].map((key) => `data[${key}] Invalid`),
    ],
    [{ data: { a: "" }, binaryData: { a: "" } }, ["binaryData[a] Duplicate"]],
    [{ binaryData: { a: "no base64" } }, ["binaryData[a] Invalid"]],
    [{ data: { a: "x".repeat(1024 * 1024) } }, ["data TooLong"]],
    [{ data: { a: "x".repeat(1024 * 1024 - 1) } }, []],
  ])("%#", (fields, expected) => expect(fieldsOf(configMap(fields))).toEqual(expected));

  test("that are immutable stay as they are", () => {
    const before = configMap({ data: { a: "1" }, immutable: true });
    const change = (fields: Record<string, unknown>) =>
      validateUpdate(before as never, configMap(fields) as never);
    expect(change({ data: { a: "2" }, immutable: true })).toMatchObject({
      error: { causes: [{ field: "data" }] },
    });
    expect(change({ data: { a: "1" } })).toMatchObject({ error: { causes: [{ field: "immutable" }] } });
    expect(change({ data: { a: "1" }, immutable: true }).ok).toBe(true);
  });
});

describe("their use in pods", () => {
  test("everything that is named, each once", () => {
    const spec = {
      containers: [
        {
          name: "a",
          env: [
            { name: "A", valueFrom: { configMapKeyRef: { name: "one", key: "k" } } },
            { name: "B", valueFrom: { secretKeyRef: { name: "two", key: "k" } } },
          ],
          envFrom: [{ configMapRef: { name: "one" } }, { secretRef: { name: "one" } }],
        },
      ],
      initContainers: [{ name: "b", envFrom: [{ configMapRef: { name: "init" } }] }],
      volumes: [
        { name: "v", secret: { secretName: "three" } },
        { name: "w", projected: { sources: [{ configMap: { name: "four" } }, { secret: { name: "two" } }] } },
      ],
    };
    const found = configReferences(spec).map(({ kind, name }) => `${kind} ${name}`);
    expect(found).toEqual([
      ...["ConfigMap four", "ConfigMap init", "ConfigMap one"],
      ...["Secret one", "Secret three", "Secret two"],
    ]);
  });

  test.each([
    [
      { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a/b" } } }] },
      "env[0].valueFrom.secretKeyRef.key Invalid",
    ],
    [{ envFrom: [{ prefix: "x" }] }, "envFrom[0] Invalid"],
    [{ lifecycle: { preStop: {} } }, "lifecycle.preStop Invalid"],
    [{ lifecycle: { postStart: { exec: {} } } }, "lifecycle.postStart.exec.command Required"],
    [{ terminationMessagePath: "relative" }, "terminationMessagePath Invalid"],
  ])("%j", (container, expected) => {
    expect(fieldsOf(containerManifest(container))).toEqual([`spec.containers[0].${expected}`]);
  });

  test.each([
    [{ configMap: {} }, "configMap.name Required"],
    [{ configMap: { name: "c", items: [{ key: "a", path: "../b" }] } }, "configMap.items[0].path Invalid"],
    [{ configMap: { name: "c", items: [{ key: "a", path: "..b" }] } }, "configMap.items[0].path Invalid"],
    [{ secret: { secretName: "s", defaultMode: 0o1777 } }, "secret.defaultMode Invalid"],
    [{ downwardAPI: { items: [{ path: "a" }] } }, "downwardAPI.items[0] Invalid"],
    [
      { downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "status.podIP" } }] } },
      "downwardAPI.items[0].fieldRef.fieldPath NotSupported",
    ],
    [
      { projected: { sources: [{ configMap: { name: "c" }, secret: { name: "s" } }] } },
      "projected.sources[0] Forbidden",
    ],
  ])("volume %j", (volume, expected) => {
    expect(fieldsOf(podManifest({ volumes: [{ name: "v", ...volume }] }))).toEqual([
      `spec.volumes[0].${expected}`,
    ]);
  });
});

test.each([
  [{}, "BestEffort"],
  [{ requests: { cpu: "0" } }, "BestEffort"],
  [{ requests: { cpu: "1" } }, "Burstable"],
  [{ limits: { cpu: "1" } }, "Burstable"],
  [{ limits: { cpu: "1", memory: "1Gi" } }, "Guaranteed"],
  [{ limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1000m", memory: "1024Mi" } }, "Guaranteed"],
  [{ limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "1Gi" } }, "Burstable"],
])("a pod whose containers ask for %j is %s", (resources, expected) => {
  expect(qosClassOf({ containers: [{ name: "a", resources }] })).toBe(expected);
});
