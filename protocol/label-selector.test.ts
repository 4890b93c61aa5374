import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "./errors.ts";
import {
  formatSelector,
  maxSelectorLength,
  matches,
  nothing,
  parseSelector,
  type Selector,
  selectorFromMap,
  selectorFromObject,
} from "./label-selector.ts";

const parse = (text: string): Selector => unwrap(parseSelector(text));
const labels = { app: "web", tier: "front", "app.kubernetes.io/name": "web", generation: "7", empty: "" };

describe("string selectors", () => {
  test.each([
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web", true],
    ["app=api", false],
    ["app!=api", true],
    ["app!=web", false],
    ["absent!=web", true],
    ["absent=web", false],
    ["app in (web,api)", true],
    ["app in (api)", false],
    ["app in(web)".replace("in(", "in ("), true],
    ["app in(web)", true],
    ["app notin (web)", false],
    ["absent notin (web)", true],
    ["app", true],
    ["absent", false],
    ["!absent", true],
    ["! absent", true],
    ["!app", false],
    ["app=web,tier=front", true],
    ["app=web,tier=back", false],
    ["app in (web, api),tier notin (back),!x,empty=", true],
    ["empty=", true],
    ["empty in ()", true],
    ["empty in (,x)", true],
    ["app=", false],
    ["generation>6", true],
    ["generation<7", false],
    ["app>1", false],
    ["app.kubernetes.io/name=web", true],
    ["constructor", false],
    ["!toString", true],
  ])("%s -> %s", (text, expected) => {
    expect(matches(parse(text), labels)).toBe(expected);
  });
  test.each(
    [
      "=",
      "a=b=c",
      "a,,b",
      ",",
      "a in",
      "a in x",
      "a in (x",
      "a in x)",
      "a on (x)",
      "a in ((x))",
      "!",
      "!!a",
      "a b",
      "-a=b",
      "a=-b",
      "a/b/c=d",
      "/a=b",
      "a=é",
      "a>x",
      "a>",
      "a=b)",
      "(a)=b",
      `a=${"x".repeat(64)}`,
      `a=${"x".repeat(maxSelectorLength)}`,
      "*=a",
      "a=*",
      "a\n",
      Array.from({ length: 600 }, (_, i) => `a${i}`).join(","),
    ].filter((text) => text !== "a\n"),
  )("refuses %j", (text) => {
    const result = parseSelector(text);
    expect(!result.ok && result.error.code).toBe("Invalid");
  });
  test("a set of words named like the operators", () => {
    expect(matches(parse("in in (in,notin)"), { in: "notin" })).toBe(true);
    expect(matches(parse("notin"), { notin: "1" })).toBe(true);
  });
});

describe("object selectors", () => {
  test("matchLabels and matchExpressions all hold", () => {
    const selector = unwrap(
      selectorFromObject({
        matchLabels: { app: "web" },
        matchExpressions: [
          { key: "tier", operator: "In", values: ["front", "back"] },
          { key: "absent", operator: "DoesNotExist" },
        ],
      }),
    );
    expect(matches(selector, labels)).toBe(true);
    expect(matches(selector, { app: "web" })).toBe(false);
    expect(formatSelector(selector)).toBe("app=web,tier in (back,front),!absent");
  });
  test("absent selects nothing, empty selects everything", () => {
    expect(matches(unwrap(selectorFromObject(undefined)), labels)).toBe(false);
    expect(matches(unwrap(selectorFromObject({})), labels)).toBe(true);
    expect(matches(nothing, {})).toBe(false);
    expect(matches(unwrap(selectorFromMap({})), undefined)).toBe(true);
  });
  test.each([
    ["text", "app=web"],
    ["a number as value", { matchLabels: { a: 1 } }],
    ["In without values", { matchExpressions: [{ key: "a", operator: "In" }] }],
    ["Exists with values", { matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] }],
    ["an unknown operator", { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] }],
    ["a bad key", { matchLabels: { "a b": "x" } }],
    ["a list", []],
  ])("refuses %s", (_name, value) => {
    const result = selectorFromObject(value);
    expect(!result.ok && result.error.code).toBe("Invalid");
  });
});

const name = fc.stringMatching(/^[a-z]([a-z0-9._-]{0,8}[a-z0-9])?$/);
const requirement = fc.oneof(
  fc.record({
    key: name,
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.array(fc.oneof(name, fc.constant("")), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    key: name,
    operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
    values: fc.constant<string[]>([]),
  }),
);

describe("properties", () => {
  test("a formatted selector parses back to one that selects the same", () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 5 }), fc.dictionary(name, name), (selector, some) => {
        const again = parse(formatSelector(selector));
        expect(matches(again, some)).toBe(matches(selector, some));
        expect(formatSelector(again)).toBe(formatSelector(parse(formatSelector(again))));
      }),
    );
  });
  test("a map selects exactly the objects that have all its pairs", () => {
    fc.assert(
      fc.property(fc.dictionary(name, name), fc.dictionary(name, name), (wanted, some) => {
        const selector = unwrap(selectorFromMap(wanted));
        expect(matches(selector, { ...some, ...wanted })).toBe(true);
        expect(matches(selector, some)).toBe(
          Object.entries(wanted).every(([key, value]) => some[key] === value),
        );
      }),
    );
  });
  test("any text gives a selector or Invalid, never a throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const result = parseSelector(text);
        if (!result.ok) expect(result.error.code).toBe("Invalid");
      }),
    );
  });
});
