// CPU and memory that pods, or one container of each, use: of what they request, or on the average.

import { formatBytes, formatCpuMilli, parseBytes, parseCpuMilli, type Uid } from "../../protocol/mod.ts";
import type { PodRow } from "../cluster/mod.ts";
import { type Reading, sortPods } from "./measured-pods.ts";
import type { Proposal, Proposing } from "./proposal.ts";
import { replicasForUsage } from "./replicas-for-usage.ts";
import type { MetricSpec, MetricStatus } from "./spec.ts";

export type Resource = "cpu" | "memory";
type Values = ReadonlyMap<Uid, number>;

export interface ResourceMetric {
  readonly name: Resource;
  readonly target: NonNullable<MetricSpec["resource"]>["target"];
  /** Of every pod; without one all of its containers count. */
  readonly container?: string;
}

export function proposeForResource(metric: ResourceMetric, proposing: Proposing): Proposal {
  const { name, target: wanted, container } = metric;
  const { target, now } = proposing;
  const failed = (why: string): Proposal => ({
    ok: false,
    reason: container === undefined ? "FailedGetResourceMetric" : "FailedGetContainerResourceMetric",
    message: `the HPA was unable to compute the replica count: failed to get ${name} ${wanted.type === "Utilization" ? "utilization" : "usage"}: ${why}`,
  });
  if (target.pods.length === 0) return failed("no pods returned by selector while calculating replica count");
  const sorted = sortPods(target.pods, (row) => readingOf(row, metric, proposing), now);
  const { values } = sorted;
  if (values.size === 0) return failed("did not receive metrics for targeted pods (pods might be unready)");
  const rule = { current: target.replicas, tolerances: proposing.tolerances };
  const average = sumOf(values) / values.size;
  if (wanted.type === "AverageValue") {
    const parsed = name === "cpu" ? parseCpuMilli(wanted.averageValue) : parseBytes(wanted.averageValue);
    const amount = parsed.ok ? parsed.value : 0;
    return proposed(metric, {
      replicas: replicasForUsage(sorted, {
        ...rule,
        ratio: (some) => sumOf(some) / some.size / amount,
        assumed: () => amount,
      }),
      text: `${amountText(name, average)} of ${amountText(name, amount)} a pod`,
      current: { averageValue: amountText(name, average) },
    });
  }
  const requests = requestsOf(target.pods, metric);
  if (typeof requests === "string") return failed(requests);
  const percent = wanted.averageUtilization ?? 0;
  const utilization = (some: Values): number => {
    let asked = 0;
    for (const uid of some.keys()) asked += requests.get(uid) ?? 0;
    return Math.trunc((sumOf(some) * 100) / asked);
  };
  // A target above 100% must not be undone by pods without figures that count as less.
  const fallback = Math.max(100, percent) / 100;
  return proposed(metric, {
    replicas: replicasForUsage(sorted, {
      ...rule,
      ratio: (some) => utilization(some) / percent,
      assumed: (uid) => (requests.get(uid) ?? 0) * fallback,
    }),
    text: `${utilization(values)}% of ${percent}%`,
    current: { averageUtilization: utilization(values), averageValue: amountText(name, average) },
  });
}

function proposed(
  { name, container, target }: ResourceMetric,
  found: {
    readonly replicas: number;
    readonly text: string;
    readonly current: { readonly averageUtilization?: number; readonly averageValue: string };
  },
): Proposal {
  const { replicas, text, current } = found;
  const what = container === undefined ? "resource" : "container resource";
  const how = target.type === "Utilization" ? " utilization (percentage of request)" : "";
  const status: MetricStatus =
    container === undefined
      ? { type: "Resource", resource: { name, current } }
      : { type: "ContainerResource", containerResource: { name, container, current } };
  const where = container === undefined ? "" : ` of container ${container}`;
  return { ok: true, replicas, name: `${name} ${what}${how}`, text: `${name}${where} ${text}`, status };
}

/** Undefined unless every container that counts was measured: a part would look like less use than there is. */
function readingOf(
  row: PodRow,
  { name, container }: ResourceMetric,
  { measures }: Proposing,
): Reading | undefined {
  const measure = measures.pod(row);
  if (!measure) return undefined;
  const names = container === undefined ? row.spec.containers.map((each) => each.name) : [container];
  const measured = new Set(measure.containers.map((each) => each.name));
  if (!names.every((each) => measured.has(each))) return undefined;
  let value = 0;
  for (const each of measure.containers) {
    if (container !== undefined && each.name !== container) continue;
    value += name === "cpu" ? each.cpuMilli : each.memoryBytes;
  }
  return { value, ...(name === "cpu" && { cpu: measure }) };
}

/** What each pod requests, or which container requests nothing. Sidecars count as containers do. */
function requestsOf(
  pods: readonly PodRow[],
  { name, container }: ResourceMetric,
): ReadonlyMap<Uid, number> | string {
  const requests = new Map<Uid, number>();
  for (const { ref, spec } of pods) {
    const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
    let sum = 0;
    for (const each of [...sidecars, ...spec.containers]) {
      if (container !== undefined && each.name !== container) continue;
      const quantity = each.resources?.requests?.[name] ?? each.resources?.limits?.[name];
      const parsed = name === "cpu" ? parseCpuMilli(quantity) : parseBytes(quantity);
      if (quantity === undefined || !parsed.ok || parsed.value === 0) {
        return `missing request for ${name} in container ${each.name} of Pod ${ref.name}`;
      }
      sum += parsed.value;
    }
    if (sum === 0) return `container ${container ?? ""} not present in Pod ${ref.name}`;
    requests.set(ref.uid, sum);
  }
  return requests;
}

function sumOf(values: Values): number {
  let sum = 0;
  for (const value of values.values()) sum += value;
  return sum;
}

const amountText = (resource: Resource, amount: number): string =>
  resource === "cpu" ? formatCpuMilli(amount) : formatBytes(amount);
