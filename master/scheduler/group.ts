// Plans one group of equal pods: filters and scores every node once, then places pod after pod on the best node,
// asking again only the node that was just used.

import type { Placement, Refusal } from "../../protocol/mod.ts";
import type { Binding, PodRow, SchedulingSnapshot } from "../cluster/contract.ts";
import { type Candidate, place } from "./candidate.ts";
import { filters, type Refuse } from "./filters/mod.ts";
import { bestOf, type HeapEntry, heapify, removeBest, settleBest } from "./node-heap.ts";
import { refusalMessage } from "./refusal-message.ts";
import { type Rate, scores } from "./scores/mod.ts";

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

export function planGroup(
  snapshot: SchedulingSnapshot,
  candidates: readonly Candidate[],
  pods: readonly PodRow[],
): GroupPlan {
  const [model] = pods;
  if (!model) return { bindings: [] };
  const group = prepareGroup(snapshot, model);
  const heap: HeapEntry[] = [];
  for (const candidate of candidates) {
    if (!group.passes(group.every, candidate)) continue;
    const equals = snapshot.groupCount(model.group, candidate.row.name);
    heap.push({ candidate, rank: candidate.rank, equals, score: group.scoreOf(candidate, equals) });
  }
  heapify(heap);

  const bindings: Binding[] = [];
  for (const pod of pods) {
    const best = heap[0];
    if (!best) break;
    const named = bindings.length < detailedPlacements ? bestOf(heap, topScores) : [best];
    bindings.push({ pod: pod.ref.uid, node: best.candidate.row.name, placement: group.explain(heap, named) });
    place(best.candidate, pod);
    best.equals++;
    if (group.passes(group.changing, best.candidate)) {
      best.score = group.scoreOf(best.candidate, best.equals);
      settleBest(heap);
    } else {
      removeBest(heap);
    }
  }
  if (bindings.length === pods.length) return { bindings };
  return {
    bindings,
    refused: { pods: pods.slice(bindings.length), refusal: group.refusal(candidates.length) },
  };
}

interface PreparedGroup {
  readonly every: readonly Refuse[];
  /** Those to ask again about a node after a placement on it. */
  readonly changing: readonly Refuse[];
  /** Counts the reasons of the first filter that refuses. */
  passes(asked: readonly Refuse[], candidate: Candidate): boolean;
  scoreOf(candidate: Candidate, equals: number): number;
  explain(heap: readonly HeapEntry[], named: readonly HeapEntry[]): Placement;
  refusal(nodes: number): Refusal;
}

function prepareGroup(snapshot: SchedulingSnapshot, model: PodRow): PreparedGroup {
  const every: Refuse[] = [];
  const changing: Refuse[] = [];
  for (const filter of filters) {
    const refuse = filter.prepare(model, snapshot);
    if (!refuse) continue;
    every.push(refuse);
    if (filter.changesWithPlacement) changing.push(refuse);
  }
  const rates: PreparedScore[] = scores.flatMap(({ name, weight, prepare }) => {
    const rate = prepare(model);
    return rate ? [{ name, weight, rate }] : [];
  });
  const reasons = new Map<string, number>();
  // Placements share one object of counts until a count changes.
  let counts: Readonly<Record<string, number>> | undefined;
  const counted = (): Readonly<Record<string, number>> => (counts ??= Object.fromEntries(reasons));

  return {
    every,
    changing,
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
    scoreOf(candidate, equals) {
      let sum = 0;
      for (const { weight, rate } of rates) sum += weight * rate(candidate, equals);
      return sum;
    },
    explain: (heap, named) => ({
      candidates: heap.length,
      refused: counted(),
      scores: named.map(({ candidate, score, equals }) => ({
        node: candidate.row.name,
        score: Math.round(score),
        parts: Object.fromEntries(rates.map(({ name, rate }) => [name, Math.round(rate(candidate, equals))])),
      })),
    }),
    refusal: (nodes) => ({ nodes, refused: counted(), message: refusalMessage(nodes, counted()) }),
  };
}
