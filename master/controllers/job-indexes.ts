// Sets of completion indexes, in memory and as Kubernetes writes them: `1,3-5,7`.

import { completionIndexKey, type PodRow } from "../cluster/mod.ts";

/** Undefined for a pod that has none, or one that the job does not ask for. */
export function indexOf({ metadata }: PodRow, completions: number): number | undefined {
  const text = metadata.annotations?.[completionIndexKey];
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined;
  const index = Number(text);
  return index < completions ? index : undefined;
}

export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? "").split(",").filter(Boolean)) {
    const [first = 0, last = first] = part.split("-").map(Number);
    for (let index = first; index <= Math.min(last, completions - 1); index++) indexes.add(index);
  }
  return indexes;
}

/** Three or more in a row become a range. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const parts: string[] = [];
  const sorted = [...indexes].sort((left, right) => left - right);
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (sorted[to + 1] === (sorted[to] ?? 0) + 1) to++;
    if (to - from >= 2) parts.push(`${sorted[from]}-${sorted[to]}`);
    else parts.push(...sorted.slice(from, to + 1).map(String));
    from = to + 1;
  }
  return parts.join(",");
}
