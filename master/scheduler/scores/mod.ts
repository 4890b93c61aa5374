// Every score with its weight. Weights follow the defaults of Kubernetes' scheduler.

import { balancedAllocation } from "./balanced-allocation.ts";
import { leastAllocated } from "./least-allocated.ts";
import { preferredTaints } from "./preferred-taints.ts";
import type { Score } from "./score.ts";
import { spread } from "./spread.ts";

export type { Rate, Score } from "./score.ts";
export const scores: readonly Score[] = [leastAllocated, balancedAllocation, spread, preferredTaints];
