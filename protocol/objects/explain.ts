// Says what a field is, from Kubernetes' own documentation: `berth explain pod.spec.containers`.
// The texts are large, so they are loaded only when somebody asks.

import { failure, quoteValue, type Result, success } from "../errors.ts";
import { type FieldType, fieldsOf, typeText } from "./field-table.ts";
import { apiVersionOf, kindByWord } from "./kinds.ts";
import { nearestName } from "./nearest-name.ts";
import { isSupported } from "./unsupported.ts";

export interface Explanation {
  readonly kind: string;
  readonly apiVersion: string;
  /** `spec.containers`; empty for the kind itself. */
  readonly path: string;
  /** `[]Container`, `string`, ... */
  readonly type: string;
  readonly required: boolean;
  /** False when Berth stores the field and does not act on it yet. */
  readonly supported: boolean;
  readonly description: string;
  /** Fields of the object that it is, or of the items of the list that it is. */
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
    readonly supported: boolean;
    readonly description: string;
  }[];
}

/** `kind` is any word for a kind (`po`, `pods`, `Pod`); NotFound names the fields that there are. */
export async function explainField(kind: string, path: readonly string[]): Promise<Result<Explanation>> {
  const info = kindByWord(kind);
  if (!info) return failure("NotFound", `no kind is named ${quoteValue(kind)}`);
  const { fieldDocs } = await import("./field-docs.generated.ts");
  const docOf = (typeName: string, field: string): string => fieldDocs[typeName]?.[field] ?? "";
  let type: FieldType = { type: "object", name: info.kind };
  let found = { required: true, supported: true, description: docOf(info.kind, "") };
  let walked = info.kind;
  for (const step of path) {
    const owner = itemType(type);
    const field = owner === undefined ? undefined : fieldsOf(owner)?.get(step);
    if (owner === undefined || !field) {
      const names = owner === undefined ? [] : [...(fieldsOf(owner)?.keys() ?? [])];
      const nearest = nearestName(step, names);
      const hint = nearest === undefined ? "" : `did you mean ${nearest}? `;
      const known = `its fields: ${names.join(", ") || "none"}`;
      return failure("NotFound", `${walked} has no field ${quoteValue(step)}; ${hint}${known}`);
    }
    found = {
      required: field.required,
      supported: found.supported && isSupported(owner, step),
      description: docOf(owner, step),
    };
    type = field.type;
    walked = `${walked}.${step}`;
  }
  const inner = itemType(type);
  const fields = [...(inner === undefined ? [] : (fieldsOf(inner) ?? []))].map(([name, field]) => ({
    name,
    type: typeText(field.type),
    required: field.required,
    supported: found.supported && inner !== undefined && isSupported(inner, name),
    description: docOf(inner ?? "", name),
  }));
  return success({
    kind: info.kind,
    apiVersion: apiVersionOf(info),
    path: path.join("."),
    type: typeText(type),
    ...found,
    fields,
  });
}

/** A field with all fields below it. */
export interface FieldOutline {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly supported: boolean;
  readonly fields: readonly FieldOutline[];
}

/** Every field below an explained one. A type inside itself is named once, and not opened again. */
export function outlineOf({ kind, path, supported }: Explanation): readonly FieldOutline[] {
  let type: FieldType | undefined = { type: "object", name: kind };
  for (const step of path.split(".").filter(Boolean)) {
    type = fieldsOf(itemType(type) ?? "")?.get(step)?.type;
    if (!type) return [];
  }
  return fieldsBelow(itemType(type), supported, []);
}

function fieldsBelow(
  typeName: string | undefined,
  isActedOn: boolean,
  above: readonly string[],
): readonly FieldOutline[] {
  if (typeName === undefined || above.includes(typeName)) return [];
  return [...(fieldsOf(typeName) ?? [])].map(([name, field]) => {
    const supported = isActedOn && isSupported(typeName, name);
    const { required, type } = field;
    const fields = fieldsBelow(itemType(type), supported, [...above, typeName]);
    return { name, type: typeText(type), required, supported, fields };
  });
}

/** The object type that fields can be asked of: the type itself, or what a list or map holds. */
function itemType(type: FieldType): string | undefined {
  if (type.type === "list" || type.type === "map") return itemType(type.of);
  return type.type === "object" ? type.name : undefined;
}
