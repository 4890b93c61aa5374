// Makes room for pods that fit nowhere: finds the node where the least has to go for each. Pure, and bounded: a few
// pods a plan, each by one look at the sums that nodes keep by priority, and a look at the pods of few nodes.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import {
  type PodRow,
  type Preemption,
  priorityOf,
  type Resources,
  type SchedulingSnapshot,
} from "../cluster/mod.ts";
import { Budgets } from "./budgets.ts";
import { type Candidate, place } from "./candidate.ts";
import type { EqualPods } from "./group.ts";
import { filters } from "./filters/mod.ts";
import { lesserSacrifice, type Sacrifice, victimsOn } from "./victims.ts";

/** Pods for which one plan looks for victims; the next ones wait for the next plan. */
export const preemptionsPerPlan = 32;
/** Nodes whose pods are looked at for one pod; Kubernetes looks at as many in a small cluster. */
export const nodesExamined = 100;
/** Filters whose refusal goes away with pods. */
const curable: ReadonlySet<string> = new Set(["host ports", "resources"]);
/** Below every priority: what is asked for by it is what leaves anyway. */
const noPriority = -(2 ** 40);

export class Preemptor {
  readonly preemptions: Preemption[] = [];
  readonly unexamined: Uid[] = [];
  readonly #snapshot: SchedulingSnapshot;
  readonly #byName: ReadonlyMap<NodeName, Candidate>;
  readonly #budgets: Budgets;
  readonly #going = new Set<Uid>();
  #examined = 0;

  constructor(snapshot: SchedulingSnapshot, candidates: readonly Candidate[]) {
    this.#snapshot = snapshot;
    this.#byName = new Map(candidates.map((candidate) => [candidate.row.name, candidate]));
    this.#budgets = new Budgets(snapshot);
  }

  /**
   * For equal pods that were refused. What is promised to one of them, on a node that others are leaving, is taken out
   * of what is free there: pods that come later in the plan matter less.
   */
  makeRoom(pods: readonly PodRow[], group: EqualPods): void {
    const [model] = pods;
    if (!model) return;
    const possible = this.#possibleFor(model, group);
    // What is wrong with their claims no pod can mend by going.
    let hopeless = model.spec.preemptionPolicy === "Never" || group.refused !== undefined;
    for (const pod of pods) {
      if (this.#waitsAlready(pod) || hopeless) continue;
      if (this.#examined >= preemptionsPerPlan) {
        this.unexamined.push(pod.ref.uid);
        continue;
      }
      hopeless = !this.#makeRoomFor(pod, possible());
    }
  }

  /** Its victims are still on their way out: more of them would not make it faster. */
  #waitsAlready(pod: PodRow): boolean {
    const candidate = pod.nominated === undefined ? undefined : this.#byName.get(pod.nominated);
    if (!candidate || candidate.row.state === "Lost") return false;
    const leaving = this.#snapshot.roomBelow(candidate.row.name, noPriority);
    if (leaving.pods === 0 || !fitsInto(pod, candidate, leaving)) return false;
    place(candidate, pod);
    return true;
  }

  #makeRoomFor(pod: PodRow, candidates: readonly Candidate[]): boolean {
    const waiting = candidates.find((candidate) => {
      const leaving = this.#snapshot.roomBelow(candidate.row.name, noPriority);
      return leaving.pods > 0 && fitsInto(pod, candidate, leaving) && !this.#portsTaken(pod, candidate);
    });
    if (waiting) {
      place(waiting, pod);
      return true;
    }
    const best = this.#leastSacrifice(pod, candidates);
    if (!best) return false;
    const { candidate, victims } = best;
    for (const { ref } of victims) this.#going.add(ref.uid);
    this.#budgets.spend(victims);
    place(candidate, pod);
    this.preemptions.push({
      pod: pod.ref.uid,
      node: candidate.row.name,
      victims: victims.map(({ ref }) => ref),
    });
    return true;
  }

  #portsTaken(pod: PodRow, { row }: Candidate): boolean {
    return pod.hostPorts.some((port) => this.#snapshot.hostPortTaken(row.name, port));
  }

  #leastSacrifice(pod: PodRow, candidates: readonly Candidate[]): Sacrifice | undefined {
    const priority = priorityOf(pod);
    let best: Sacrifice | undefined;
    let looked = 0;
    for (const candidate of candidates) {
      const below = this.#snapshot.roomBelow(candidate.row.name, priority);
      const leaving = this.#snapshot.roomBelow(candidate.row.name, noPriority);
      if (below.pods === leaving.pods || !fitsInto(pod, candidate, below)) continue;
      looked += 1;
      const sacrifice = victimsOn({
        snapshot: this.#snapshot,
        pod,
        candidate,
        budgets: this.#budgets,
        going: this.#going,
      });
      if (sacrifice) best = best ? lesserSacrifice(best, sacrifice) : sacrifice;
      if (looked >= nodesExamined) break;
    }
    // What the sums by priority rule out costs next to nothing.
    if (looked > 0) this.#examined += 1;
    return best;
  }

  /** Nodes that refuse these pods for nothing that others could change by going. Asked once, and only if needed. */
  #possibleFor(model: PodRow, { candidates, volumes }: EqualPods): () => readonly Candidate[] {
    let possible: readonly Candidate[] | undefined;
    return () => {
      if (possible) return possible;
      const refusals = filters.flatMap((filter) => {
        const refuse = curable.has(filter.name) ? undefined : filter.prepare(model, this.#snapshot);
        return refuse ? [refuse] : [];
      });
      if (volumes) refusals.push(volumes.refuse);
      possible = candidates.filter((candidate) => refusals.every((refuse) => !refuse(candidate)));
      return possible;
    };
  }
}

function fitsInto({ requests }: PodRow, candidate: Candidate, more: Resources): boolean {
  const { cpuMilli, memoryBytes, pods } = requests;
  if (cpuMilli > 0 && cpuMilli > candidate.freeCpuMilli + more.cpuMilli) return false;
  if (memoryBytes > 0 && memoryBytes > candidate.freeMemoryBytes + more.memoryBytes) return false;
  return pods <= candidate.freePods + more.pods;
}
