// Taints with NoSchedule or NoExecute keep out pods that do not tolerate them. The reason names the first
// such taint (source: Kubernetes, the TaintToleration plugin).

import { tolerates } from "../tolerations.ts";
import type { Filter } from "./filter.ts";

export const taints: Filter = {
  name: "taints",
  changesWithPlacement: false,
  prepare:
    ({ spec }) =>
    (candidate) => {
      const refused = candidate.row.taints.find(
        (taint) => taint.effect !== "PreferNoSchedule" && !tolerates(spec.tolerations, taint),
      );
      return refused && [`node(s) had untolerated taint {${refused.key}: ${refused.value ?? ""}}`];
    },
};
