// A binary heap of nodes, best first: higher score, then the smaller name, so that the order is total and every
// master would choose alike. Only the best one ever changes, so a placement costs the logarithm of the nodes.

import type { Candidate } from "./candidate.ts";

export interface HeapEntry {
  readonly candidate: Candidate;
  readonly rank: number;
  score: number;
  /** Pods of the group on this node. */
  equals: number;
}

const isBetter = (one: HeapEntry, other: HeapEntry): boolean =>
  one.score > other.score || (one.score === other.score && one.rank < other.rank);

function siftDown(entries: HeapEntry[], from: number): void {
  const moving = entries[from];
  if (!moving) return;
  let hole = from;
  for (;;) {
    const left = 2 * hole + 1;
    const leftEntry = entries[left];
    if (!leftEntry) break;
    const rightEntry = entries[left + 1];
    const takeRight = rightEntry !== undefined && isBetter(rightEntry, leftEntry);
    const child = takeRight ? rightEntry : leftEntry;
    if (!isBetter(child, moving)) break;
    entries[hole] = child;
    hole = takeRight ? left + 1 : left;
  }
  entries[hole] = moving;
}

/** Orders the entries in place; the best is then at index 0. */
export function heapify(entries: HeapEntry[]): void {
  for (let index = (entries.length >> 1) - 1; index >= 0; index--) siftDown(entries, index);
}

/** Call after the best entry's score changed. */
export const settleBest = (entries: HeapEntry[]): void => siftDown(entries, 0);

export function removeBest(entries: HeapEntry[]): void {
  const last = entries.pop();
  if (last === undefined || entries.length === 0) return;
  entries[0] = last;
  siftDown(entries, 0);
}

/** The `count` best, in order, without changing the heap: only children of what is taken can come next. */
export function bestOf(entries: readonly HeapEntry[], count: number): readonly HeapEntry[] {
  const taken: HeapEntry[] = [];
  const open: number[] = entries.length > 0 ? [0] : [];
  while (taken.length < count && open.length > 0) {
    let pick = 0;
    for (let index = 1; index < open.length; index++) {
      const one = entries[open[index] ?? 0];
      const other = entries[open[pick] ?? 0];
      if (one && other && isBetter(one, other)) pick = index;
    }
    const [at = 0] = open.splice(pick, 1);
    const entry = entries[at];
    if (!entry) break;
    taken.push(entry);
    for (const child of [2 * at + 1, 2 * at + 2]) if (child < entries.length) open.push(child);
  }
  return taken;
}
