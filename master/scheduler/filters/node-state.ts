// Only nodes that are heard from get new pods; a suspected one keeps those it has.

import type { Filter } from "./filter.ts";

const reasons = ["node(s) were not ready"];

export const nodeState: Filter = {
  name: "node state",
  changesWithPlacement: false,
  prepare: () => (candidate) => (candidate.row.state === "Ready" ? undefined : reasons),
};
