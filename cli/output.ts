// The forms that objects are printed in: `-o wide|json|yaml|name|jsonpath=…|custom-columns=…`, and the table when
// nothing is asked.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { stringify } from "yaml";
import { type ApiObject, kindInfo } from "../protocol/mod.ts";
import { parseColumns, renderColumns } from "./custom-columns.ts";
import { UsageError } from "./errors.ts";
import { foundBy, renderTemplate } from "./jsonpath/render.ts";
import { parseTemplate } from "./jsonpath/template.ts";
import { shownName } from "./resource-args.ts";

/** Several objects as one, as kubectl prints them. */
export interface ObjectList {
  readonly apiVersion: "v1";
  readonly items: readonly ApiObject[];
  readonly kind: "List";
  readonly metadata: { readonly resourceVersion: "" };
}
export type Output =
  | { readonly type: "table"; readonly wide: boolean }
  | {
      readonly type: "print";
      readonly form: string;
      readonly print: (value: ApiObject | ObjectList) => string;
    };

export const outputHelp =
  "json, yaml, name, wide, jsonpath=…, jsonpath-file=…, custom-columns=… or custom-columns-file=…";

export interface OutputOptions {
  /** Where files that a form names are looked for. */
  readonly cwd: string;
  /** With who owns which field; without, it is left out as kubectl does. */
  readonly showManagedFields?: boolean | undefined;
  readonly headers?: boolean;
}

export function parseOutput(text: string | undefined, options: OutputOptions): Output {
  if (text === undefined || text === "" || text === "wide") return { type: "table", wide: text === "wide" };
  const at = text.indexOf("=");
  const form = at < 0 ? text : text.slice(0, at);
  const given = at < 0 ? undefined : text.slice(at + 1);
  const argument = (): string => {
    if (given) return form.endsWith("-file") ? readText(given, options.cwd) : given;
    throw new UsageError(`-o ${form} takes a template: ${form}=…`);
  };
  const shown = (value: ApiObject | ObjectList): ApiObject | ObjectList =>
    options.showManagedFields ? value : withoutManagers(value);
  const printed = (print: (value: ApiObject | ObjectList) => string): Output => ({
    type: "print",
    form,
    print: (value) => print(shown(value)),
  });
  switch (form) {
    case "json":
    case "yaml":
      return printed((value) => serialize(value, form));
    case "name":
      return printed((value) =>
        itemsOf(value)
          .map((object) => `${nameOf(object)}\n`)
          .join(""),
      );
    case "jsonpath":
    case "jsonpath-file": {
      const template = parseTemplate(argument());
      return printed((value) => renderTemplate(template, value));
    }
    case "jsonpath-as-json": {
      const template = parseTemplate(argument());
      return printed((value) => serialize(foundBy(template, value), "json"));
    }
    case "custom-columns":
    case "custom-columns-file": {
      const columns = parseColumns(argument(), form);
      return printed((value) => renderColumns(columns, itemsOf(value), options.headers !== false));
    }
    default:
      if (form.startsWith("go-template") || form === "template" || form === "templatefile") {
        throw new UsageError(
          `-o ${form}: Go templates are not supported; jsonpath=… and custom-columns=… are`,
        );
      }
      throw new UsageError(`-o takes ${outputHelp}, found ${JSON.stringify(text)}`);
  }
}

function readText(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), "utf8").trimEnd();
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whole objects for programs: stable, without colours, ending in a line end. */
export function serialize(value: unknown, form: "json" | "yaml"): string {
  if (form === "json") return `${JSON.stringify(value, null, 4)}\n`;
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

export const listOf = (items: readonly ApiObject[]): ObjectList => ({
  apiVersion: "v1",
  items,
  kind: "List",
  metadata: { resourceVersion: "" },
});
const isList = (value: ApiObject | ObjectList): value is ObjectList => value.kind === "List";
const itemsOf = (value: ApiObject | ObjectList): readonly ApiObject[] =>
  isList(value) ? value.items : [value];

/** The only one by itself, several as a list. */
export const oneOrList = (objects: readonly ApiObject[]): ApiObject | ObjectList => {
  const [only, ...others] = objects;
  return only && others.length === 0 ? only : listOf(objects);
};

function withoutManagers(value: ApiObject | ObjectList): ApiObject | ObjectList {
  if (isList(value)) return listOf(value.items.map((object) => ownFields(object)));
  return ownFields(value);
}
/** Without who owns which field. */
export function ownFields(object: ApiObject): ApiObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _managers, ...metadata } = object.metadata;
  return { ...object, metadata };
}

export function nameOf(object: ApiObject): string {
  const info = kindInfo(object.kind);
  const name = object.metadata.name ?? "";
  return info ? shownName(info, name) : `${object.kind.toLowerCase()}/${name}`;
}
