// What Kubernetes' types look like: the fields of each type, read from the generated table.
// Notation there: `name!:type` (`!` required); types are string, number (whole), boolean, quantity, intstr, time,
// any, `=A|B` (one of these words), `[T]` (list), `{T}` (map with string keys), or the name of another type.

import { fieldStructure } from "./fields.generated.ts";

export type FieldType =
  | { readonly type: "string" | "number" | "boolean" | "quantity" | "intstr" | "time" | "any" }
  | { readonly type: "enum"; readonly values: readonly string[] }
  | { readonly type: "list"; readonly of: FieldType }
  | { readonly type: "map"; readonly of: FieldType }
  | { readonly type: "object"; readonly name: string };

export interface FieldInfo {
  readonly required: boolean;
  readonly type: FieldType;
}
export type TypeFields = ReadonlyMap<string, FieldInfo>;

const parsed = new Map<string, TypeFields>();
const requiredOnly = new Map<string, TypeFields>();

/** Fields of a type by its short name (`PodSpec`); undefined for a type that no kind of ours reaches. */
export function fieldsOf(typeName: string): TypeFields | undefined {
  const known = parsed.get(typeName);
  if (known || !Object.hasOwn(fieldStructure, typeName)) return known;
  const fields = new Map<string, FieldInfo>();
  for (const item of (fieldStructure[typeName] ?? "").split(" ")) {
    const colon = item.indexOf(":");
    if (colon < 0) continue;
    const required = item[colon - 1] === "!";
    fields.set(item.slice(0, required ? colon - 1 : colon), {
      required,
      type: parseType(item.slice(colon + 1)),
    });
  }
  parsed.set(typeName, fields);
  return fields;
}

/** Those of them that must be there: few, where a type may have fifty fields. */
export function requiredFieldsOf(typeName: string): TypeFields {
  let found = requiredOnly.get(typeName);
  if (!found) {
    found = new Map([...(fieldsOf(typeName) ?? [])].filter(([, info]) => info.required));
    requiredOnly.set(typeName, found);
  }
  return found;
}

function parseType(text: string): FieldType {
  if (text.startsWith("[")) return { type: "list", of: parseType(text.slice(1, -1)) };
  if (text.startsWith("{")) return { type: "map", of: parseType(text.slice(1, -1)) };
  if (text.startsWith("=")) return { type: "enum", values: text.slice(1).split("|") };
  switch (text) {
    case "string":
    case "number":
    case "boolean":
    case "quantity":
    case "intstr":
    case "time":
    case "any":
      return { type: text };
    default:
      return { type: "object", name: text };
  }
}

/** For people: `[]Container`, `map[string]string`, `string, one of Always, Never`. */
export function typeText(type: FieldType): string {
  switch (type.type) {
    case "enum":
      return `string, one of ${type.values.join(", ")}`;
    case "list":
      return `[]${typeText(type.of)}`;
    case "map":
      return `map[string]${typeText(type.of)}`;
    case "object":
      return type.name;
    case "intstr":
      return "number or name";
    case "number":
      return "integer";
    default:
      return type.type;
  }
}
