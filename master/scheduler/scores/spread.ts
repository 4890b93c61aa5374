// Prefers nodes with fewer pods of the same group, so that one node's loss takes few equals with it.

import type { Score } from "./score.ts";

export const spread: Score = {
  name: "spread",
  weight: 2,
  prepare: () => (_candidate, equals) => 100 / (1 + equals),
};
