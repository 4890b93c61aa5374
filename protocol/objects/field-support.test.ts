import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { supportPage, supportPageUrl } from "./field-support.ts";
import { kinds } from "./kinds.ts";

test("docs/kubernetes-fields.md is what is supported (node protocol/objects/field-support.ts --write)", () => {
  expect(readFileSync(supportPageUrl, "utf8")).toBe(supportPage());
});

test("every kind has its section, and every link one to lead to", () => {
  const page = supportPage();
  const sections = new Set([...page.matchAll(/^### (\w+)$/gm)].map(([, name = ""]) => name.toLowerCase()));
  for (const { kind } of kinds) expect(sections).toContain(kind.toLowerCase());
  for (const [, target = ""] of page.matchAll(/\]\(#(\w+)\)/g)) expect(sections).toContain(target);
});
