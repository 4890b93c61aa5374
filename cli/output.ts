// The forms that objects are printed in: `-o wide|json|yaml|name`, and the table when nothing is asked.

import { stringify } from "yaml";
import { type ApiObject, kindInfo } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";
import { shownName } from "./resource-args.ts";

export const outputs = ["wide", "json", "yaml", "name"] as const;
export type Output = (typeof outputs)[number];

export function parseOutput(text: string | undefined): Output | undefined {
  if (text === undefined) return undefined;
  const known = outputs.find((output) => output === text);
  if (known) return known;
  throw new UsageError(`-o takes ${outputs.join(", ")}, found ${JSON.stringify(text)}`);
}

/** Whole objects for programs: stable, without colours, ending in a line end. */
export function serialize(value: unknown, form: "json" | "yaml"): string {
  if (form === "json") return `${JSON.stringify(value, null, 4)}\n`;
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

export const listOf = (items: readonly ApiObject[]): object => ({
  apiVersion: "v1",
  items,
  kind: "List",
  metadata: { resourceVersion: "" },
});

export function nameOf(object: ApiObject): string {
  const info = kindInfo(object.kind);
  const name = object.metadata.name ?? "";
  return info ? shownName(info, name) : `${object.kind.toLowerCase()}/${name}`;
}
