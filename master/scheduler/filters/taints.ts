// Taints with NoSchedule or NoExecute keep out pods that do not tolerate them. The reason names the first
// such taint (source: Kubernetes, the TaintToleration plugin).

import { type PodSpec, qosClassOf, type Taint } from "../../../protocol/mod.ts";
import { tolerates } from "../../cluster/mod.ts";
import type { Filter } from "./filter.ts";

export const taints: Filter = {
  name: "taints",
  changesWithPlacement: false,
  prepare:
    ({ spec }) =>
    (candidate) => {
      const refused = candidate.row.taints.find(
        (taint) =>
          taint.effect !== "PreferNoSchedule" && !tolerates(spec.tolerations, taint) && !bears(spec, taint),
      );
      return refused && [`node(s) had untolerated taint {${refused.key}: ${refused.value ?? ""}}`];
    },
};

/** Pods that say how much memory they need may come to a node that is short of it: they will not be the first to go. */
const bears = (spec: PodSpec, { key, effect }: Taint): boolean =>
  key === "node.kubernetes.io/memory-pressure" &&
  effect === "NoSchedule" &&
  qosClassOf(spec) !== "BestEffort";
