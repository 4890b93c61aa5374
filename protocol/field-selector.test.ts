import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "./errors.ts";
import { formatFieldSelector, matchesFields, parseFieldSelector } from "./field-selector.ts";
import type { ApiObject } from "./objects/object.ts";

const pod: ApiObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default" },
  spec: { nodeName: "n1" },
  status: { phase: "Running" },
};

describe("field selectors", () => {
  test.each([
    ["", true],
    ["metadata.name=web", true],
    ["metadata.name==web", true],
    ["metadata.name!=web", false],
    ["metadata.namespace=default,status.phase!=Pending,spec.nodeName=n1", true],
    ["status.phase=Pending", false],
    ["status.podIP=", true],
    ["spec.hostNetwork=false", true],
  ])("%s -> %s", (text, expected) => {
    expect(matchesFields(unwrap(parseFieldSelector(text, "Pod")), pod)).toBe(expected);
  });
  test.each(["metadata.name", "=x", "a b=c", "metadata.name=a=b", "metadata.name=\\x", "__proto__=x"])(
    "refuses %j",
    (text) => {
      const result = parseFieldSelector(text);
      expect(!result.ok && result.error.code).toBe("Invalid");
    },
  );
  test("a field that the kind is not selected by is named, with those that can be", () => {
    const result = parseFieldSelector("spec.nodeName=n1", "Service");
    expect(!result.ok && result.error.message).toContain(
      "field spec.nodeName can't select objects of kind Service; these can: metadata.name",
    );
  });
  test("any value comes back through format and parse", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.boolean(), (value, equal) => {
        const selector = [{ field: "metadata.name", equal, value: value.trim() }];
        expect(parseFieldSelector(formatFieldSelector(selector))).toEqual({ ok: true, value: selector });
      }),
    );
  });
});
