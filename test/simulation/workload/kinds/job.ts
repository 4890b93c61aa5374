// Jobs: pods that are to end well so many times, by number or by index.

import type { ObjectRow } from "../../../../master/cluster/contract.ts";
import { finalCondition, jobDueAt, jobSpecOf, jobStatusOf } from "../../../../master/cluster/mod.ts";
import { failingExitCode } from "../../cluster/programs.ts";
import type { SimCluster } from "../../cluster/sim-cluster.ts";
import type { Draw } from "../../engine/draw.ts";
import { excuseOf } from "../../excuses.ts";
import { drawWorker, podTemplate } from "../pods.ts";
import { leadersNow, living, metadataOf, type SimulatedKind } from "./kind.ts";

const failurePolicies = [
  { action: "FailJob", onExitCodes: { operator: "In", values: [failingExitCode] } },
  { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
] as const;

/** Fields of a job that may be changed later are drawn in `edit`. */
export function jobSpec(draw: Draw, app: string): object {
  const worker = drawWorker(draw);
  const indexed = draw.chance(0.4);
  const policy =
    worker.restartPolicy === "Never" && draw.chance(0.3) ? draw.pick(failurePolicies) : undefined;
  return {
    parallelism: draw.spread(1, 5),
    ...((indexed || draw.chance(0.75)) && { completions: draw.spread(1, 8) }),
    ...(indexed && { completionMode: "Indexed" }),
    ...(indexed && draw.chance(0.3)
      ? { backoffLimitPerIndex: draw.below(2) }
      : { backoffLimit: draw.below(4) }),
    ...(indexed && draw.chance(0.2) && { successPolicy: { rules: [{ succeededCount: 1 }] } }),
    ...(draw.chance(0.2) && { activeDeadlineSeconds: draw.between(5, 60) }),
    ...(draw.chance(0.3) && { ttlSecondsAfterFinished: draw.pick([0, 5, 30]) }),
    ...(draw.chance(0.15) && { suspend: true }),
    ...(worker.restartPolicy === "Never" && draw.chance(0.3) && { podReplacementPolicy: "Failed" }),
    ...(policy && { podFailurePolicy: { rules: [policy] }, podReplacementPolicy: "Failed" }),
    template: podTemplate(app, worker),
  };
}

function* owes(row: ObjectRow, cluster: SimCluster): Generator<string> {
  const spec = jobSpecOf(row.value);
  const status = jobStatusOf(row);
  const pods = living(cluster, row);
  const final = finalCondition(status);
  if (final || spec.suspend) {
    if (pods.length > 0) yield `has ${pods.length} pods at work, and should have none`;
    if (final && jobDueAt(row) !== undefined) yield "waits for the end of its time";
    if ((status.active ?? 0) > 0) yield `tells of ${status.active} active pods`;
    return;
  }
  const due = jobDueAt(row);
  if (due !== undefined && due > leadersNow(cluster)) yield "waits for its deadline, or to try again";
  if (spec.parallelism === 0) return;
  const waits = pods.some((pod) => excuseOf(cluster, pod) !== undefined);
  if (!waits) yield `has not ended: ${status.succeeded ?? 0} succeeded, ${pods.length} at work`;
}

export const job: SimulatedKind = {
  kind: "Job",
  weight: 4,
  manifest: (draw, place) => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadataOf(place),
    spec: jobSpec(draw, place.name),
  }),
  edit: (draw) => ({
    spec: draw.weighted<object>([
      [3, { parallelism: draw.below(6) }],
      [3, { suspend: true }],
      [4, { suspend: false }],
    ]),
  }),
  owes,
};
