// `spec.nodeSelector` and the required part of `spec.affinity.nodeAffinity`: both must match the node's labels.

import { matches, type Selector } from "../../../protocol/mod.ts";
import { nodeAffinityMatcher } from "../../cluster/mod.ts";
import type { Filter } from "./filter.ts";

const reasons = ["node(s) didn't match Pod's node affinity/selector"];

export const nodeSelector: Filter = {
  name: "node selector",
  changesWithPlacement: false,
  prepare({ spec }) {
    const wanted: Selector = Object.entries(spec.nodeSelector ?? {}).map(([key, value]) => ({
      key,
      operator: "In",
      values: [value],
    }));
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (wanted.length === 0 && !required) return undefined;
    const affinity = required && nodeAffinityMatcher(required);
    return ({ row }) => {
      const labels = row.metadata.labels ?? {};
      return matches(wanted, labels) && (affinity?.(labels, row.name) ?? true) ? undefined : reasons;
    };
  },
};
