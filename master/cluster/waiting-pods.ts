// Pods that wait for a node, in the order in which the scheduler takes them: by priority, then the oldest first.

import type { PodRow } from "./contract.ts";
import type { PodEntry } from "./label-sets.ts";
import { priorityOf } from "./priorities.ts";

/** Pods of one priority. They arrive in order, except when an undo puts one back: then the order is made anew. */
interface Rank {
  entries: Set<PodEntry>;
  inOrder: boolean;
  last: number;
}

export class WaitingPods {
  readonly #ranks = new Map<number, Rank>();
  /** A pod's priority may change with its row; this is the one that it waits with. */
  readonly #priorities = new Map<PodEntry, number>();
  #highestFirst: readonly number[] = [];

  *rows(): Iterable<PodRow> {
    for (const priority of this.#highestFirst) {
      const rank = this.#ranks.get(priority);
      if (!rank) continue;
      if (!rank.inOrder) {
        const sorted = [...rank.entries].sort((left, right) => bornOf(left.row) - bornOf(right.row));
        rank.entries = new Set(sorted);
        rank.inOrder = true;
      }
      for (const { row } of rank.entries) yield row;
    }
  }

  add(entry: PodEntry): void {
    const priority = priorityOf(entry.row);
    let rank = this.#ranks.get(priority);
    if (!rank) {
      this.#ranks.set(priority, (rank = { entries: new Set(), inOrder: true, last: 0 }));
      this.#highestFirst = [...this.#ranks.keys()].sort((left, right) => right - left);
    }
    const born = bornOf(entry.row);
    if (born < rank.last) rank.inOrder = false;
    rank.last = born;
    rank.entries.add(entry);
    this.#priorities.set(entry, priority);
  }

  delete(entry: PodEntry): void {
    const priority = this.#priorities.get(entry);
    const rank = priority === undefined ? undefined : this.#ranks.get(priority);
    if (priority === undefined || !rank) return;
    this.#priorities.delete(entry);
    rank.entries.delete(entry);
    if (rank.entries.size > 0) return;
    this.#ranks.delete(priority);
    this.#highestFirst = this.#highestFirst.filter((other) => other !== priority);
  }
}

const bornOf = (row: PodRow): number => row.born ?? row.createdAt;
