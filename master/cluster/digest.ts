// Canonical, order-independent hash of everything folded: equal logs give equal digests on every master.

import { hash } from "node:crypto";

/** Rows and values are never changed in place, so one that was hashed before has the same hash. */
const known = new WeakMap<object, string>();
/** Texts of what rows hold: most of it is the same value in the next row, and in those of others who read the same. */
const texts = new WeakMap<object, string>();

/** What is folded, and not derived from anything else that is. */
export interface Folded {
  readonly head: object;
  readonly pods: Iterable<object>;
  readonly nodes: Iterable<object>;
  readonly objects: Iterable<object>;
  readonly templates: Iterable<readonly [string, { readonly id: string; readonly value: object }]>;
  readonly manifests: Iterable<readonly [string, object]>;
  readonly results: Iterable<readonly [string, object]>;
  readonly subsets: Iterable<readonly [string, object]>;
}

/** Rows as canonical JSON, hashed, sorted, hashed. What is derived from rows (indexes, sums) is not covered twice. */
export function digestOf(folded: Folded): string {
  const lines: string[] = [`head ${canonical(folded.head)}`];
  for (const row of folded.pods) lines.push(`pod ${hashOf(row)}`);
  for (const row of folded.nodes) lines.push(`node ${hashOf(row)}`);
  for (const row of folded.objects) lines.push(`object ${hashOf(row)}`);
  for (const [uid, { id, value }] of folded.templates) lines.push(`template ${uid} ${id} ${hashOf(value)}`);
  for (const [uid, value] of folded.manifests) lines.push(`manifests ${uid} ${hashOf(value)}`);
  for (const [id, value] of folded.results) lines.push(`result ${id} ${hashOf(value)}`);
  for (const [uid, value] of folded.subsets) lines.push(`subsets ${uid} ${hashOf(value)}`);
  return hash("sha256", lines.sort().join("\n"));
}

function hashOf(row: object): string {
  let found = known.get(row);
  if (found === undefined) known.set(row, (found = hash("sha256", written(row, textOf))));
  return found;
}

/** JSON with sorted keys and without undefined members. */
export function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return written(value, canonical);
}

function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return canonical(value);
  let text = texts.get(value);
  if (text === undefined) texts.set(value, (text = canonical(value)));
  return text;
}

function written(value: object, memberText: (member: unknown) => string): string {
  if (Array.isArray(value)) return `[${value.map(memberText).join(",")}]`;
  const members = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const key of ordered(Object.keys(members))) {
    const member = members[key];
    if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${memberText(member)}`;
  }
  return `{${text}}`;
}

/** As they stand in an object that was made of them in this order: whole numbers come first there. */
function ordered(keys: string[]): readonly string[] {
  keys.sort();
  const [first = ""] = keys;
  // A digit comes before every letter, and what comes before it is rare.
  return first < ":" ? Object.keys(Object.fromEntries(keys.map((key) => [key, 0]))) : keys;
}
