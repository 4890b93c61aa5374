// One look at one autoscaler: what the target should have, why, and what is worth writing down. Pure: figures,
// former recommendations and time come in; commands come out, none while nothing changes.
// Source: reconcileAutoscaler in k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go.

import { type CommandEnvelope, parseQuantity } from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow } from "../cluster/mod.ts";
import { limited, type Rules, rulesOf, stabilized } from "./behavior.ts";
import type { Said } from "./conditions.ts";
import { firstRecommendation, isHolding, type Memory, remembered } from "./memory.ts";
import type { Measures } from "./measures.ts";
import type { Proposal } from "./proposal.ts";
import { propose } from "./proposals.ts";
import { commandsFor, statusCommands, statusOf, type Verdict } from "./record.ts";
import type { Tolerances } from "./replicas-for-usage.ts";
import { type ScaleTarget, scaleTarget } from "./scale-target.ts";
import { type AutoscalerSpec, autoscalerSpecOf, autoscalerStatusOf, type MetricStatus } from "./spec.ts";

const defaultTolerance = 0.1;

export interface Looking {
  readonly measures: Measures;
  readonly now: number;
  /** Undefined at a leader's first look. */
  readonly memory: Memory | undefined;
}
export interface Look {
  readonly commands: readonly CommandEnvelope[];
  readonly memory: Memory;
}

export function autoscale(state: ClusterState, row: ObjectRow, looking: Looking): Look {
  const spec = autoscalerSpecOf(row.value);
  const memory = looking.memory ?? { recommendations: [] };
  const target = scaleTarget(state, row.ref.namespace ?? "", spec.scaleTargetRef);
  if (!target.ok) {
    const { message } = target.error;
    const said: Said = { type: "AbleToScale", status: false, reason: "FailedGetScale", message };
    const { currentReplicas = 0, desiredReplicas = 0 } = autoscalerStatusOf(row);
    const status = statusOf(
      row,
      { replicas: desiredReplicas, said: [said], metrics: [], memory },
      {
        present: currentReplicas,
        now: looking.now,
      },
    );
    return { commands: statusCommands(row, status), memory };
  }
  const verdict = judge(state, row, spec, { ...looking, target: target.value });
  return { commands: commandsFor(row, target.value, verdict, looking.now), memory: verdict.memory };
}

interface Judging extends Looking {
  readonly target: ScaleTarget;
}

const able: Said = {
  type: "AbleToScale",
  status: true,
  reason: "SucceededGetScale",
  message: "the HPA controller was able to get the target's current scale",
};

function judge(state: ClusterState, row: ObjectRow, spec: AutoscalerSpec, judging: Judging): Verdict {
  const { target, now } = judging;
  const { replicas: current } = target;
  const { minReplicas: min = 1, maxReplicas: max } = spec;
  const memory = judging.memory ?? firstRecommendation(row, current, rulesOf(spec), now);
  const kept = { memory, metrics: autoscalerStatusOf(row).currentMetrics ?? [] };
  if (current === 0) {
    const message = "scaling is disabled since the replica count of the target is zero";
    const off: Said = { type: "ScalingActive", status: false, reason: "ScalingDisabled", message };
    return { ...kept, replicas: 0, said: [able, off] };
  }
  const rival = rivalOf(state, row, spec);
  if (rival !== undefined) {
    const message = `the target is controlled by multiple HPAs: ${row.ref.name}, ${rival}`;
    const off: Said = { type: "ScalingActive", status: false, reason: "AmbiguousSelector", message };
    return { ...kept, replicas: current, said: [able, off] };
  }
  if (current > max) {
    return {
      ...kept,
      replicas: max,
      said: [able],
      because: "Current number of replicas above Spec.MaxReplicas",
    };
  }
  if (current < min) {
    return {
      ...kept,
      replicas: min,
      said: [able],
      because: "Current number of replicas below Spec.MinReplicas",
    };
  }
  return judgeByMetrics(row, spec, { ...judging, memory });
}

/** Two autoscalers of one target would pull it to and fro. */
function rivalOf(state: ClusterState, row: ObjectRow, spec: AutoscalerSpec): string | undefined {
  const { kind, name } = spec.scaleTargetRef;
  for (const other of state.objects(row.ref.kind, row.ref.namespace)) {
    if (other.ref.uid === row.ref.uid || other.deletion) continue;
    const { scaleTargetRef } = autoscalerSpecOf(other.value);
    if (scaleTargetRef.kind === kind && scaleTargetRef.name === name) return other.ref.name;
  }
  return undefined;
}

function judgeByMetrics(
  row: ObjectRow,
  spec: AutoscalerSpec,
  { target, measures, now, memory }: Judging & { readonly memory: Memory },
): Verdict {
  const current = target.replicas;
  const rules = rulesOf(spec);
  const proposing = {
    namespace: row.ref.namespace ?? "",
    target,
    measures,
    now,
    tolerances: tolerancesOf(rules),
  };
  const found = highest(
    (spec.metrics ?? []).map((metric) => propose(metric, proposing)),
    current,
  );
  if (!found.ok) {
    const { reason, message, metrics } = found;
    const off: Said = { type: "ScalingActive", status: false, reason, message };
    return { replicas: current, said: [able, off], metrics, memory };
  }
  const range = { min: spec.minReplicas ?? 1, max: spec.maxReplicas };
  const desired = found.replicas;
  const { recommendations } = memory;
  const steady = stabilized(desired, current, { rules, recommendations, now });
  const events = autoscalerStatusOf(row).scaled ?? [];
  const allowed = limited(steady, current, { rules, range, events, now });
  const unheld = limited(desired, current, { rules, range, events, now });
  const isHeld = allowed.replicas !== unheld.replicas;
  const scales = allowed.replicas !== current;
  const next = remembered(memory, { at: now, replicas: desired }, { rules, held: isHeld, scales });
  const held = !scales && isHolding(next, rules, now);
  const limit = allowed.reason === "DesiredWithinRange" ? "" : ` (${allowed.reason}: ${steady} were wanted)`;
  return {
    replicas: allowed.replicas,
    said: [
      held ? heldBack(desired, current, row) : ready,
      {
        type: "ScalingActive",
        status: true,
        reason: "ValidMetricFound",
        message: `the HPA was able to successfully calculate a replica count from ${found.name}`,
      },
      {
        type: "ScalingLimited",
        status: allowed.reason !== "DesiredWithinRange",
        reason: allowed.reason,
        message: limitTexts[allowed.reason],
      },
    ],
    metrics: found.metrics,
    memory: next,
    held,
    because: `${found.text}${limit}`,
  };
}

const ready: Said = {
  type: "AbleToScale",
  status: true,
  reason: "ReadyForNewScale",
  message: "recommended size matches current size",
};

/** Held back once, it stays said while the figures go to and fro. */
function heldBack(desired: number, current: number, row: ObjectRow): Said {
  const before = autoscalerStatusOf(row).conditions?.find(({ type }) => type === "AbleToScale")?.reason;
  const up = desired > current || (desired === current && before === "ScaleUpStabilized");
  return {
    type: "AbleToScale",
    status: true,
    reason: up ? "ScaleUpStabilized" : "ScaleDownStabilized",
    message: up
      ? "recent recommendations were lower than current one, applying the lowest recent recommendation"
      : "recent recommendations were higher than current one, applying the highest recent recommendation",
  };
}

const limitTexts = {
  DesiredWithinRange: "the desired count is within the acceptable range",
  ScaleUpLimit: "the desired replica count is increasing faster than the maximum scale rate",
  ScaleDownLimit: "the desired replica count is decreasing faster than the maximum scale rate",
  TooManyReplicas: "the desired replica count is more than the maximum replica count",
  TooFewReplicas: "the desired replica count is less than the minimum replica count",
} as const;

type Highest =
  | {
      readonly ok: true;
      readonly replicas: number;
      readonly name: string;
      readonly text: string;
      readonly metrics: readonly MetricStatus[];
    }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly message: string;
      readonly metrics: readonly MetricStatus[];
    };

/** The most that any metric asks for; while some metric can't be had nothing is taken away. */
function highest(proposals: readonly Proposal[], current: number): Highest {
  const valid = proposals.filter((each) => each.ok);
  const [failure] = proposals.filter((each) => !each.ok);
  const metrics = valid.map(({ status }) => status);
  let best = valid[0];
  for (const each of valid) if (best && each.replicas > best.replicas) best = each;
  if (best && (!failure || best.replicas >= current)) {
    const { replicas, name } = best;
    return { ok: true, replicas, name, text: textOf(valid, replicas), metrics };
  }
  const { reason = "FailedGetResourceMetric", message = "no metrics are asked for" } = failure ?? {};
  return { ok: false, reason, message, metrics };
}

/** The metric that decides first. */
function textOf(valid: readonly Extract<Proposal, { ok: true }>[], replicas: number): string {
  const deciding = valid.filter((each) => each.replicas === replicas);
  const others = valid.filter((each) => each.replicas !== replicas);
  return [...deciding, ...others].map(({ text }) => text).join(", ");
}

function tolerancesOf({ scaleUp, scaleDown }: Rules): Tolerances {
  const of = (quantity: unknown): number => {
    const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
    return parsed?.ok ? Number(parsed.value.nano) / 1e9 : defaultTolerance;
  };
  return { up: of(scaleUp.tolerance), down: of(scaleDown.tolerance) };
}
