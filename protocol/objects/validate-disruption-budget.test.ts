import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";
import { systemPriorityClasses } from "./validate-priority-class.ts";
import { validateUpdate } from "./validate.ts";

const budget = (spec: object) => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "b" },
  spec,
});
const priority = (fields: object, name = "high") => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name },
  value: 1000,
  ...fields,
});
const message = (object: unknown): string => {
  const result = admit(object);
  return result.ok ? `fine ${result.value.warnings.join()}`.trim() : result.error.message;
};

describe("pod disruption budgets", () => {
  test.each([
    [{ minAvailable: 1, selector: {} }, "fine"],
    [{ maxUnavailable: "25%", unhealthyPodEvictionPolicy: "AlwaysAllow" }, "fine"],
    [{ minAvailable: 1, maxUnavailable: 1 }, "cannot be both set"],
    [{ minAvailable: -1 }, "spec.minAvailable must be a number from 0"],
    [{ maxUnavailable: "101%" }, "a percentage from 0% to 100%"],
    [{ maxUnavailable: "some" }, "spec.maxUnavailable must be"],
    [{ unhealthyPodEvictionPolicy: "Never" }, "unhealthyPodEvictionPolicy"],
    [{ selector: { matchExpressions: [{ key: "a", operator: "In" }] } }, "spec.selector"],
  ])("%j: %s", (spec, text) => expect(message(budget(spec))).toContain(text));
});

test.each([
  [{ minAvailable: 1, selector: {} }, { minAvailable: 1 }],
  [{ minAvailable: 1, selector: { matchLabels: {}, matchExpressions: [] } }, { minAvailable: 1 }],
  [{ selector: { matchLabels: { a: "b" } } }, { selector: { matchLabels: { a: "b" } } }],
])("a budget of policy/v1beta1 chooses what it chose there: %j", (spec, present) => {
  const admitted = admit({ ...budget(spec), apiVersion: "policy/v1beta1" });
  expect(admitted.ok && admitted.value).toMatchObject({
    complete: { apiVersion: "policy/v1", spec: present },
    warnings: ["policy/v1beta1 is gone from Kubernetes; it is taken as policy/v1"],
  });
  expect(admitted.ok && Object.keys(admitted.value.complete["spec"] ?? {})).toEqual(Object.keys(present));
});

describe("priority classes", () => {
  test.each<[object, string | undefined, string]>([
    [{}, undefined, "fine"],
    [{ value: -7 }, undefined, "fine"],
    [{ value: 1_000_000_001 }, undefined, "maximum allowed value of a user defined priority is 1000000000"],
    [{ preemptionPolicy: "Sometimes" }, undefined, "preemptionPolicy"],
    [{}, "system-mine", "names that begin with system- are the cluster's own"],
    [{ value: 1 }, "system-node-critical", "are the cluster's own"],
  ])("%j named %s: %s", (fields, name, text) => expect(message(priority(fields, name))).toContain(text));
  test("the cluster's own are right as they are", () => {
    expect(systemPriorityClasses.map(message)).toEqual(["fine", "fine"]);
  });
  test("a value never changes", () => {
    const change = (next: object) => validateUpdate(priority({}), priority(next));
    expect(change({ description: "x", globalDefault: true })).toMatchObject({ ok: true });
    expect(change({ value: 5 })).toMatchObject({ ok: false, error: { causes: [{ field: "value" }] } });
  });
});
