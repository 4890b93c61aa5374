// Which size each replica set of a deployment should have now. The rules are those of Kubernetes' deployment
// controller (rolling.go, sync.go), on counts that are never stale.

import {
  allSets,
  annotations,
  availableOf,
  replicasOf,
  type Rollout,
  type SetView,
  sumOf,
} from "./deployment-view.ts";

export interface Resize {
  readonly set: SetView;
  readonly replicas: number;
  readonly reason: string;
}

const isActive = (set: SetView): boolean => set.replicas > 0;

/** Size that the new replica set may have at once, given what is there. */
export function freshSize({ spec, wanted, bounds }: Rollout, present: number, total: number): number {
  if (spec.strategy?.type === "Recreate") return wanted;
  const room = Math.max(0, wanted + bounds.maxSurge - total);
  return present + Math.min(room, wanted - present);
}

/** The next step of a rolling update; nothing when it has to wait, or is done. */
export function rollingSteps(rollout: Rollout): readonly Resize[] {
  const { fresh } = rollout;
  if (!fresh) return [];
  const up = growFresh(rollout, fresh);
  return up ? [up] : shrinkOld(rollout, fresh);
}

function growFresh(rollout: Rollout, fresh: SetView): Resize | undefined {
  const { wanted } = rollout;
  const total = sumOf(allSets(rollout), replicasOf);
  const replicas = fresh.replicas > wanted ? wanted : freshSize(rollout, fresh.replicas, total);
  if (replicas === fresh.replicas) return undefined;
  const reason =
    rollout.old.some(isActive) && replicas > fresh.replicas
      ? `rolling update: scaled up to ${replicas} of ${wanted}`
      : `scaled ${replicas > fresh.replicas ? "up" : "down"} to ${replicas}`;
  return { set: fresh, replicas, reason };
}

function shrinkOld(rollout: Rollout, fresh: SetView): readonly Resize[] {
  const { wanted, bounds } = rollout;
  const old = rollout.old.filter(isActive);
  if (old.length === 0) return [];
  const least = wanted - bounds.maxUnavailable;
  const unavailable = fresh.replicas - availableOf(fresh);
  const spare = sumOf(old, replicasOf) + fresh.replicas - least - unavailable;
  if (spare <= 0) return [];
  // Pods that are not available go first: taking them away costs nothing.
  const sizes = new Map(old.map((set) => [set, set.replicas]));
  let left = spare;
  for (const set of old) {
    const taken = Math.min(left, set.replicas - availableOf(set));
    sizes.set(set, set.replicas - taken);
    left -= taken;
  }
  let surplus = sumOf([...old, fresh], availableOf) - least;
  for (const set of old) {
    const taken = Math.max(0, Math.min(surplus, sizes.get(set) ?? 0));
    sizes.set(set, (sizes.get(set) ?? 0) - taken);
    surplus -= taken;
  }
  return resized(sizes, (replicas) => `rolling update: scaled down to ${replicas}`);
}

function resized(
  sizes: ReadonlyMap<SetView, number>,
  reason: (replicas: number) => string,
): readonly Resize[] {
  return [...sizes]
    .filter(([set, replicas]) => replicas !== set.replicas)
    .map(([set, replicas]) => ({ set, replicas, reason: reason(replicas) }));
}

/** Recreate: first all old pods go, and only when the last one has ended the new ones come. */
export function recreateSteps({ old, fresh, wanted }: Rollout): readonly Resize[] | "wait" {
  const shrunk = old
    .filter(isActive)
    .map((set) => ({ set, replicas: 0, reason: "recreate: scaled down to 0" }));
  if (shrunk.length > 0) return shrunk;
  if (old.some(({ counts }) => counts.running > 0)) return "wait";
  if (!fresh || fresh.replicas === wanted) return [];
  return [{ set: fresh, replicas: wanted, reason: `recreate: scaled up to ${wanted}` }];
}

const noted = (set: SetView, annotation: string): number | undefined => {
  const text = set.row.value.metadata.annotations?.[annotation];
  return text === undefined ? undefined : Number(text);
};

/** The wanted number was changed since a replica set was sized by it. */
export const wasScaled = (rollout: Rollout): boolean =>
  allSets(rollout).some((set) => {
    const desired = isActive(set) ? noted(set, annotations.desired) : undefined;
    return desired !== undefined && desired !== rollout.wanted;
  });

/**
 * Sizes after the wanted number was changed: all of it for the only active set (or the newest, if none is), and in
 * the middle of a rolling update to each set in proportion to its size.
 */
export function scalingSteps(rollout: Rollout): readonly Resize[] {
  const { old, fresh, wanted, spec } = rollout;
  const reason = (replicas: number): string => `scaled to ${replicas}: ${wanted} replicas are wanted`;
  const active = allSets(rollout).filter(isActive);
  const single = active.length === 1 ? active[0] : active.length === 0 ? (fresh ?? old.at(-1)) : undefined;
  if (single) return [{ set: single, replicas: wanted, reason: reason(wanted) }];
  if (active.length === 0) return [];
  if (fresh && isSaturated(fresh, wanted)) {
    return resized(new Map(old.filter(isActive).map((set) => [set, 0])), reason);
  }
  if (spec.strategy?.type === "Recreate") return [];
  const sizes = proportionalSizes(rollout, active);
  // Sets that keep their size are among them: they note the number that they were sized by.
  return [...sizes].map(([set, replicas]) => ({ set, replicas, reason: reason(replicas) }));
}

const isSaturated = (fresh: SetView, wanted: number): boolean =>
  fresh.replicas === wanted &&
  noted(fresh, annotations.desired) === wanted &&
  fresh.counts.available >= wanted;

function proportionalSizes(
  { wanted, bounds }: Rollout,
  active: readonly SetView[],
): ReadonlyMap<SetView, number> {
  const allowed = wanted > 0 ? wanted + bounds.maxSurge : 0;
  const add = allowed - sumOf(active, replicasOf);
  // Larger sets first; of equals the newer one grows first and the older one shrinks first.
  const byAge = add > 0 ? active.toReversed() : active;
  const ordered = byAge.toSorted((left, right) => right.replicas - left.replicas);
  const sizes = new Map<SetView, number>();
  let added = 0;
  for (const set of ordered) {
    const share = add === 0 ? 0 : shareOf(set, { wanted, max: wanted + bounds.maxSurge, left: add - added });
    sizes.set(set, set.replicas + share);
    added += share;
  }
  const [largest] = ordered;
  if (largest) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + add - added));
  return sizes;
}

interface Share {
  readonly wanted: number;
  readonly max: number;
  readonly left: number;
}
function shareOf(set: SetView, { wanted, max, left }: Share): number {
  if (left === 0) return 0;
  const before = noted(set, annotations.max) ?? max;
  const fraction =
    wanted === 0 ? -set.replicas : Math.round((set.replicas * max) / Math.max(1, before)) - set.replicas;
  return left > 0 ? Math.max(0, Math.min(fraction, left)) : Math.min(0, Math.max(fraction, left));
}
