// Ephemeral containers: by their own way, onto pods that are there, and never changed again.

import { beforeEach, describe, expect, test } from "vitest";
import type { ApiObject, UserCommand } from "../../protocol/mod.ts";
import { type Given, givenCluster } from "./given.ts";

const pod: ApiObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default" },
  spec: { containers: [{ name: "main", image: "web:1" }] },
};
const plain = (list: readonly object[]): UserCommand => ({
  type: "PatchObject",
  kind: "Pod",
  namespace: "default",
  name: "web",
  patch: { spec: { ephemeralContainers: list } },
});
const patch = (list: readonly object[]): UserCommand =>
  ({ ...plain(list), subresource: "ephemeralcontainers" }) as UserCommand;
const look = { name: "look", image: "tools:1" };
const lookedAt = { ...look, imagePullPolicy: "IfNotPresent" };

let given: Given;
beforeEach(() => {
  given = givenCluster();
  given.create(pod);
});
const added = (): unknown => [...given.state.pods()][0]?.spec.ephemeralContainers;

test("are added with their defaults, one after the other", () => {
  given.run(patch([{ ...look, targetContainerName: "main", stdin: true, tty: true }]));
  expect(added()).toMatchObject([{ ...lookedAt, targetContainerName: "main", stdin: true, tty: true }]);
  const first = (added() as readonly object[])[0] ?? {};
  expect(first).not.toHaveProperty("resources");
  given.run(patch([first, { name: "again", image: "tools:1" }]));
  expect(added()).toMatchObject([{ name: "look" }, { name: "again" }]);
});

describe("refused", () => {
  test.each([
    { name: "without the subresource", command: plain([look]), fields: ["spec.ephemeralContainers"] },
    {
      name: "a name that is there",
      command: patch([{ ...look, name: "main" }]),
      fields: ["spec.ephemeralContainers[0].name"],
    },
    {
      name: "an unknown target",
      command: patch([{ ...look, targetContainerName: "none" }]),
      fields: ["spec.ephemeralContainers[0].targetContainerName"],
    },
    {
      name: "ports",
      command: patch([{ ...look, ports: [{ containerPort: 80 }] }]),
      fields: ["spec.ephemeralContainers[0].ports"],
    },
    {
      name: "probes",
      command: patch([{ ...look, livenessProbe: { tcpSocket: { port: 80 } } }]),
      fields: ["spec.ephemeralContainers[0].livenessProbe"],
    },
    {
      name: "resources",
      command: patch([{ ...look, resources: { limits: { cpu: "1" } } }]),
      fields: ["spec.ephemeralContainers[0].resources"],
    },
    { name: "no image", command: patch([{ name: "look" }]), fields: ["spec.ephemeralContainers[0].image"] },
  ])("$name", ({ command, fields }) => {
    const refusal = given.refusal(command);
    expect(refusal?.code).toBe("Invalid");
    expect(refusal?.causes?.map(({ field }) => field)).toEqual(fields);
    expect(added()).toBeUndefined();
  });

  test("with the pod, or in a template", () => {
    const spec = { ...(pod.spec as object), ephemeralContainers: [look] };
    expect(
      given.refusal({ type: "CreateObject", object: { ...pod, metadata: { name: "other" }, spec } })?.code,
    ).toBe("Forbidden");
    const labels = { app: "web" };
    const deployment: ApiObject = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    };
    expect(given.refusal({ type: "CreateObject", object: deployment })).toMatchObject({
      code: "Invalid",
      causes: [{ field: "spec.template.spec.ephemeralContainers" }],
    });
  });

  test("a change or a removal", () => {
    given.run(patch([look]));
    expect(given.refusal(patch([{ ...look, image: "tools:2" }]))).toMatchObject({
      code: "Invalid",
      causes: [{ field: "spec.ephemeralContainers[0]" }],
    });
    expect(given.refusal(patch([]))).toMatchObject({
      code: "Invalid",
      causes: [{ field: "spec.ephemeralContainers[0]" }],
    });
  });
});

test("a manifest that is applied again leaves them alone", () => {
  const apply = { type: "ApplyObject", object: pod, manager: "tester" } as const;
  given.run(apply);
  given.run(patch([look]));
  given.run(apply);
  expect(added()).toMatchObject([lookedAt]);
});
