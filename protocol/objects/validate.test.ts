import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";
import {
  containerManifest,
  controllerManifest,
  podManifest,
  replicaSetManifest,
  serviceManifest,
} from "./fixtures.ts";

/** Fields that are wrong, as the user sees them. */
const wrongFields = (object: unknown): readonly string[] => {
  const result = admit(object);
  return result.ok ? [] : (result.error.causes ?? []).map((cause) => cause.field);
};
const named = (kind: string, name: string, extra: object = {}): unknown => ({
  apiVersion: "v1",
  kind,
  metadata: { name },
  ...extra,
});

describe("objects that are right", () => {
  test.each([
    ["a pod", podManifest()],
    ["a replication controller", controllerManifest()],
    ["a replica set", replicaSetManifest()],
    ["a service", serviceManifest()],
    ["a headless service without ports", serviceManifest({ clusterIP: "None", ports: [] })],
    ["a namespace", named("Namespace", "team-a")],
    [
      "a node with a dotted name",
      named("Node", "n1.example.org", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }),
    ],
    [
      "endpoints",
      named("Endpoints", "web", { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] }),
    ],
    ["a pod named with dots", { ...podManifest(), metadata: { name: "a.b-c.d" } }],
    ["a pod with generateName", { ...podManifest(), metadata: { generateName: "web-" } }],
    ["a pod that was read from the cluster", { ...podManifest(), status: { phase: "Running" } }],
    ["nulls for absent fields", containerManifest({ command: null, ports: null, env: null })],
    ["a huge but valid request", containerManifest({ resources: { requests: { memory: "7Ei" } } })],
  ])("%s is taken", (_name, object) => {
    expect(wrongFields(object)).toEqual([]);
  });
});

describe("every wrong field is named", () => {
  test("several at once, in shape and in rules", () => {
    const object = podManifest({
      restartPolicy: "always",
      containers: [
        { name: "a", image: "x", ports: [{ containerPort: "80" }, { containerPort: 70_000 }] },
        { image: "y", volumeMounts: [{ name: "gone", mountPath: "/data" }] },
        { name: "a", image: "" },
      ],
    });
    expect(wrongFields(object).toSorted()).toEqual([
      "spec.containers[0].ports[0].containerPort",
      "spec.containers[0].ports[1].containerPort",
      "spec.containers[1].name",
      "spec.containers[1].volumeMounts[0].name",
      "spec.containers[2].image",
      "spec.containers[2].name",
      "spec.restartPolicy",
    ]);
  });
  test.each<[string, unknown, string]>([
    ["no name", { ...podManifest(), metadata: {} }, "metadata.name"],
    ["no metadata", { apiVersion: "v1", kind: "Pod", spec: podManifest().spec }, "metadata.name"],
    ["an upper-case name", named("Namespace", "Team"), "metadata.name"],
    ["a star in a name", named("Namespace", "*"), "metadata.name"],
    ["unicode in a name", { ...podManifest(), metadata: { name: "wéb" } }, "metadata.name"],
    ["a dotted service name", { ...serviceManifest(), metadata: { name: "a.b" } }, "metadata.name"],
    [
      "a service name that begins with a digit",
      { ...serviceManifest(), metadata: { name: "1a" } },
      "metadata.name",
    ],
    ["a long name", { ...podManifest(), metadata: { name: "a".repeat(254) } }, "metadata.name"],
    ["a bad generateName", { ...podManifest(), metadata: { generateName: "Web" } }, "metadata.generateName"],
    ["a number as name", { ...podManifest(), metadata: { name: 5 } }, "metadata.name"],
    [
      "a bad namespace",
      { ...podManifest(), metadata: { name: "a", namespace: "a.b" } },
      "metadata.namespace",
    ],
    [
      "a namespace on a node",
      { ...(named("Node", "n1") as object), metadata: { name: "n1", namespace: "x" } },
      "metadata.namespace",
    ],
    [
      "a bad label key",
      { ...podManifest(), metadata: { name: "a", labels: { "a b": "c" } } },
      "metadata.labels[a b]",
    ],
    [
      "a bad label value",
      { ...podManifest(), metadata: { name: "a", labels: { a: "b c" } } },
      "metadata.labels[a]",
    ],
    [
      "a number as label",
      { ...podManifest(), metadata: { name: "a", labels: { a: 1 } } },
      "metadata.labels[a]",
    ],
    [
      "huge annotations",
      { ...podManifest(), metadata: { name: "a", annotations: { a: "x".repeat(300_000) } } },
      "metadata.annotations",
    ],
    ["no containers", podManifest({ containers: [] }), "spec.containers"],
    ["containers that are no list", podManifest({ containers: { name: "a" } }), "spec.containers"],
    ["a container that is text", podManifest({ containers: ["a"] }), "spec.containers[0]"],
    ["no image", podManifest({ containers: [{ name: "a" }] }), "spec.containers[0].image"],
    ["white space in an image", containerManifest({ image: "node 24" }), "spec.containers[0].image"],
    ["a container name with a dot", containerManifest({ name: "a.b" }), "spec.containers[0].name"],
    [
      "an init container named as a container",
      podManifest({ initContainers: [{ name: "main", image: "x" }] }),
      "spec.initContainers[0].name",
    ],
    [
      "a probed init container",
      podManifest({
        initContainers: [{ name: "i", image: "x", readinessProbe: { tcpSocket: { port: 1 } } }],
      }),
      "spec.initContainers[0].readinessProbe",
    ],
    [
      "port 0",
      containerManifest({ ports: [{ containerPort: 0 }] }),
      "spec.containers[0].ports[0].containerPort",
    ],
    [
      "a fractional port",
      containerManifest({ ports: [{ containerPort: 80.5 }] }),
      "spec.containers[0].ports[0].containerPort",
    ],
    [
      "a port name twice",
      containerManifest({
        ports: [
          { name: "http", containerPort: 1 },
          { name: "http", containerPort: 2 },
        ],
      }),
      "spec.containers[0].ports[1].name",
    ],
    [
      "a bad port name",
      containerManifest({ ports: [{ name: "HTTP", containerPort: 1 }] }),
      "spec.containers[0].ports[0].name",
    ],
    [
      "a host port twice",
      containerManifest({
        ports: [
          { hostPort: 80, containerPort: 1 },
          { hostPort: 80, containerPort: 2 },
        ],
      }),
      "spec.containers[0].ports[1].hostPort",
    ],
    [
      "another host port on the host's network",
      {
        ...podManifest({
          hostNetwork: true,
          containers: [{ name: "a", image: "x", ports: [{ containerPort: 1, hostPort: 2 }] }],
        }),
      },
      "spec.containers[0].ports[0].hostPort",
    ],
    [
      "an unknown protocol",
      containerManifest({ ports: [{ containerPort: 1, protocol: "tcp" }] }),
      "spec.containers[0].ports[0].protocol",
    ],
    [
      "a variable without a name",
      containerManifest({ env: [{ value: "x" }] }),
      "spec.containers[0].env[0].name",
    ],
    ["a variable with =", containerManifest({ env: [{ name: "a=b" }] }), "spec.containers[0].env[0].name"],
    [
      "a variable with a number",
      containerManifest({ env: [{ name: "PORT", value: 80 }] }),
      "spec.containers[0].env[0].value",
    ],
    [
      "an unknown fieldPath",
      containerManifest({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.x" } } }] }),
      "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath",
    ],
    [
      "value and valueFrom",
      containerManifest({
        env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      }),
      "spec.containers[0].env[0].valueFrom",
    ],
    [
      "a negative request",
      containerManifest({ resources: { requests: { cpu: "-1" } } }),
      "spec.containers[0].resources.requests[cpu]",
    ],
    [
      "a huge limit",
      containerManifest({ resources: { limits: { memory: "9999Ei" } } }),
      "spec.containers[0].resources.limits[memory]",
    ],
    [
      "a request above its limit",
      containerManifest({ resources: { requests: { cpu: 2 }, limits: { cpu: "1999m" } } }),
      "spec.containers[0].resources.requests[cpu]",
    ],
    [
      "an unknown resource",
      containerManifest({ resources: { limits: { ram: "1Gi" } } }),
      "spec.containers[0].resources.limits[ram]",
    ],
    ["a probe without handler", containerManifest({ livenessProbe: {} }), "spec.containers[0].livenessProbe"],
    [
      "a probe with two handlers",
      containerManifest({ livenessProbe: { exec: { command: ["a"] }, tcpSocket: { port: 1 } } }),
      "spec.containers[0].livenessProbe",
    ],
    [
      "a probe every 0 s",
      containerManifest({ readinessProbe: { periodSeconds: 0, tcpSocket: { port: 1 } } }),
      "spec.containers[0].readinessProbe.periodSeconds",
    ],
    [
      "a liveness probe with 2 successes",
      containerManifest({ livenessProbe: { successThreshold: 2, tcpSocket: { port: 1 } } }),
      "spec.containers[0].livenessProbe.successThreshold",
    ],
    [
      "a probe of no command",
      containerManifest({ livenessProbe: { exec: {} } }),
      "spec.containers[0].livenessProbe.exec.command",
    ],
    [
      "a probe of a bad port",
      containerManifest({ livenessProbe: { httpGet: { port: "no such" } } }),
      "spec.containers[0].livenessProbe.httpGet.port",
    ],
    [
      "a mount path twice",
      podManifest({
        volumes: [{ name: "v" }],
        containers: [
          {
            name: "a",
            image: "x",
            volumeMounts: [
              { name: "v", mountPath: "/a" },
              { name: "v", mountPath: "/a/" },
            ],
          },
        ],
      }),
      "spec.containers[0].volumeMounts[1].mountPath",
    ],
    ["a volume twice", podManifest({ volumes: [{ name: "v" }, { name: "v" }] }), "spec.volumes[1].name"],
    [
      "a volume with two sources",
      podManifest({ volumes: [{ name: "v", emptyDir: {}, hostPath: { path: "/a" } }] }),
      "spec.volumes[0]",
    ],
    [
      "a host path upwards",
      podManifest({ volumes: [{ name: "v", hostPath: { path: "/a/../b" } }] }),
      "spec.volumes[0].hostPath.path",
    ],
    [
      "a bad toleration",
      podManifest({ tolerations: [{ key: "a", operator: "Exists", value: "b" }] }),
      "spec.tolerations[0].value",
    ],
    [
      "a negative grace",
      podManifest({ terminationGracePeriodSeconds: -1 }),
      "spec.terminationGracePeriodSeconds",
    ],
    ["a bad node name", podManifest({ nodeName: "N 1" }), "spec.nodeName"],
    ["negative replicas", controllerManifest({ replicas: -1 }), "spec.replicas"],
    ["two million replicas", controllerManifest({ replicas: 2_000_000 }), "spec.replicas"],
    ["replicas 1e400", controllerManifest({ replicas: Number.POSITIVE_INFINITY }), "spec.replicas"],
    ["no template", controllerManifest({ template: null }), "spec.template"],
    [
      "a selector that misses the template",
      controllerManifest({ selector: { app: "other" } }),
      "spec.template.metadata.labels",
    ],
    [
      "pods that are not restarted",
      controllerManifest({
        template: {
          metadata: { labels: { a: "b" } },
          spec: { restartPolicy: "Never", containers: [{ name: "a", image: "x" }] },
        },
      }),
      "spec.template.spec.restartPolicy",
    ],
    ["a replica set without selector", replicaSetManifest({ selector: null }), "spec.selector"],
    ["a replica set with an empty selector", replicaSetManifest({ selector: {} }), "spec.selector"],
    [
      "a bad expression",
      replicaSetManifest({ selector: { matchExpressions: [{ key: "app", operator: "In" }] } }),
      "spec.selector",
    ],
    ["a service without ports", serviceManifest({ ports: [] }), "spec.ports"],
    ["two unnamed ports", serviceManifest({ ports: [{ port: 1 }, { port: 2 }] }), "spec.ports[0].name"],
    [
      "a service port twice",
      serviceManifest({
        ports: [
          { name: "a", port: 1 },
          { name: "b", port: 1 },
        ],
      }),
      "spec.ports[1].port",
    ],
    [
      "a bad target port",
      serviceManifest({ ports: [{ port: 1, targetPort: 0 }] }),
      "spec.ports[0].targetPort",
    ],
    ["a bad cluster IP", serviceManifest({ clusterIP: "10.0.0" }), "spec.clusterIP"],
    ["a bad affinity", serviceManifest({ sessionAffinity: "Cookie" }), "spec.sessionAffinity"],
    [
      "an affinity of two days",
      serviceManifest({
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 172_800 } },
      }),
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
    ],
    [
      "a taint without effect",
      named("Node", "n1", { spec: { taints: [{ key: "a" }] } }),
      "spec.taints[0].effect",
    ],
    [
      "endpoints without addresses",
      named("Endpoints", "web", { subsets: [{ ports: [{ port: 1 }] }] }),
      "subsets[0]",
    ],
    [
      "an endpoint that is no address",
      named("Endpoints", "web", { subsets: [{ addresses: [{ ip: "web" }] }] }),
      "subsets[0].addresses[0].ip",
    ],
    ["an unknown kind", named("Foo", "a"), "kind"],
    ["no kind", { apiVersion: "v1" }, "kind"],
    ["another API version", { ...podManifest(), apiVersion: "v2" }, "apiVersion"],
    ["no API version", { kind: "Pod" }, "apiVersion"],
  ])("%s", (_name, object, field) => {
    expect(wrongFields(object)).toContain(field);
  });
  test.each([undefined, null, 1, "Pod", [], new Uint8Array(2)])("what is no object at all: %s", (input) => {
    const result = admit(input);
    expect(!result.ok && result.error.code).toBe("BadRequest");
  });
  test("paths of a hundred thousand slashes and names of megabytes cost nothing and fill no message", () => {
    const mountPath = `/${"/".repeat(100_000)}x`;
    const volumes = [{ name: "v" }];
    const object = podManifest({
      volumes,
      containers: [{ name: "a".repeat(5_000_000), image: "x", volumeMounts: [{ name: "v", mountPath }] }],
    });
    const result = admit({ ...object, metadata: { name: "b".repeat(5_000_000) } });
    expect(!result.ok && result.error.message.length).toBeLessThan(1000);
    expect(wrongFields(object)).toContain("spec.containers[0].volumeMounts[0].mountPath");
  });
  test("the message says which object and what is wrong", () => {
    const result = admit(containerManifest({ image: "" }));
    expect(!result.ok && result.error.message).toBe(
      'Pod "web" is invalid: spec.containers[0].image is required',
    );
  });
  test("thousands of errors are counted, a hundred are listed and ten are in the message", () => {
    const result = admit(podManifest({ containers: Array.from({ length: 1000 }, () => 5) }));
    expect(!result.ok && result.error.causes?.length).toBe(100);
    expect(!result.ok && result.error.message).toMatch(/found 5; and at least \d+ more$/);
  });
});
