// The merge of apply: tables after Kubernetes' "Declarative Management of Kubernetes Objects Using Configuration Files"
// (how apply calculates differences and merges changes) and its documentation of list types.

import { describe, expect, test } from "vitest";
import { mergeApplied } from "./apply-merge.ts";
import { fieldsIn } from "./field-tree.ts";

type Fields = Readonly<Record<string, unknown>>;
const deployment = (spec: Fields, metadata: Fields = {}): Fields & { kind: string } => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", ...metadata },
  spec,
});
const inPod = (spec: Fields): Fields & { kind: string } => deployment({ template: { spec } });
const containers = (...list: readonly Fields[]): Fields & { kind: string } => inPod({ containers: list });

interface Case {
  readonly last?: Fields;
  readonly live: Fields;
  readonly next: Fields;
  readonly expected: Fields;
  /** What another manager owns. */
  readonly theirs?: Fields & { kind: string };
}
const cases: Readonly<Record<string, Case>> = {
  "a field that was applied before and is left out goes": {
    last: deployment({ minReadySeconds: 5, paused: true }),
    live: deployment({ minReadySeconds: 5, paused: true, replicas: 1 }),
    next: deployment({ minReadySeconds: 5 }),
    expected: deployment({ minReadySeconds: 5, replicas: 1 }),
  },
  "without an earlier manifest nothing goes": {
    live: deployment({ minReadySeconds: 5, replicas: 1 }),
    next: deployment({ minReadySeconds: 7 }),
    expected: deployment({ minReadySeconds: 7, replicas: 1 }),
  },
  "a field that another manager owns by now stays when it is left out": {
    last: deployment({ replicas: 2, minReadySeconds: 5 }),
    live: deployment({ replicas: 9, minReadySeconds: 5 }),
    next: deployment({}),
    theirs: deployment({ replicas: 9 }),
    expected: deployment({ replicas: 9 }),
  },
  "labels of others stay when all of one's own go": {
    last: deployment({}, { labels: { mine: "1", both: "1" } }),
    live: deployment({}, { labels: { mine: "1", both: "1", theirs: "1" } }),
    next: deployment({}),
    theirs: deployment({}, { labels: { theirs: "1", both: "1" } }),
    expected: deployment({}, { labels: { both: "1", theirs: "1" } }),
  },
  "an object goes with the defaults beside what was applied": {
    last: containers({ name: "a", livenessProbe: { tcpSocket: { port: 1 } } }),
    live: containers({ name: "a", livenessProbe: { tcpSocket: { port: 1 }, periodSeconds: 10 } }),
    next: containers({ name: "a" }),
    expected: containers({ name: "a" }),
  },
  "lists of single values are replaced": {
    last: containers({ name: "a", args: ["x"] }),
    live: containers({ name: "a", args: ["x", "y"] }),
    next: containers({ name: "a", args: ["z"] }),
    expected: containers({ name: "a", args: ["z"] }),
  },
  "containers merge by name": {
    last: containers({ name: "a", image: "1" }, { name: "gone" }),
    live: containers(
      { name: "a", image: "1", imagePullPolicy: "Always" },
      { name: "gone" },
      { name: "sidecar" },
    ),
    next: containers({ name: "new" }, { name: "a", image: "2" }),
    expected: containers(
      { name: "new" },
      { name: "a", image: "2", imagePullPolicy: "Always" },
      { name: "sidecar" },
    ),
  },
  "a container that was put before the applied ones stays before them": {
    last: containers({ name: "a" }, { name: "b" }),
    live: containers({ name: "proxy" }, { name: "a" }, { name: "logger" }, { name: "b" }),
    next: containers({ name: "a" }, { name: "b" }),
    expected: containers({ name: "proxy" }, { name: "a" }, { name: "logger" }, { name: "b" }),
  },
  "a container goes though another manager has set its image": {
    last: containers({ name: "a" }, { name: "b", image: "1" }),
    live: containers({ name: "a" }, { name: "b", image: "2" }),
    next: containers({ name: "a" }),
    expected: containers({ name: "a" }),
  },
  "ports merge by number and protocol, where TCP goes without saying": {
    last: containers({ name: "a", ports: [{ containerPort: 53 }] }),
    live: containers({ name: "a", ports: [{ containerPort: 53, protocol: "TCP" }] }),
    next: containers({
      name: "a",
      ports: [
        { containerPort: 53, name: "dns" },
        { containerPort: 53, protocol: "UDP" },
      ],
    }),
    expected: containers({
      name: "a",
      ports: [
        { containerPort: 53, protocol: "TCP", name: "dns" },
        { containerPort: 53, protocol: "UDP" },
      ],
    }),
  },
  "environment merges by name": {
    last: containers({ name: "a", env: [{ name: "A", value: "1" }] }),
    live: containers({
      name: "a",
      env: [
        { name: "A", value: "1" },
        { name: "THEIRS", value: "1" },
      ],
    }),
    next: containers({ name: "a", env: [{ name: "B", value: "2" }] }),
    expected: containers({
      name: "a",
      env: [
        { name: "B", value: "2" },
        { name: "THEIRS", value: "1" },
      ],
    }),
  },
  "a variable that becomes a reference loses its value": {
    last: containers({ name: "a", env: [{ name: "A", value: "1" }] }),
    live: containers({ name: "a", env: [{ name: "A", value: "1" }] }),
    next: containers({ name: "a", env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "x" } } }] }),
    expected: containers({ name: "a", env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "x" } } }] }),
  },
  "mounts merge by their path": {
    live: containers({ name: "a", volumeMounts: [{ mountPath: "/a", name: "v", readOnly: true }] }),
    next: containers({
      name: "a",
      volumeMounts: [
        { mountPath: "/b", name: "v" },
        { mountPath: "/a", name: "w" },
      ],
    }),
    expected: containers({
      name: "a",
      volumeMounts: [
        { mountPath: "/b", name: "v" },
        { mountPath: "/a", name: "w", readOnly: true },
      ],
    }),
  },
  "a volume of another source loses the one that it had": {
    live: inPod({ volumes: [{ name: "v", emptyDir: {} }] }),
    next: inPod({ volumes: [{ name: "v", configMap: { name: "c" } }] }),
    expected: inPod({ volumes: [{ name: "v", configMap: { name: "c" } }] }),
  },
  "a strategy of another type loses what belonged to the one before": {
    live: deployment({ strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } }),
    next: deployment({ strategy: { type: "Recreate" } }),
    expected: deployment({ strategy: { type: "Recreate" } }),
  },
  "tolerations are replaced": {
    last: inPod({ tolerations: [{ key: "a" }] }),
    live: inPod({ tolerations: [{ key: "a" }, { key: "theirs" }] }),
    next: inPod({ tolerations: [{ key: "b" }] }),
    expected: inPod({ tolerations: [{ key: "b" }] }),
  },
  "finalizers are a set": {
    last: deployment({}, { finalizers: ["a", "b"] }),
    live: deployment({}, { finalizers: ["a", "b", "theirs"] }),
    next: deployment({}, { finalizers: ["b", "c"] }),
    expected: deployment({}, { finalizers: ["b", "c", "theirs"] }),
  },
  "an empty list takes away what was applied, and nothing else": {
    last: inPod({ imagePullSecrets: [{ name: "a" }] }),
    live: inPod({ imagePullSecrets: [{ name: "a" }, { name: "theirs" }] }),
    next: inPod({ imagePullSecrets: [] }),
    expected: inPod({ imagePullSecrets: [{ name: "theirs" }] }),
  },
  "a list in which a name stands twice is replaced": {
    live: containers({ name: "a", env: [{ name: "A", value: "1" }] }),
    next: containers({
      name: "a",
      env: [
        { name: "A", value: "2" },
        { name: "A", value: "3" },
      ],
    }),
    expected: containers({
      name: "a",
      env: [
        { name: "A", value: "2" },
        { name: "A", value: "3" },
      ],
    }),
  },
};

describe("apply merges", () => {
  test.each(Object.entries(cases))("%s", (_what, { last, live, next, expected, theirs }) => {
    const others = theirs && fieldsIn(theirs);
    expect(mergeApplied("Deployment", { last, live, next, others })).toEqual(expected);
    expect(mergeApplied("Deployment", { last: next, live: expected, next, others })).toEqual(expected);
  });
});
