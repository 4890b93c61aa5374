// Field selectors as kubectl writes them: `metadata.name=x,status.phase!=Running`.
// Only the fields that Kubernetes selects by are taken; anything else is refused by name.

import { failure, quoteValue, type Result, success } from "./errors.ts";
import { maxSelectorLength } from "./label-selector.ts";
import type { ApiObject } from "./objects/object.ts";

export interface FieldTerm {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}
export type FieldSelector = readonly FieldTerm[];

const everyKind = ["metadata.name", "metadata.namespace", "metadata.uid"];
const byKind: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "Pod",
    [
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "spec.hostNetwork",
      "status.phase",
      "status.podIP",
      "status.nominatedNodeName",
    ],
  ],
  ["Namespace", ["status.phase"]],
  ["Node", ["spec.unschedulable"]],
  ["ReplicationController", ["status.replicas"]],
  ["ReplicaSet", ["status.replicas"]],
  ["Service", ["spec.clusterIP", "spec.type"]],
]);

/** The fields that objects of this kind may be selected by. */
export const selectableFields = (kind: string): readonly string[] => [
  ...everyKind,
  ...(byKind.get(kind) ?? []),
];

/** `kind` given, fields that it can't be selected by are refused. `\\`, `\,` and `\=` stand for the character itself. */
export function parseFieldSelector(text: string, kind?: string): Result<FieldSelector> {
  if (text.length > maxSelectorLength) {
    return failure("Invalid", `a selector has at most ${maxSelectorLength} characters, found ${text.length}`);
  }
  const terms: FieldTerm[] = [];
  for (const part of splitUnescaped(text)) {
    if (part.trim() === "") continue;
    const match = /^\s*([A-Za-z0-9.]+?)\s*(==|=|!=)(.*)$/s.exec(part);
    const value = unescape(match?.[3]?.trim() ?? "");
    if (!match?.[1] || value === undefined) {
      return failure("Invalid", `field selector ${quoteValue(part)}: expected field=value or field!=value`);
    }
    const field = match[1];
    if (kind !== undefined && !selectableFields(kind).includes(field)) {
      const known = selectableFields(kind).join(", ");
      return failure("Invalid", `field ${field} can't select objects of kind ${kind}; these can: ${known}`);
    }
    terms.push({ field, equal: match[2] !== "!=", value });
  }
  return success(terms);
}

function splitUnescaped(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === ",") {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** undefined when `=` or a lone backslash stands unescaped in a value. */
function unescape(value: string): string | undefined {
  return /^(?:[^\\=]|\\[\\,=])*$/s.test(value) ? value.replace(/\\([\\,=])/g, "$1") : undefined;
}

/** An absent field counts as the empty string (`spec.nodeName=` selects pods that have no node). */
export const matchesFields = (selector: FieldSelector, object: ApiObject): boolean =>
  selector.every(({ field, equal, value }) => (fieldText(object, field) === value) === equal);

function fieldText(object: ApiObject, field: string): string {
  let value: unknown = object;
  for (const step of field.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return absentText(field);
    value = Reflect.get(value, step);
  }
  return typeof value === "object" ? "" : String(value);
}

const absentText = (field: string): string =>
  field === "spec.unschedulable" || field === "spec.hostNetwork"
    ? "false"
    : field === "status.replicas"
      ? "0"
      : "";

export const formatFieldSelector = (selector: FieldSelector): string =>
  selector
    .map(({ field, equal, value }) => `${field}${equal ? "=" : "!="}${value.replace(/[\\,=]/g, "\\$&")}`)
    .join(",");
