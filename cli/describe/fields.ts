// The text of `berth describe`: names of fields, their values under each other, and parts that are indented.

import { Table } from "../table.ts";

export type FieldValue =
  | string
  /** Several lines; none of them shows as <none>. */
  | readonly string[]
  | { readonly part: readonly Field[] }
  /** A table below the name; without rows it shows as <none>. */
  | { readonly titles: readonly string[]; readonly rows: readonly (readonly string[])[] };
/** Undefined values are left out. */
export type Field = readonly [name: string, value: FieldValue | undefined];

const gap = 2;

/** Lines with their line ends. */
export function renderFields(fields: readonly Field[], indent = ""): string {
  const widths = fields.filter(([, value]) => isInline(value)).map(([name]) => name.length);
  const width = Math.max(0, ...widths) + 1 + gap;
  return fields
    .map(([name, value]) => (value === undefined ? "" : renderField(name, value, { width, indent })))
    .join("");
}

function renderField(
  name: string,
  value: FieldValue,
  { width, indent }: { readonly width: number; readonly indent: string },
): string {
  const label = `${indent}${`${name}:`.padEnd(width)}`;
  const inline = (text: string): string => `${`${label}${text}`.trimEnd()}\n`;
  if (typeof value === "string") return inline(value);
  if (isLines(value)) {
    const blank = " ".repeat(label.length);
    return value.length === 0
      ? inline("<none>")
      : value.map((line, index) => `${`${index === 0 ? label : blank}${line}`.trimEnd()}\n`).join("");
  }
  if ("part" in value) {
    return value.part.length === 0
      ? inline("<none>")
      : `${indent}${name}:\n${renderFields(value.part, `${indent}  `)}`;
  }
  if (value.rows.length === 0) return inline("<none>");
  const rule = value.titles.map((title) => "-".repeat(title.length));
  const table = new Table().render([value.titles, rule, ...value.rows]);
  return `${indent}${name}:\n${table.replace(/^/gm, `${indent}  `).replace(/ +$/gm, "").trimEnd()}\n`;
}

const isLines = (value: FieldValue): value is readonly string[] => Array.isArray(value);
const isInline = (value: FieldValue | undefined): boolean =>
  typeof value === "string" || (value !== undefined && isLines(value));

/** `key=value` lines, sorted. */
export const mapLines = (
  map: Readonly<Record<string, string>> | undefined,
  between = "=",
): readonly string[] =>
  Object.entries(map ?? {})
    .map(([key, value]) => `${key}${between}${value}`)
    .sort();

export const timeText = (time: string | undefined): string | undefined =>
  time && new Date(time).toUTCString();
