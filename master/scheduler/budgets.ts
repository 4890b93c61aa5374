// What disruption budgets still allow, as one plan spends it.

import type { Uid } from "../../protocol/mod.ts";
import { countBudget, isHealthy, type PodRow, type SchedulingSnapshot } from "../cluster/mod.ts";

export class Budgets {
  readonly #snapshot: SchedulingSnapshot;
  readonly #allowed = new Map<Uid, number>();

  constructor(snapshot: SchedulingSnapshot) {
    this.#snapshot = snapshot;
  }

  /** Taken one after the other: those that budgets keep once the ones before are gone, and those that may go. */
  split(pods: readonly PodRow[]): { readonly kept: readonly PodRow[]; readonly free: readonly PodRow[] } {
    const spent = new Map<Uid, number>();
    const kept: PodRow[] = [];
    const free: PodRow[] = [];
    for (const pod of pods) {
      let isKept = false;
      for (const budget of this.#budgetsOf(pod)) {
        const left = this.#left(budget) - (spent.get(budget) ?? 0);
        spent.set(budget, (spent.get(budget) ?? 0) + 1);
        if (left <= 0) isKept = true;
      }
      (isKept ? kept : free).push(pod);
    }
    return { kept, free };
  }

  spend(pods: readonly PodRow[]): void {
    for (const pod of pods) {
      for (const budget of this.#budgetsOf(pod)) this.#allowed.set(budget, this.#left(budget) - 1);
    }
  }

  /** What is not healthy is not counted by any. */
  #budgetsOf(pod: PodRow): readonly Uid[] {
    return isHealthy(pod) ? [...this.#snapshot.budgetsOf(pod.ref.uid)].map(({ ref }) => ref.uid) : [];
  }

  #left(budget: Uid): number {
    const known = this.#allowed.get(budget);
    if (known !== undefined) return known;
    const row = this.#snapshot.objectByUid(budget);
    const left = row ? countBudget(this.#snapshot, row).disruptionsAllowed : 0;
    this.#allowed.set(budget, left);
    return left;
  }
}
