// Merge patches and the three-way merge of apply.

import { describe, expect, test } from "vitest";
import { mergePatch, threeWayMerge } from "./merge.ts";

describe("merge patch", () => {
  // From RFC 7386, appendix A.
  const cases: readonly [unknown, unknown, unknown][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  test.each(cases)("%j with %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});

describe("three-way merge", () => {
  const container = (name: string, more = {}): unknown => ({ name, ...more });
  const cases: readonly [string, unknown, unknown, unknown, unknown][] = [
    [
      "what was applied before and is left out goes",
      { a: 1, b: 2 },
      { a: 1, b: 2, c: 3 },
      { a: 1 },
      { a: 1, c: 3 },
    ],
    ["without an earlier manifest nothing goes", undefined, { a: 1, b: 2 }, { a: 5 }, { a: 5, b: 2 }],
    ["plain lists are replaced", { args: ["x"] }, { args: ["x", "y"] }, { args: ["z"] }, { args: ["z"] }],
    [
      "containers are merged by name, in the order of the manifest, others' behind",
      { containers: [container("a"), container("gone")] },
      {
        containers: [container("a", { image: "1", pull: "Always" }), container("gone"), container("sidecar")],
      },
      { containers: [container("new"), container("a", { image: "2" })] },
      {
        containers: [container("new"), container("a", { image: "2", pull: "Always" }), container("sidecar")],
      },
    ],
    [
      "service ports by port and protocol, where TCP goes without saying",
      { ports: [{ port: 80 }] },
      { ports: [{ port: 80, protocol: "TCP", nodePort: 30_000 }] },
      {
        ports: [
          { port: 80, targetPort: 8080 },
          { port: 80, protocol: "UDP" },
        ],
      },
      {
        ports: [
          { port: 80, protocol: "TCP", nodePort: 30_000, targetPort: 8080 },
          { port: 80, protocol: "UDP" },
        ],
      },
    ],
    [
      "a list with a name twice is replaced whole",
      undefined,
      { env: [{ name: "A", value: "1" }] },
      {
        env: [
          { name: "A", value: "2" },
          { name: "A", value: "3" },
        ],
      },
      {
        env: [
          { name: "A", value: "2" },
          { name: "A", value: "3" },
        ],
      },
    ],
  ];
  test.each(cases)("%s", (_what, last, live, next, expected) => {
    expect(threeWayMerge(last, live, next)).toEqual(expected);
  });
});
