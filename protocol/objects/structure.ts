// Checks an object's shape against the table of known fields, and makes a clean copy of it: nulls count as
// absent, unknown fields are left out and named. What is wrong in the copy is replaced by an empty value of
// the right type, so that the rules that come after can look at the rest.

import { quoteValue } from "../errors.ts";
import { type FieldType, fieldsOf, requiredFieldsOf } from "./field-table.ts";
import { nearestName } from "./nearest-name.ts";
import { fieldPath, keyPath, type Report } from "./report.ts";

/** Unknown fields that are named one by one. */
export const maxUnknownNamed = 50;

/** A field that the kind does not have. */
export interface UnknownField {
  readonly path: string;
  /** The field that was probably meant. */
  readonly nearest: string | undefined;
}
export interface Walk {
  readonly report: Report;
  readonly unknown: UnknownField[];
}

/** Copies `value` as type `typeName`; `path` is where it stands. */
export function checkObject(
  value: unknown,
  typeName: string,
  path: string,
  walk: Walk,
): Record<string, unknown> {
  if (!isRecord(value)) {
    walk.report.addShape(path, "Invalid", `must be an object, found ${quoteValue(value)}`);
    return emptyOf(typeName);
  }
  const fields = fieldsOf(typeName);
  if (!fields) throw new Error(`no fields are known of type ${typeName}`);
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const info = fields.get(name);
    if (!info) {
      if (walk.unknown.length < maxUnknownNamed) {
        walk.unknown.push({
          path: fieldPath(path, name.slice(0, 80)),
          nearest: nearestName(name, fields.keys()),
        });
      }
    } else if (item !== null && item !== undefined && !(item === "" && isUnsetWord(info.type))) {
      copy[name] = checkValue(item, info.type, fieldPath(path, name), walk);
    }
  }
  for (const [name, info] of requiredFieldsOf(typeName)) {
    if (copy[name] !== undefined) continue;
    walk.report.addShape(fieldPath(path, name), "Required", "is required");
    copy[name] = empty(info.type);
  }
  return copy;
}

/** The empty word is how Go writes "not set". */
const isUnsetWord = (type: FieldType): boolean => type.type === "enum" && !type.values.includes("");

function checkValue(value: unknown, type: FieldType, path: string, walk: Walk): unknown {
  if (walk.report.full) return empty(type);
  switch (type.type) {
    case "object":
      return checkObject(value, type.name, path, walk);
    case "list":
      if (!Array.isArray(value)) return wrong(value, "a list", type, path, walk);
      return checkList(value, type.of, path, walk);
    case "map":
      return isRecord(value)
        ? checkMap(value, type.of, path, walk)
        : wrong(value, "an object", type, path, walk);
    case "enum":
      return typeof value === "string" && type.values.includes(value)
        ? value
        : wrong(value, `one of ${type.values.map((word) => word || '""').join(", ")}`, type, path, walk);
    case "string":
      return typeof value === "string" ? value : wrong(value, "text", type, path, walk);
    case "boolean":
      return typeof value === "boolean" ? value : wrong(value, "true or false", type, path, walk);
    case "number":
      return Number.isSafeInteger(value) ? value : wrong(value, "a whole number", type, path, walk);
    case "quantity":
      return typeof value === "string" || (typeof value === "number" && Number.isFinite(value))
        ? value
        : wrong(value, "a quantity such as 500m or 128Mi", type, path, walk);
    case "intstr":
      return typeof value === "string" || Number.isSafeInteger(value)
        ? value
        : wrong(value, "a whole number or text", type, path, walk);
    case "time":
      return typeof value === "string" && rfc3339.test(value)
        ? value
        : wrong(value, "a time such as 2024-05-01T12:00:00Z", type, path, walk);
    case "any":
      return value;
  }
}
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

function checkList(value: readonly unknown[], of: FieldType, path: string, walk: Walk): unknown[] {
  const copy: unknown[] = [];
  for (const [index, item] of value.entries()) {
    if (walk.report.full) break;
    copy.push(checkValue(item, of, `${path}[${index}]`, walk));
  }
  return copy;
}

function checkMap(
  value: Readonly<Record<string, unknown>>,
  of: FieldType,
  path: string,
  walk: Walk,
): unknown {
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") {
      walk.report.addShape(keyPath(path, key), "Invalid", "is not a name that can be used");
      continue;
    }
    // `app:` without a value is the empty string where values are text, as for Kubernetes.
    if (item === null || item === undefined) {
      if (of.type === "string") copy[key] = "";
    } else copy[key] = checkValue(item, of, keyPath(path, key), walk);
  }
  return copy;
}

function wrong(value: unknown, expected: string, type: FieldType, path: string, walk: Walk): unknown {
  const quoteHint =
    type.type === "string" && (typeof value === "number" || typeof value === "boolean")
      ? "; put it in quotes"
      : "";
  const reason = type.type === "enum" && typeof value === "string" ? "NotSupported" : "Invalid";
  walk.report.addShape(path, reason, `must be ${expected}, found ${quoteValue(value)}${quoteHint}`);
  return empty(type);
}

function empty(type: FieldType): unknown {
  switch (type.type) {
    case "object":
      return emptyOf(type.name);
    case "list":
      return [];
    case "map":
    case "any":
      return {};
    case "enum":
      return type.values[0];
    case "boolean":
      return false;
    case "number":
    case "quantity":
    case "intstr":
      return 0;
    case "string":
      return "";
    case "time":
      return "1970-01-01T00:00:00Z";
  }
}

function emptyOf(typeName: string): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, info] of requiredFieldsOf(typeName)) value[name] = empty(info.type);
  return value;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
