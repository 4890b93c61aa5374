// The tables of Kubernetes' documentation "JSONPath Support", and of kubectl's own examples.

import { describe, expect, test } from "vitest";
import { find } from "./find.ts";
import { renderTemplate } from "./render.ts";
import { parseRelaxedPath, parseTemplate } from "./template.ts";

const documented = {
  kind: "List",
  items: [
    {
      kind: "None",
      metadata: { name: "127.0.0.1", labels: { "kubernetes.io/hostname": "127.0.0.1" } },
      status: { capacity: { cpu: "4" }, addresses: [{ type: "LegacyHostIP", address: "127.0.0.1" }] },
    },
    {
      kind: "None",
      metadata: { name: "127.0.0.2" },
      status: {
        capacity: { cpu: "8" },
        addresses: [
          { type: "LegacyHostIP", address: "127.0.0.2" },
          { type: "another", address: "127.0.0.3" },
        ],
      },
    },
  ],
  users: [
    { name: "myself", user: {} },
    { name: "e2e", user: { username: "admin", password: "secret" } },
  ],
};
const rendered = (template: string, value: unknown = documented): string =>
  renderTemplate(parseTemplate(template), value);

describe("JSONPath of Kubernetes' documentation", () => {
  test.each([
    ["kind is {.kind}", "kind is List"],
    ["{['kind']}", "List"],
    ["{.kind}", "List"],
    ["{..name}", "127.0.0.1 127.0.0.2 myself e2e"],
    ["{.items[*].metadata.name}", "127.0.0.1 127.0.0.2"],
    ["{.users[0].name}", "myself"],
    ['{.users[?(@.name=="e2e")].user.password}', "secret"],
    [
      "{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}",
      '[127.0.0.1, {"cpu":"4"}] [127.0.0.2, {"cpu":"8"}] ',
    ],
    ['{range .items[*]}{.metadata.name}{"\\t"}{end}', "127.0.0.1\t127.0.0.2\t"],
    ["{.items[0].metadata.labels.kubernetes\\.io/hostname}", "127.0.0.1"],
    ["{.items[0].metadata.labels['kubernetes.io/hostname']}", "127.0.0.1"],
    ["{.items[*]['metadata.name', 'status.capacity']}", '127.0.0.1 127.0.0.2 {"cpu":"4"} {"cpu":"8"}'],
    ["{.items[*][.metadata.name, .status.capacity.cpu]}", "127.0.0.1 127.0.0.2 4 8"],
    ["{@}", JSON.stringify(documented)],
    ["{.items[-1].metadata.name}", "127.0.0.2"],
    ["{.items[0:1].metadata.name}", "127.0.0.1"],
    ["{.users[0:2:2].name}", "myself"],
    ["{.users[-1:].name}", "e2e"],
    ['{.items[*].status.addresses[?(@.type=="LegacyHostIP")].address}', "127.0.0.1 127.0.0.2"],
    ["{.users[?(@.user.username)].name}", "e2e"],
    ["{.users[?(@.name != 'e2e')].name}", "myself"],
    ["{.items[?(@.status.capacity.cpu > '5')].metadata.name}", "127.0.0.2"],
    ["{range .users[*]}{$.kind}:{.name};{end}", "List:myself;List:e2e;"],
    [
      "{range .items[*]}{range .status.addresses[*]}{.address},{end};{end}",
      "127.0.0.1,;127.0.0.2,127.0.0.3,;",
    ],
    ["{.no.such.field}", ""],
    ["{.kind}{'}'}{\"{\"}", "List}{"],
    ["no expression", "no expression"],
    ["{.items[*].status..cpu}", "4 8"],
  ])("%s", (template, expected) => {
    expect(rendered(template)).toBe(expected);
  });

  test("numbers, truth and null", () => {
    const value = {
      a: [
        { n: 1, on: true },
        { n: 2, on: false, none: null },
      ],
    };
    expect(rendered("{.a[?(@.n==2)].on} {.a[?(@.on==true)].n} {.a[?(@.n<=1)].n} {.a[1].none}.", value)).toBe(
      "false 1 1 .",
    );
  });

  test.each([
    ["{.items[9].x}", /index out of bounds: index 9, length 2/],
    ["{.items[*", /expected \]/],
    ["{.kind", /expected \}/],
    ["{range .items[*]}{.x}", /has no \{end\}/],
    ["{end}", /\{end\} without \{range\}/],
    ["{.items[?(@.a=~/x/)]}", /expected/],
    ["{.items[?(@.a==)]}", /expected a path/],
    ["{.a['b]}", /quote that is not closed/],
    ["{kind}", /expected a path/],
    ["{.items[0:2:0].x}", /step must be at least 1/],
  ])("refuses %s", (template, message) => {
    expect(() => rendered(template)).toThrow(message);
  });

  test.each([
    [".metadata.name", ["metadata", "name"]],
    ["metadata.name", ["metadata", "name"]],
    ["{.metadata.name}", ["metadata", "name"]],
    ["{metadata.name}", ["metadata", "name"]],
    [".metadata.labels['a.b/c']", ["metadata", "labels", "a.b/c"]],
  ])("a path alone: %s", (text, names) => {
    expect(parseRelaxedPath(text)).toEqual(names.map((name) => ({ type: "field", name })));
  });
  test("a path alone is one path", () => {
    expect(() => parseRelaxedPath(".a b")).toThrow(/expected one path/);
    expect(find(parseRelaxedPath(".a[*]"), { a: [1, 2] })).toEqual([1, 2]);
  });
});
