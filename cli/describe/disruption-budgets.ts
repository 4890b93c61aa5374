// Pod disruption budgets as `berth describe` shows them.

import type { Stored } from "../../client/mod.ts";
import { selectorText } from "../printers/selector-text.ts";
import { conditionsField } from "./conditions.ts";
import { type Field, mapLines } from "./fields.ts";

export function disruptionBudgetFields(budget: Stored<"PodDisruptionBudget">): readonly Field[] {
  const { metadata, spec, status } = budget;
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = spec ?? {};
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Min available", minAvailable === undefined ? undefined : String(minAvailable)],
    ["Max unavailable", maxUnavailable === undefined ? undefined : String(maxUnavailable)],
    ["Unhealthy pod eviction", unhealthyPodEvictionPolicy],
    ["Selector", selectorText(spec?.selector)],
    [
      "Status",
      {
        part: [
          ["Allowed disruptions", String(status?.disruptionsAllowed ?? 0)],
          ["Current", String(status?.currentHealthy ?? 0)],
          ["Desired", String(status?.desiredHealthy ?? 0)],
          ["Total", String(status?.expectedPods ?? 0)],
        ],
      },
    ],
    ["Conditions", conditionsField(status?.conditions)],
  ];
}
