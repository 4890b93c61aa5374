// What of a look is written down: a change of the target, or news of the autoscaler's state. Figures alone are not:
// whoever reads is shown those of the moment.

import type { CommandEnvelope } from "../../protocol/mod.ts";
import { type ObjectRow, timestamp } from "../cluster/mod.ts";
import { keptEvents, rulesOf } from "./behavior.ts";
import { type Said, sameConditions, withConditions } from "./conditions.ts";
import { heldSince, type Memory } from "./memory.ts";
import type { ScaleTarget } from "./scale-target.ts";
import { autoscalerSpecOf, type AutoscalerStatus, autoscalerStatusOf, type MetricStatus } from "./spec.ts";

const by = "controller:horizontal-pod-autoscaler";

/** What is wanted of the target, and what is said about it. */
export interface Verdict {
  readonly replicas: number;
  readonly said: readonly Said[];
  readonly metrics: readonly MetricStatus[];
  readonly memory: Memory;
  /** Why there should be so many. */
  readonly because?: string;
  readonly held?: boolean;
}

export function commandsFor(
  row: ObjectRow,
  target: ScaleTarget,
  verdict: Verdict,
  now: number,
): readonly CommandEnvelope[] {
  const { replicas: from, present } = target;
  const { replicas: to } = verdict;
  if (to === from) return statusCommands(row, statusOf(row, verdict, { present, now }));
  const scaled: Said = {
    type: "AbleToScale",
    status: true,
    reason: "SucceededRescale",
    message: `the HPA controller was able to update the target scale to ${to}`,
  };
  const said = [...verdict.said, scaled];
  const status: AutoscalerStatus = {
    ...statusOf(row, { ...verdict, said, held: false }, { present, now }),
    lastScaleTime: timestamp(now),
    scaled: keptEvents(
      [...(autoscalerStatusOf(row).scaled ?? []), { at: new Date(now).toISOString(), from, to }],
      rulesOf(autoscalerSpecOf(row.value)),
      now,
    ),
  };
  const reason = `scaled ${from} -> ${to}: ${verdict.because ?? ""}`;
  const cause = status.specifiedBy ?? row.position;
  const command = {
    type: "Autoscale",
    autoscaler: row.ref,
    target: target.row.ref,
    from,
    to,
    status: { ...status },
    reason,
  } as const;
  return [{ by, cause, command }];
}

export function statusOf(
  row: ObjectRow,
  { replicas, said, metrics, held, memory }: Verdict,
  { present, now }: { readonly present: number; readonly now: number },
): AutoscalerStatus {
  const before = autoscalerStatusOf(row);
  const { held: _held, currentMetrics: _metrics, specifiedBy, observedGeneration, ...kept } = before;
  const { generation } = row.value.metadata;
  const rules = rulesOf(autoscalerSpecOf(row.value));
  const since = held ? heldSince(row, memory, rules, now) : undefined;
  return {
    ...kept,
    ...(generation !== undefined && { observedGeneration: generation }),
    // Before the first status of a generation, its spec is the last thing that happened to the autoscaler.
    specifiedBy: generation === observedGeneration ? (specifiedBy ?? row.position) : row.position,
    currentReplicas: present,
    desiredReplicas: replicas,
    ...(metrics.length > 0 && { currentMetrics: [...metrics] }),
    conditions: [...withConditions(before.conditions, said, now)],
    ...(since !== undefined && { held: { since } }),
  };
}

/** Nothing is written for figures alone: they are shown as they are when somebody looks. */
export function statusCommands(row: ObjectRow, status: AutoscalerStatus): readonly CommandEnvelope[] {
  const before = autoscalerStatusOf(row);
  const same =
    before.observedGeneration === status.observedGeneration &&
    before.desiredReplicas === status.desiredReplicas &&
    before.held?.since === status.held?.since &&
    sameConditions(before.conditions, status.conditions);
  if (same) return [];
  return [
    {
      by,
      cause: status.specifiedBy ?? row.position,
      command: { type: "UpdateStatus", object: row.ref, status: { ...status } },
    },
  ];
}
