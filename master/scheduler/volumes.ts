// The part of a plan that claims take: groups are split by what their claims ask, only nodes that can have the data are
// looked at, and what is placed counts for the next. A pinned pod costs a look at its node, however many there are.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import type { NodeRow, PodRow, SchedulingSnapshot } from "../cluster/contract.ts";
import {
  type PlacedClaim,
  PlannedStorage,
  reachesAll,
  type VolumeNeeds,
  volumeNeedsOf,
  type VolumeNodes,
} from "../storage/mod.ts";
import type { Candidate } from "./candidate.ts";
import type { Refuse } from "./filters/mod.ts";

export const affinityConflict = "node(s) had volume node affinity conflict";
const noVolume = ["node(s) didn't find available persistent volumes to bind"];
const conflict = [affinityConflict];

/** What the claims of some equal pods ask, prepared for one group. */
export interface GroupVolumes {
  readonly refuse: Refuse;
  place(pod: PodRow, candidate: Candidate): void;
  /** Said after the reasons when no node is left: where the data is, and why it cannot be had. */
  readonly note: string | undefined;
}

export class PlanVolumes {
  readonly #snapshot: SchedulingSnapshot;
  readonly #candidates: readonly Candidate[];
  readonly #planned: PlannedStorage;
  readonly #needs = new Map<Uid, VolumeNeeds>();
  #byName: ReadonlyMap<NodeName, Candidate> | undefined;
  readonly #byLabel = new Map<string, ReadonlyMap<string | undefined, readonly Candidate[]>>();

  constructor(snapshot: SchedulingSnapshot, candidates: readonly Candidate[]) {
    this.#snapshot = snapshot;
    this.#candidates = candidates;
    this.#planned = new PlannedStorage(snapshot);
  }

  /** As things stand after what was placed so far. Undefined for a pod without claims. */
  needsOf(pod: PodRow): VolumeNeeds | undefined {
    const needs = volumeNeedsOf(this.#snapshot, this.#planned, pod);
    if (needs) this.#needs.set(pod.ref.uid, needs);
    return needs;
  }

  /** Nodes from which the data can be reached: found by index where a volume names its nodes or a label. */
  candidatesFor({ placed }: VolumeNeeds): readonly Candidate[] {
    let fewest: readonly Candidate[] = this.#candidates;
    for (const { nodes } of placed) {
      const found = this.#reaching(nodes);
      if (found.length < fewest.length) fewest = found;
    }
    return fewest;
  }

  #reaching(nodes: VolumeNodes): readonly Candidate[] {
    if (nodes.type === "names") {
      this.#byName ??= new Map(this.#candidates.map((candidate) => [candidate.row.name, candidate]));
      return nodes.names.flatMap((name) => this.#byName?.get(name) ?? []);
    }
    if (nodes.type !== "label") return this.#candidates;
    const { key, values } = nodes;
    let byValue = this.#byLabel.get(key);
    if (!byValue) {
      byValue = Map.groupBy(this.#candidates, ({ row }) => row.metadata.labels?.[key]);
      this.#byLabel.set(key, byValue);
    }
    const found = [...new Set(values)].flatMap((value) => byValue.get(value) ?? []);
    // In the order of names, as all candidates are.
    return found.sort((one, other) => (one.row.name < other.row.name ? -1 : 1));
  }

  prepare(needs: VolumeNeeds): GroupVolumes {
    const { placed, undecided } = needs;
    return {
      refuse: ({ row }) => {
        if (!reachesAll(row, placed)) return conflict;
        return undecided.length === 0 || this.#planned.choose(undecided, row) ? undefined : noVolume;
      },
      place: (pod, { row }) => {
        const own = this.#needs.get(pod.ref.uid);
        if (own) this.#planned.place(own, row);
      },
      note: this.#note(placed),
    };
  }

  #note(placed: readonly PlacedClaim[]): string | undefined {
    for (const { claim, nodes } of placed) {
      if (nodes.type !== "names") continue;
      const problems = nodes.names.flatMap((name) => problemOf(name, this.#snapshot.node(name)));
      if (problems.length === nodes.names.length) {
        return `The data of claim ${claim} is on ${problems.join(" and ")}: the pod waits for it.`;
      }
    }
    return undefined;
  }
}

function problemOf(name: NodeName, node: NodeRow | undefined): readonly string[] {
  if (!node) return [`node ${name}, which is not in the cluster`];
  return node.state === "Lost" ? [`node ${name}, which is lost`] : [];
}

/** Two pods of a group have all their shared claims in common or none. */
export const shareClaims = (one: VolumeNeeds, other: VolumeNeeds): boolean =>
  one.claims.some((claim) => other.claims.includes(claim));
