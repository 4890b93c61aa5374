// Nodes that were cordoned take no new pods, except those that tolerate the taint which stands for it
// (source: Kubernetes, the NodeUnschedulable plugin).

import type { Taint } from "../../../protocol/mod.ts";
import { tolerates } from "../../cluster/mod.ts";
import type { Filter } from "./filter.ts";

const reasons = ["node(s) were unschedulable"];
const cordonTaint: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

export const cordon: Filter = {
  name: "cordon",
  changesWithPlacement: false,
  prepare: (pod) =>
    tolerates(pod.spec.tolerations, cordonTaint)
      ? undefined
      : (candidate) => (candidate.row.unschedulable ? reasons : undefined),
};
