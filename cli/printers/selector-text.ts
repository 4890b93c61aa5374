// A label selector as one line, in the syntax that `-l` takes.

import type { LabelSelector } from "../../protocol/mod.ts";
import { orNone } from "./column.ts";

export function selectorText(selector: LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const rules = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${[...values].sort().join(",")})`;
  });
  return orNone([...equal.sort(), ...rules].join(","));
}
