// Room that is kept for pods which others make way for: until they are bound, no pod that matters less gets it.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import { type PodRow, priorityOf, type SchedulingSnapshot } from "../cluster/mod.ts";
import { type Candidate, place, unplace } from "./candidate.ts";

export class Nominations {
  readonly #byName: ReadonlyMap<NodeName, Candidate>;
  /** Highest priority first; not yet reserved. */
  #coming: PodRow[];
  readonly #reserved = new Map<Uid, PodRow>();

  constructor(snapshot: SchedulingSnapshot, candidates: readonly Candidate[]) {
    this.#coming = [...snapshot.podsNominated()].sort((one, other) => priorityOf(other) - priorityOf(one));
    this.#byName =
      this.#coming.length === 0
        ? new Map()
        : new Map(candidates.map((candidate) => [candidate.row.name, candidate]));
  }

  /** Before a group is planned: room of those that matter as much is kept, but not from themselves. */
  reserveFor(group: readonly PodRow[]): void {
    const [model] = group;
    if (!model || (this.#coming.length === 0 && this.#reserved.size === 0)) return;
    const priority = priorityOf(model);
    const own = new Set(group.map(({ ref }) => ref.uid));
    const due = this.#coming.filter((pod) => priorityOf(pod) >= priority);
    this.#coming = this.#coming.filter((pod) => priorityOf(pod) < priority);
    for (const pod of due) {
      const candidate = this.#candidateOf(pod);
      if (!candidate || own.has(pod.ref.uid)) continue;
      place(candidate, pod);
      this.#reserved.set(pod.ref.uid, pod);
    }
    for (const uid of own) {
      const pod = this.#reserved.get(uid);
      const candidate = pod && this.#candidateOf(pod);
      if (pod && candidate) unplace(candidate, pod);
      this.#reserved.delete(uid);
    }
  }

  #candidateOf({ nominated }: PodRow): Candidate | undefined {
    return nominated === undefined ? undefined : this.#byName.get(nominated);
  }
}
