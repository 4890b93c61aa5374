import { describe, expect, test } from "vitest";
import type { ApiRequest, ApiTarget, CommandId } from "../../protocol/mod.ts";
import { mutationOf } from "./mutation.ts";

const target = (changes: Partial<ApiTarget>): ApiTarget => ({
  user: "ann",
  verb: "create",
  group: "core",
  resource: "pods",
  ...changes,
});
const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [] } };

function command(changes: Partial<ApiTarget>, request: ApiRequest): unknown {
  const mutation = mutationOf(target(changes), request);
  return mutation.ok ? mutation.value.envelope.command : mutation.error.code;
}

describe("requests become commands", () => {
  test("the principal is the subject's user, the id the client's", () => {
    const mutation = mutationOf(target({}), { object: pod, commandId: "c1" as CommandId });
    expect(mutation).toMatchObject({ ok: true, value: { envelope: { by: "user:ann", id: "c1" } } });
  });

  test("a missing namespace is default; the body's counts where the subject names none", () => {
    expect(command({}, { object: pod })).toMatchObject({ object: { metadata: { namespace: "default" } } });
    const shop = { ...pod, metadata: { name: "p", namespace: "shop" } };
    expect(command({}, { object: shop })).toMatchObject({ object: { metadata: { namespace: "shop" } } });
    expect(command({ namespace: "shop" }, { object: pod })).toMatchObject({
      object: { metadata: { namespace: "shop" } },
    });
  });

  test.each<[string, Partial<ApiTarget>, ApiRequest, string]>([
    ["another name", { name: "q" }, { object: pod }, "BadRequest"],
    [
      "another namespace",
      { namespace: "a" },
      { object: { ...pod, metadata: { namespace: "b" } } },
      "BadRequest",
    ],
    ["another kind", { resource: "services" }, { object: pod }, "BadRequest"],
    ["another group", { group: "apps" }, { object: pod }, "NotFound"],
    ["an unknown resource", { resource: "cats" }, { object: pod }, "NotFound"],
    ["all namespaces", { allNamespaces: true }, { object: pod }, "BadRequest"],
    ["no object", {}, {}, "BadRequest"],
    ["a delete of everything", { verb: "delete" }, {}, "BadRequest"],
    ["a patch of nothing", { verb: "patch", name: "p" }, {}, "BadRequest"],
    ["an unknown subresource", { verb: "update", name: "p", subresource: "other" }, {}, "MethodNotSupported"],
    [
      "the status of anything but a pod",
      { verb: "patch", resource: "nodes", name: "n", subresource: "status" },
      { patch: { status: {} } },
      "MethodNotSupported",
    ],
    [
      "a namespace for a node",
      { verb: "delete", resource: "nodes", namespace: "a", name: "n" },
      {},
      "BadRequest",
    ],
    ["scale to less than nothing", scale(), { patch: { spec: { replicas: -1 } } }, "BadRequest"],
    ["scale to a text", scale(), { patch: { spec: { replicas: "3" } } }, "BadRequest"],
  ])("refuses %s", (_, changes, request, code) => {
    expect(command(changes, request)).toBe(code);
  });

  function scale(): Partial<ApiTarget> {
    return { verb: "patch", resource: "replicationcontrollers", name: "web", subresource: "scale" };
  }

  test("scale takes the replicas and nothing else", () => {
    const patch = { spec: { replicas: 3, template: {} }, metadata: { labels: { a: "b" } } };
    expect(command(scale(), { patch })).toEqual({
      type: "PatchObject",
      kind: "ReplicationController",
      namespace: "default",
      name: "web",
      patch: { spec: { replicas: 3 } },
      manager: "ann",
    });
  });

  test("fencing is for nodes", () => {
    const node = { resource: "nodes", name: "n1", subresource: "fence" };
    expect(command(node, { reason: "it is off" })).toEqual({
      type: "FenceNode",
      node: "n1",
      reason: "it is off",
    });
    expect(command({ name: "p", subresource: "fence" }, {})).toBe("MethodNotSupported");
  });

  test("an eviction has a deletion's options, or Kubernetes' own object has them", () => {
    const evicted = { type: "EvictPod", name: "p", namespace: "default", gracePeriodSeconds: 5 };
    const asked = { name: "p", subresource: "eviction" };
    expect(command(asked, { gracePeriodSeconds: 5 })).toEqual(evicted);
    const eviction = (fields: object) => ({
      object: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" }, ...fields },
    });
    expect(command(asked, eviction({ deleteOptions: { gracePeriodSeconds: 5 } }))).toEqual(evicted);
    expect(command(asked, eviction({ deleteOptions: { dryRun: ["All"] } }))).toMatchObject({ dryRun: true });
    expect(command(asked, eviction({ deleteOptions: { gracePeriodSeconds: -1 } }))).toBe("Invalid");
    expect(command(asked, eviction({ metadata: { name: "q" } }))).toBe("BadRequest");
    expect(command(asked, { object: pod })).toBe("BadRequest");
  });
});
