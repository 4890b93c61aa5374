import { describe, expect, test } from "vitest";
import { fieldsOf } from "./field-table.ts";
import { itemKey, mergeRuleOf, mergeTables } from "./merge-rules.ts";

describe("how lists merge", () => {
  test("every list that the tables name exists, with items that have its keys", () => {
    for (const [name, keys] of Object.entries(mergeTables.listKeys)) {
      const [typeName = "", field = ""] = name.split(".");
      // Types of kinds that this version does not have yet.
      if (!fieldsOf(typeName)) continue;
      const rule = mergeRuleOf(typeName, field);
      if (rule.type !== "keyed") throw new Error(`${name} is ${rule.type}`);
      const known = fieldsOf(rule.item.typeName);
      expect([name, keys.split(" ").filter((key) => !known?.has(key))]).toEqual([name, []]);
    }
  });
  test.each([
    ["PodSpec", "containers", { type: "keyed", keys: ["name"] }],
    ["PodSpec", "volumes", { type: "keyed", item: { typeName: "Volume", retainsKeys: true } }],
    ["PodSpec", "tolerations", { type: "atomic" }],
    ["PodSpec", "nodeSelector", { type: "map" }],
    ["PodSpec", "securityContext", { type: "fields", typeName: "PodSecurityContext" }],
    ["Container", "args", { type: "atomic" }],
    ["Container", "envFrom", { type: "atomic" }],
    ["ObjectMeta", "finalizers", { type: "set" }],
    ["DeploymentSpec", "strategy", { type: "fields", retainsKeys: true }],
    ["DeploymentSpec", "replicas", { type: "atomic" }],
    ["DeploymentSpec", "colour", { type: "atomic" }],
  ])("%s.%s", (typeName, field, expected) => {
    expect(mergeRuleOf(typeName, field)).toMatchObject(expected);
  });
  test("a port without protocol is one of TCP", () => {
    const keys = ["containerPort", "protocol"];
    expect(itemKey(keys, { containerPort: 80 })).toBe(itemKey(keys, { protocol: "TCP", containerPort: 80 }));
    expect(itemKey(keys, { protocol: "UDP", containerPort: 80 })).toBe(
      '{"containerPort":80,"protocol":"UDP"}',
    );
    expect(itemKey(keys, { protocol: "UDP" })).toBeUndefined();
    expect(itemKey(["name"], "web")).toBeUndefined();
  });
});
