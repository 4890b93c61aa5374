// Canonical, order-independent hash of everything folded: equal logs give equal digests on every master.

import { createHash } from "node:crypto";
import type { Cluster } from "./cluster.ts";

/** Rows and values are never changed in place, so the text of one that was hashed before is the same. */
const known = new WeakMap<object, string>();

/** Rows as canonical JSON, sorted, hashed. What is derived from rows (indexes, sums) is not covered twice. */
export function digestOf(cluster: Cluster): string {
  const { templates, manifests, results, subsets } = cluster.folded();
  const lines: string[] = [`head ${canonical(cluster.head)}`];
  for (const row of cluster.pods()) lines.push(`pod ${textOf(row)}`);
  for (const row of cluster.nodes()) lines.push(`node ${textOf(row)}`);
  for (const row of cluster.everyObject()) lines.push(`object ${textOf(row)}`);
  for (const [uid, { id, value }] of templates) lines.push(`template ${uid} ${id} ${textOf(value)}`);
  for (const [uid, value] of manifests) lines.push(`manifests ${uid} ${textOf(value)}`);
  for (const [id, value] of results) lines.push(`result ${id} ${textOf(value)}`);
  for (const [uid, value] of subsets) lines.push(`subsets ${uid} ${textOf(value)}`);
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}

function textOf(row: object): string {
  let text = known.get(row);
  if (text === undefined) known.set(row, (text = canonical(row)));
  return text;
}

/** JSON with sorted keys and without undefined members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(
      Object.entries(member).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
    );
  });
}
