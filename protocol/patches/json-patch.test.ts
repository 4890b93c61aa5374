// JSON patches: the examples of RFC 6902, appendix A.

import { describe, expect, test } from "vitest";
import { jsonPatch } from "./json-patch.ts";

type Operations = readonly Readonly<Record<string, unknown>>[];

describe("JSON patch", () => {
  const cases: readonly [string, unknown, Operations, unknown][] = [
    ["A.1 a member", { foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }], { baz: "qux", foo: "bar" }],
    [
      "A.2 an item",
      { foo: ["bar", "baz"] },
      [{ op: "add", path: "/foo/1", value: "qux" }],
      { foo: ["bar", "qux", "baz"] },
    ],
    ["A.3 removing a member", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
    [
      "A.4 removing an item",
      { foo: ["bar", "qux", "baz"] },
      [{ op: "remove", path: "/foo/1" }],
      { foo: ["bar", "baz"] },
    ],
    ["A.5 replacing", { baz: "qux" }, [{ op: "replace", path: "/baz", value: "boo" }], { baz: "boo" }],
    [
      "A.6 moving a member",
      { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
      [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
      { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
    ],
    [
      "A.7 moving an item",
      { foo: ["all", "grass", "cows", "eat"] },
      [{ op: "move", from: "/foo/1", path: "/foo/3" }],
      { foo: ["all", "cows", "eat", "grass"] },
    ],
    [
      "A.8 a test that holds",
      { baz: "qux", foo: ["a", 2, "c"] },
      [
        { op: "test", path: "/baz", value: "qux" },
        { op: "test", path: "/foo/1", value: 2 },
      ],
      { baz: "qux", foo: ["a", 2, "c"] },
    ],
    [
      "A.10 a member in a member",
      { foo: "bar" },
      [{ op: "add", path: "/child", value: { grandchild: {} } }],
      { foo: "bar", child: { grandchild: {} } },
    ],
    ["A.11 what it does not know", { a: 1 }, [{ op: "add", path: "/b", value: 2, xyz: 123 }], { a: 1, b: 2 }],
    ["A.14 escapes", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
    [
      "A.16 a list at the end of a list",
      { foo: ["bar"] },
      [{ op: "add", path: "/foo/-", value: ["abc", "def"] }],
      { foo: ["bar", ["abc", "def"]] },
    ],
    ["a copy", { a: { b: [1] } }, [{ op: "copy", from: "/a", path: "/c" }], { a: { b: [1] }, c: { b: [1] } }],
  ];
  test.each(cases)("%s", (_what, live, operations, expected) => {
    const before = structuredClone(live);
    expect(jsonPatch(live, operations)).toEqual({ ok: true, value: expected });
    expect(live).toEqual(before);
  });

  test.each<[string, Operations, string, RegExp]>([
    [
      "A.9 a test that fails",
      [{ op: "test", path: "/baz", value: "bar" }],
      "Invalid",
      /the test failed: found "qux"/,
    ],
    [
      "A.12 a place that is not there",
      [{ op: "add", path: "/no/bat", value: 1 }],
      "Invalid",
      /there is no "no"/,
    ],
    ["an item beyond the end", [{ op: "add", path: "/list/9", value: 1 }], "Invalid", /there is no "9"/],
    ["a leading zero", [{ op: "remove", path: "/list/00" }], "Invalid", /there is no "00"/],
    ["what it does not have", [{ op: "remove", path: "/no" }], "Invalid", /there is no "no"/],
    ["a move into itself", [{ op: "move", from: "/deep", path: "/deep/a" }], "Invalid", /into itself/],
    ["an operation that is none", [{ op: "spam", path: "/baz" }], "BadRequest", /op must be one of/],
    ["no value", [{ op: "add", path: "/baz" }], "BadRequest", /has no value/],
    ["no pointer", [{ op: "remove", path: "baz" }], "BadRequest", /must be a pointer/],
    ["a prototype", [{ op: "add", path: "/__proto__/x", value: 1 }], "Invalid", /__proto__/],
  ])("refuses %s", (_what, operations, code, message) => {
    const result = jsonPatch({ baz: "qux", list: [1], deep: {} }, operations);
    expect(result).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
    expect(result.ok || result.error.message).toMatch(/^operation 1 of the patch \("/);
  });
});
