import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "./errors.ts";
import type { NodeName } from "./ids.ts";
import {
  agentSubject,
  apiReadWildcards,
  type ApiTarget,
  apiSubject,
  apiVerbs,
  endpointsSubject,
  escapeToken,
  eventSubject,
  inboxPrefix,
  nodeSubject,
  parseApiSubject,
  parseNodeSubject,
  streamSubject,
  unescapeToken,
} from "./subjects.ts";

const name = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom(
    "",
    "_",
    "-",
    ".",
    "*",
    ">",
    "%",
    "%25",
    "a.b",
    "a b",
    "wéb",
    "\u0000",
    "\t",
    "日本",
    "%2E",
    "__proto__",
  ),
);

describe("tokens", () => {
  test("any text comes back, as one token that NATS takes", () => {
    fc.assert(
      fc.property(name, (text) => {
        const token = escapeToken(text);
        expect(token).toMatch(/^[^.*>\s\p{Cc}]+$/u);
        expect(["_", "-"]).not.toContain(token);
        expect(unescapeToken(token)).toEqual({ ok: true, value: text });
      }),
      { numRuns: 1000 },
    );
  });
  test("different texts have different tokens", () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(escapeToken(a) === escapeToken(b)).toBe(a === b);
      }),
    );
  });
  test.each(["%X", "%2", "a%", "%FF", "%C3"])("the broken escape %s is refused", (token) => {
    const result = unescapeToken(token);
    expect(!result.ok && result.error.code).toBe("BadRequest");
  });
});

describe("api subjects", () => {
  const target: fc.Arbitrary<ApiTarget> = fc.record(
    {
      user: name,
      verb: fc.constantFrom(...apiVerbs),
      group: name,
      resource: name,
      namespace: name,
      name,
      subresource: name,
    },
    { requiredKeys: ["user", "verb", "group", "resource"] },
  );
  test("any target comes back, always in nine tokens", () => {
    fc.assert(
      fc.property(target, fc.boolean(), (value, all) => {
        const { namespace: _namespace, ...rest } = value;
        const wanted = all ? { ...rest, allNamespaces: true } : value;
        const subject = apiSubject("berth", wanted);
        expect(subject.split(".")).toHaveLength(9);
        expect(unwrap(parseApiSubject("berth", subject))).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });
  test("reads as people write it", () => {
    const list: ApiTarget = {
      user: "admin",
      verb: "list",
      group: "core",
      resource: "pods",
      namespace: "default",
    };
    expect(apiSubject("berth", list)).toBe("berth.api.admin.list.core.pods.default._._");
    expect(
      apiSubject("berth", {
        user: "admin",
        verb: "get",
        group: "core",
        resource: "nodes",
        name: "n1.example.org",
      }),
    ).toBe("berth.api.admin.get.core.nodes._.n1%2Eexample%2Eorg._");
  });
  test.each([
    ["too few tokens", "berth.api.admin.get.core.pods.default.web", "BadRequest"],
    ["too many tokens", "berth.api.admin.get.core.pods.default.web._._", "BadRequest"],
    ["another prefix", "other.api.admin.get.core.pods.default.web._", "BadRequest"],
    ["an unknown verb", "berth.api.admin.toString.core.pods.default.web._", "MethodNotSupported"],
    ["no resource", "berth.api.admin.get.core._.default.web._", "BadRequest"],
    ["a broken escape", "berth.api.admin.get.core.pods.%E0%.web._", "BadRequest"],
    ["nothing", "", "BadRequest"],
  ])("%s is refused", (_name, subject, code) => {
    const result = parseApiSubject("berth", subject);
    expect(!result.ok && result.error.code).toBe(code);
  });
});

describe("other subjects", () => {
  test("reads are heard by their verbs, and nothing that changes the cluster", () => {
    expect(apiReadWildcards("berth")).toEqual([
      "berth.api.*.get.>",
      "berth.api.*.list.>",
      "berth.api.*.watch.>",
    ]);
  });
  test("a node's name comes back", () => {
    const dotted = "n1.example.org" as NodeName;
    expect(nodeSubject("berth", dotted, "status")).toBe("berth.node.n1%2Eexample%2Eorg.status");
    expect(parseNodeSubject(agentSubject("berth", dotted, "assign"))).toEqual({
      ok: true,
      value: { node: "n1.example.org", message: "assign" },
    });
    expect(parseNodeSubject("berth.node.n1").ok).toBe(false);
  });
  test("always have their number of tokens", () => {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(endpointsSubject("berth", a, b).split(".")).toHaveLength(4);
        expect(
          eventSubject("berth", { namespace: a, kind: b, name: c, type: "PodBound" }).split("."),
        ).toHaveLength(6);
        expect(eventSubject("berth", { kind: b, name: c, type: "PodBound" }).split(".")[2]).toBe("_");
        expect(streamSubject("berth", a, b, "out").split(".")).toHaveLength(5);
        expect(inboxPrefix("berth", a).split(".")).toHaveLength(1);
      }),
    );
  });
});
