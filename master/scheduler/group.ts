// Plans one group of equal pods: filters and scores every node once, then places pod after pod on the best node,
// asking again only the node that was just used.

import type { Placement, Refusal } from "../../protocol/mod.ts";
import type { Binding, PodRow, SchedulingSnapshot } from "../cluster/contract.ts";
import { type Candidate, place } from "./candidate.ts";
import { filters, type Refuse } from "./filters/mod.ts";
import { NodeHeap } from "./node-heap.ts";
import { refusalMessage, refusedAnywhere } from "./refusal-message.ts";
import { type Rate, scores } from "./scores/mod.ts";
import type { GroupVolumes } from "./volumes.ts";

/** Scores kept for a placement. */
export const topScores = 5;
/** Pods of a group whose placement names the runners-up too; the rest name the chosen node only, to save log space. */
export const detailedPlacements = 8;

interface PreparedScore {
  readonly name: string;
  readonly weight: number;
  readonly rate: Rate;
}

export interface GroupPlan {
  readonly bindings: readonly Binding[];
  /** Pods for which no node was left, with the reason. */
  readonly refused?: { readonly pods: readonly PodRow[]; readonly refusal: Refusal };
}

export interface EqualPods {
  readonly snapshot: SchedulingSnapshot;
  /** Nodes that are looked at. */
  readonly candidates: readonly Candidate[];
  readonly pods: readonly PodRow[];
  /** What their claims ask of a node. */
  readonly volumes?: GroupVolumes;
  /** Nodes that need no look, and why they will not do. */
  readonly elsewhere?: { readonly count: number; readonly reason: string };
  /** Why no node will do, whichever it is. */
  readonly refused?: string;
}

export function planGroup(equals: EqualPods): GroupPlan {
  const { snapshot, candidates, pods, volumes } = equals;
  const [model] = pods;
  if (!model) return { bindings: [] };
  if (equals.refused !== undefined) {
    const refusal = refusedAnywhere(candidates.length, equals.refused);
    return { bindings: [], refused: { pods, refusal } };
  }
  const group = prepareGroup(equals, model);
  const heap = new NodeHeap(candidates.length);
  for (const [number, candidate] of candidates.entries()) {
    if (!group.passes(group.every, candidate)) continue;
    group.equals[number] = snapshot.groupCount(model.group, candidate.row.name);
    heap.add(number, group.scoreOf(number));
  }
  heap.heapify();

  const bindings: Binding[] = [];
  for (const pod of pods) {
    const { best } = heap;
    const candidate = best === undefined ? undefined : candidates[best];
    if (best === undefined || !candidate) break;
    const named = bindings.length < detailedPlacements ? heap.bestOf(topScores) : [best];
    bindings.push({ pod: pod.ref.uid, node: candidate.row.name, placement: group.explain(heap, named) });
    place(candidate, pod);
    volumes?.place(pod, candidate);
    group.equals[best] = (group.equals[best] ?? 0) + 1;
    if (group.passes(group.changing, candidate)) heap.rescoreBest(group.scoreOf(best));
    else heap.removeBest();
  }
  if (bindings.length === pods.length) return { bindings };
  return {
    bindings,
    refused: { pods: pods.slice(bindings.length), refusal: group.refusal() },
  };
}

interface PreparedGroup {
  readonly every: readonly Refuse[];
  /** Those to ask again about a node after a placement on it. */
  readonly changing: readonly Refuse[];
  /** Counts the reasons of the first filter that refuses. */
  passes(asked: readonly Refuse[], candidate: Candidate): boolean;
  /** Pods of the group on each node, by its number. */
  readonly equals: Int32Array;
  scoreOf(node: number): number;
  explain(heap: NodeHeap, named: readonly number[]): Placement;
  refusal(): Refusal;
}

function prepareGroup({ snapshot, candidates, volumes, elsewhere }: EqualPods, model: PodRow): PreparedGroup {
  const every: Refuse[] = [];
  const changing: Refuse[] = [];
  for (const filter of filters) {
    const refuse = filter.prepare(model, snapshot);
    if (!refuse) continue;
    every.push(refuse);
    if (filter.changesWithPlacement) changing.push(refuse);
  }
  if (volumes) {
    every.push(volumes.refuse);
    changing.push(volumes.refuse);
  }
  const rates: PreparedScore[] = scores.flatMap(({ name, weight, prepare }) => {
    const rate = prepare(model);
    return rate ? [{ name, weight, rate }] : [];
  });
  const reasons = new Map<string, number>();
  if (elsewhere && elsewhere.count > 0) reasons.set(elsewhere.reason, elsewhere.count);
  const equals = new Int32Array(candidates.length);
  // Placements share one object of counts until a count changes.
  let counts: Readonly<Record<string, number>> | undefined;
  const counted = (): Readonly<Record<string, number>> => (counts ??= Object.fromEntries(reasons));
  const rated = ({ rate }: PreparedScore, node: number): number => {
    const candidate = candidates[node];
    return candidate ? rate(candidate, equals[node] ?? 0) : 0;
  };

  return {
    every,
    changing,
    equals,
    passes(asked, candidate) {
      for (const refuse of asked) {
        const refused = refuse(candidate);
        if (!refused) continue;
        for (const reason of refused) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        counts = undefined;
        return false;
      }
      return true;
    },
    scoreOf(node) {
      let sum = 0;
      for (const score of rates) sum += score.weight * rated(score, node);
      return sum;
    },
    explain: (heap, named) => ({
      candidates: heap.size,
      refused: counted(),
      scores: named.flatMap((node) => {
        const candidate = candidates[node];
        if (!candidate) return [];
        const parts = Object.fromEntries(rates.map((score) => [score.name, Math.round(rated(score, node))]));
        return [{ node: candidate.row.name, score: Math.round(heap.scoreOf(node)), parts }];
      }),
    }),
    refusal() {
      const nodes = candidates.length + (elsewhere?.count ?? 0);
      const message = refusalMessage(nodes, counted());
      return { nodes, refused: counted(), message: volumes?.note ? `${message} ${volumes.note}` : message };
    },
  };
}
