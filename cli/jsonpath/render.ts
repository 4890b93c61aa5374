// Fills a template in: values of one expression stand apart by a blank, objects and lists as JSON.

import { assertNever } from "../../protocol/mod.ts";
import { find } from "./find.ts";
import type { Part } from "./template.ts";

export function renderTemplate(parts: readonly Part[], value: unknown, root: unknown = value): string {
  return parts.map((part) => renderPart(part, value, root)).join("");
}

function renderPart(part: Part, value: unknown, root: unknown): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "path":
      return find(part.path, value, root).map(valueText).join(" ");
    case "range":
      return find(part.over, value, root)
        .map((item) => renderTemplate(part.parts, item, root))
        .join("");
    default:
      return assertNever(part, "part");
  }
}

/** The values themselves, of all expressions of a template; its texts count for nothing. */
export const foundBy = (parts: readonly Part[], value: unknown, root: unknown = value): readonly unknown[] =>
  parts.flatMap((part) => {
    if (part.type === "path") return find(part.path, value, root);
    if (part.type === "text") return [];
    return find(part.over, value, root).flatMap((item) => foundBy(part.parts, item, root));
  });

export const valueText = (value: unknown): string => {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
};
