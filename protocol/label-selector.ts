// Label selectors: kubectl's string syntax, the object form (matchLabels, matchExpressions), and plain maps.
// A selector is a list of requirements that all hold; the empty list matches everything.

import { failure, quoteValue, type Result, success } from "./errors.ts";
import { isLabelValue, isQualifiedName, labelKeySyntax, labelValueSyntax } from "./labels.ts";

export type SelectorOperator = "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}
export type Selector = readonly Requirement[];
export type Labels = Readonly<Record<string, string>>;

export const maxSelectorLength = 16 * 1024;
export const maxSelectorRequirements = 500;

export const everything: Selector = [];
/** What an absent selector means where Kubernetes says "selects nothing": no value is ever in an empty set. */
export const nothing: Selector = [{ key: "", operator: "In", values: [] }];

/** Absent labels satisfy NotIn and DoesNotExist. Gt and Lt compare whole numbers. */
export function matches(selector: Selector, labels: Labels | undefined): boolean {
  for (const requirement of selector) if (!holds(requirement, labels)) return false;
  return true;
}

function holds({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  // Own fields only: a key such as "constructor" is inherited by every object.
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && wholeNumber.test(value) && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && wholeNumber.test(value) && Number(value) < Number(values[0]);
  }
}
const wholeNumber = /^-?\d{1,15}$/;

/** kubectl's syntax: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`. `Invalid` names the part that is wrong. */
export function parseSelector(text: string): Result<Selector> {
  if (text.length > maxSelectorLength) {
    return failure("Invalid", `a selector has at most ${maxSelectorLength} characters, found ${text.length}`);
  }
  if (text.trim() === "") return success(everything);
  const requirements: Requirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirement(part.trim());
    if (typeof requirement === "string") {
      return failure("Invalid", `label selector ${quoteValue(part.trim())}: ${requirement}`);
    }
    requirements.push(requirement);
  }
  return checked(requirements);
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

const setForm = /^(\S+?)\s+(in|notin)\s*\(([^()]*)\)$/;
const comparison = /^([^\s=!<>(),]+)\s*(==|=|!=|>|<)\s*([^\s=!<>(),]*)$/;
const existence = /^(!?)\s*([^\s=!<>(),]+)$/;

function parseRequirement(part: string): Requirement | string {
  const exists = existence.exec(part);
  if (exists) {
    return { key: exists[2] ?? "", operator: exists[1] === "!" ? "DoesNotExist" : "Exists", values: [] };
  }
  const compared = comparison.exec(part);
  if (compared) {
    const [, key = "", sign, value = ""] = compared;
    const operator = sign === "!=" ? "NotIn" : sign === ">" ? "Gt" : sign === "<" ? "Lt" : "In";
    return { key, operator, values: [value] };
  }
  const set = setForm.exec(part);
  if (set) {
    const [, key = "", word, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return { key, operator: word === "in" ? "In" : "NotIn", values };
  }
  return "expected key, !key, key=value, key!=value, key in (a,b), key notin (a,b), key>1 or key<1";
}

/** Checks keys, values and counts; sorts and drops doubled values, so that equal selectors have equal text. */
function checked(requirements: readonly Requirement[]): Result<Selector> {
  if (requirements.length > maxSelectorRequirements) {
    return failure("Invalid", `a selector has at most ${maxSelectorRequirements} requirements`);
  }
  const result: Requirement[] = [];
  for (const { key, operator, values } of requirements) {
    if (!isQualifiedName(key)) {
      return failure("Invalid", `label key ${quoteValue(key)} must be ${labelKeySyntax}`);
    }
    const number = operator === "Gt" || operator === "Lt";
    const bad = values.find((value) => (number ? !wholeNumber.test(value) : !isLabelValue(value)));
    if (bad !== undefined) {
      const syntax = number ? "a whole number" : labelValueSyntax;
      return failure("Invalid", `label value ${quoteValue(bad)} of ${key} must be ${syntax}`);
    }
    result.push({ key, operator, values: [...new Set(values)].toSorted() });
  }
  return success(result);
}

/** `matchLabels` and `matchExpressions` as in ReplicaSets. An absent selector selects nothing, `{}` everything. */
export function selectorFromObject(value: unknown): Result<Selector> {
  if (value === undefined || value === null) return success(nothing);
  if (!isObject(value))
    return failure("Invalid", "a selector must be an object with matchLabels or matchExpressions");
  const { matchLabels, matchExpressions = [] } = value;
  const fromLabels = selectorFromMap(matchLabels ?? {});
  if (!fromLabels.ok) return fromLabels;
  if (!Array.isArray(matchExpressions)) return failure("Invalid", "matchExpressions must be a list");
  const requirements: Requirement[] = [...fromLabels.value];
  for (const [index, expression] of matchExpressions.entries()) {
    const requirement = fromExpression(expression);
    if (typeof requirement === "string")
      return failure("Invalid", `matchExpressions[${index}]: ${requirement}`);
    requirements.push(requirement);
  }
  return checked(requirements);
}

function fromExpression(value: unknown): Requirement | string {
  if (!isObject(value)) return "must be an object with key, operator and values";
  const { key, operator, values = [] } = value;
  if (typeof key !== "string") return "key is required";
  const list = values ?? [];
  if (!Array.isArray(list) || !list.every((item): item is string => typeof item === "string")) {
    return "values must be a list of strings";
  }
  switch (operator) {
    case "In":
    case "NotIn":
      return list.length > 0 ? { key, operator, values: list } : `values must not be empty for ${operator}`;
    case "Exists":
    case "DoesNotExist":
      return list.length === 0 ? { key, operator, values: [] } : `values must be empty for ${operator}`;
    default:
      return `operator must be In, NotIn, Exists or DoesNotExist, found ${quoteValue(operator)}`;
  }
}

/** A plain map, as in services and replication controllers: every pair must be there. An empty one matches everything. */
export function selectorFromMap(value: unknown): Result<Selector> {
  if (!isObject(value)) return failure("Invalid", "labels must be an object of strings");
  const requirements: Requirement[] = [];
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") return failure("Invalid", `label ${quoteValue(key)} must be a string`);
    requirements.push({ key, operator: "In", values: [text] });
  }
  return checked(requirements);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Text that `parseSelector` reads back to the same selector. */
export const formatSelector = (selector: Selector): string => selector.map(formatRequirement).join(",");

function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "Gt":
      return `${key}>${values[0]}`;
    case "Lt":
      return `${key}<${values[0]}`;
  }
}
