// A pod that names its node goes there or nowhere.

import type { Filter } from "./filter.ts";

const reasons = ["node(s) didn't match the requested node name"];

export const nodeName: Filter = {
  name: "node name",
  changesWithPlacement: false,
  prepare: ({ spec }) =>
    spec.nodeName ? (candidate) => (candidate.row.name === spec.nodeName ? undefined : reasons) : undefined,
};
