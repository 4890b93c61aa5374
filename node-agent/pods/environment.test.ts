import { describe, expect, test } from "vitest";
import { type Container, type ServiceEntry, unwrap } from "../../protocol/mod.ts";
import { testPod, uidOf } from "../testkit/pod-fixture.ts";
import { pullPolicy } from "./container-spec.ts";
import { containerEnvironment, type EnvironmentContext, expand } from "./environment.ts";

const service = (name: string, fields: Partial<ServiceEntry> = {}): ServiceEntry => ({
  namespace: "default",
  name,
  uid: uidOf(name),
  clusterIP: "10.0.0.9",
  ports: [{ name: "http", port: 80, protocol: "TCP" }],
  endpoints: [],
  ...fields,
});

function variables(
  container: Partial<Container>,
  fields: Partial<EnvironmentContext> = {},
): Record<string, string> {
  const pod = testPod();
  const context: EnvironmentContext = {
    pod,
    podIp: "127.1.0.2",
    hostIp: "10.1.1.1",
    node: "n1",
    allocatable: { cpuMilli: 3500, memoryBytes: 2 ** 30 },
    services: [],
    configs: () => undefined,
    ...fields,
  };
  const result = unwrap(containerEnvironment({ name: "main", ...container }, context));
  return Object.fromEntries(result.map(({ name, value }) => [name, value]));
}

test.each([
  ["plain", "plain"],
  ["$(A)-$(B)", "1-$(B)"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$1"],
  ["$(", "$("],
  ["100$", "100$"],
])("%s expands to %s", (text, expected) => {
  expect(expand(text, (name) => (name === "A" ? "1" : undefined))).toBe(expected);
});

describe("values", () => {
  test("refer to earlier ones and to services, later ones win", () => {
    const env = [
      { name: "A", value: "1" },
      { name: "B", value: "$(A)2 $(DB_SERVICE_HOST) $(LATER)" },
      { name: "LATER", value: "x" },
      { name: "A", value: "3" },
    ];
    expect(variables({ env }, { services: [service("db")] })).toMatchObject({
      A: "3",
      B: "12 10.0.0.9 $(LATER)",
    });
  });
  test("come from fields and resources", () => {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const resource = (name: string, path: string, divisor?: string) => ({
      name,
      valueFrom: { resourceFieldRef: { resource: path, ...(divisor && { divisor }) } },
    });
    const env = [
      field("NAME", "metadata.name"),
      field("APP", "metadata.labels['app']"),
      field("IP", "status.podIP"),
      field("NODE", "spec.nodeName"),
      field("ACCOUNT", "spec.serviceAccountName"),
      resource("CPU", "limits.cpu"),
      resource("CPU_MILLI", "requests.cpu", "1m"),
      resource("MEMORY_MI", "limits.memory", "1Mi"),
    ];
    const resources = { requests: { cpu: "250m" }, limits: { memory: "64Mi" } };
    expect(variables({ env, resources })).toMatchObject({
      NAME: "web",
      APP: "web",
      IP: "127.1.0.2",
      NODE: "n1",
      ACCOUNT: "default",
      CPU: "4",
      CPU_MILLI: "250",
      MEMORY_MI: "64",
    });
  });
  test("that are not supported are refused by name", () => {
    const env = [{ name: "KEY", valueFrom: { fileKeyRef: { key: "k", path: "p", volumeName: "v" } } }];
    expect(() => variables({ env })).toThrow(/env KEY takes its value from fileKeyRef/);
  });
});

describe("config maps and secrets", () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  const stored: Readonly<Record<string, Record<string, Uint8Array>>> = {
    "ConfigMap/web": { COLOUR: bytes("blue"), "odd.name": bytes("kept"), SIZE: bytes("1") },
    "Secret/db": { PASSWORD: bytes("hunter2"), SIZE: bytes("2") },
  };
  const configs: EnvironmentContext["configs"] = ({ kind, name }) => stored[`${kind}/${name}`];

  test("fill the environment, later sources and `env` winning", () => {
    const envFrom = [{ configMapRef: { name: "web" } }, { prefix: "DB_", secretRef: { name: "db" } }];
    const env = [
      { name: "SIZE", valueFrom: { secretKeyRef: { name: "db", key: "SIZE" } } },
      { name: "TEXT", value: "$(COLOUR) $(SIZE)" },
      { name: "MAYBE", valueFrom: { configMapKeyRef: { name: "web", key: "none", optional: true } } },
    ];
    const result = variables({ envFrom, env }, { configs });
    expect(result).toMatchObject({
      COLOUR: "blue",
      "odd.name": "kept",
      DB_PASSWORD: "hunter2",
      TEXT: "blue 2",
    });
    expect(result).not.toHaveProperty("MAYBE");
  });

  test.each([
    [{ envFrom: [{ configMapRef: { name: "none" } }] }, 'configmap "none" not found'],
    [{ envFrom: [{ secretRef: { name: "none" } }] }, 'secret "none" not found'],
    [
      { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "db", key: "none" } } }] },
      'couldn\'t find key none in secret "db"',
    ],
  ])("that are missing are refused by name", (container, message) => {
    expect(() => variables(container, { configs })).toThrow(message);
  });

  test("that are missing and optional are left out", () => {
    const envFrom = [{ configMapRef: { name: "none", optional: true } }];
    expect(variables({ envFrom }, { configs })).not.toHaveProperty("COLOUR");
  });
});

describe("services", () => {
  test("of the namespace, as Kubernetes and Docker links write them; headless ones not", () => {
    const ports = [
      { name: "http", port: 80, protocol: "TCP" as const },
      { name: "dns-udp", port: 53, protocol: "UDP" as const },
    ];
    const services = [
      service("my-db", { ports }),
      service("elsewhere", { namespace: "other" }),
      service("headless", { clusterIP: "None" }),
    ];
    const found = variables({}, { services });
    expect(found).toMatchObject({
      MY_DB_SERVICE_HOST: "10.0.0.9",
      MY_DB_SERVICE_PORT: "80",
      MY_DB_SERVICE_PORT_HTTP: "80",
      MY_DB_SERVICE_PORT_DNS_UDP: "53",
      MY_DB_PORT: "tcp://10.0.0.9:80",
      MY_DB_PORT_80_TCP: "tcp://10.0.0.9:80",
      MY_DB_PORT_53_UDP: "udp://10.0.0.9:53",
      MY_DB_PORT_53_UDP_PROTO: "udp",
      MY_DB_PORT_53_UDP_PORT: "53",
      MY_DB_PORT_53_UDP_ADDR: "10.0.0.9",
    });
    expect(Object.keys(found).some((name) => /^(ELSEWHERE|HEADLESS)/.test(name))).toBe(false);
  });
  test("none with enableServiceLinks: false", () => {
    const pod = testPod({ spec: { enableServiceLinks: false } });
    expect(variables({}, { pod, services: [service("db")] })).not.toHaveProperty("DB_SERVICE_HOST");
  });
});

test.each([
  ["app", "Always"],
  ["app:latest", "Always"],
  ["host:5000/app", "Always"],
  ["app:1", "IfNotPresent"],
  ["app@sha256:00", "IfNotPresent"],
])("image %s is pulled %s by default", (image, policy) => {
  expect(pullPolicy({ name: "main", image })).toBe(policy);
});
