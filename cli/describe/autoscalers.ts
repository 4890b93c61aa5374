// An autoscaler as `berth describe` shows it: its metrics now, how it may behave, and what it says of itself.

import type { Stored } from "../../client/mod.ts";
import { behaviorDefaults, type ScalingRules } from "../../protocol/mod.ts";
import { metricTexts, referenceText } from "../printers/autoscalers.ts";
import { conditionsField } from "./conditions.ts";
import { type Field, mapLines, timeText } from "./fields.ts";

export function autoscalerFields(autoscaler: Stored<"HorizontalPodAutoscaler">): readonly Field[] {
  const { metadata, spec, status } = autoscaler;
  const behavior = spec?.behavior && behaviorDefaults(spec.behavior);
  const metrics = (spec?.metrics ?? []).map((metric): Field => {
    const { title, current, target } = metricTexts(metric, status?.currentMetrics ?? []);
    return [title, `${current} / ${target}`];
  });
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Reference", referenceText(autoscaler)],
    ["Metrics (current / target)", { part: metrics }],
    ["Min replicas", String(spec?.minReplicas ?? "<unset>")],
    ["Max replicas", String(spec?.maxReplicas ?? "")],
    [
      "Behavior",
      behavior && {
        part: [
          ["Scale Up", { part: rulesFields(behavior.scaleUp) }],
          ["Scale Down", { part: rulesFields(behavior.scaleDown) }],
        ],
      },
    ],
    [
      `${spec?.scaleTargetRef.kind ?? "Target"} pods`,
      `${status?.currentReplicas ?? 0} current / ${status?.desiredReplicas ?? 0} desired`,
    ],
    ["Last scaled", timeText(status?.lastScaleTime)],
    ["Conditions", conditionsField(status?.conditions)],
  ];
}

const rulesFields = (rules: ScalingRules): readonly Field[] => [
  ["Stabilization Window", `${rules.stabilizationWindowSeconds ?? 0} seconds`],
  ["Select Policy", rules.selectPolicy ?? "Max"],
  [
    "Policies",
    (rules.policies ?? []).map(
      ({ type, value, periodSeconds }) => `${value} ${type} in ${periodSeconds} seconds`,
    ),
  ],
  ["Tolerance", rules.tolerance === undefined ? undefined : String(rules.tolerance)],
];
