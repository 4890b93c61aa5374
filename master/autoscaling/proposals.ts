// What each metric of an autoscaler asks for: a number of replicas with its computation in words, or why there is none.
// Reasons and messages are Kubernetes' (k8s.io/kubernetes/pkg/controller/podautoscaler).

import {
  formatCpuMilli,
  matches,
  type MetricSubjectParts,
  parseQuantity,
  selectorFromObject,
} from "../../protocol/mod.ts";
import type { MetricReading } from "../figures/mod.ts";
import { sortPods } from "./measured-pods.ts";
import type { Proposal, Proposing } from "./proposal.ts";
import { replicasForShare, replicasForUsage, replicasForValue } from "./replicas-for-usage.ts";
import { proposeForResource, type Resource } from "./resource-proposals.ts";
import type { MetricSpec } from "./spec.ts";

export function propose(metric: MetricSpec, proposing: Proposing): Proposal {
  const { resource, containerResource, pods, object, external } = metric;
  if (resource) {
    const { name, target } = resource;
    return proposeForResource({ name: name as Resource, target }, proposing);
  }
  if (containerResource) {
    const { name, target, container } = containerResource;
    return proposeForResource({ name: name as Resource, target, container }, proposing);
  }
  if (pods) return proposeForPods(pods, proposing);
  if (object) return proposeForObject(object, proposing);
  if (external) return proposeForExternal(external, proposing);
  return refusal("InvalidMetricSourceType", `unknown metric source type ${JSON.stringify(metric.type)}`);
}

const refusal = (reason: string, why: string): Proposal => ({
  ok: false,
  reason,
  message: `the HPA was unable to compute the replica count: ${why}`,
});

type Identifier = NonNullable<MetricSpec["pods"]>["metric"];

/** The sum of the series that the metric's selector selects; undefined when there is none. */
function valueOf(
  { metric, ...where }: Omit<MetricSubjectParts, "metric"> & { readonly metric: Identifier },
  { measures }: Proposing,
): number | undefined {
  const selector = metric.selector && selectorFromObject(metric.selector);
  const selects = ({ labels }: MetricReading): boolean =>
    !selector || (selector.ok && matches(selector.value, labels));
  const series = measures.metric({ ...where, metric: metric.name }).filter(selects);
  return series.length === 0 ? undefined : series.reduce((sum, { milli }) => sum + milli, 0);
}

function proposeForPods(source: NonNullable<MetricSpec["pods"]>, proposing: Proposing): Proposal {
  const { namespace, target, tolerances, now } = proposing;
  const { metric } = source;
  const wanted = milliOf(source.target.averageValue);
  const failed = (why: string): Proposal =>
    refusal("FailedGetPodsMetric", `unable to get metric ${metric.name}: ${why}`);
  if (target.pods.length === 0) return failed("no pods returned by selector while calculating replica count");
  const read = (name: string): number | undefined =>
    valueOf({ namespace, kind: "Pod", name, metric }, proposing);
  const sorted = sortPods(
    target.pods,
    ({ ref }) => {
      const value = read(ref.name);
      return value === undefined ? undefined : { value };
    },
    now,
  );
  const { values } = sorted;
  if (values.size === 0) return failed("no figures of any pod were published (or the pods are not ready)");
  const replicas = replicasForUsage(sorted, {
    current: target.replicas,
    tolerances,
    ratio: (some) => mean(some) / wanted,
    assumed: () => wanted,
  });
  const average = formatCpuMilli(mean(values));
  return {
    ok: true,
    replicas,
    name: `pods metric ${metric.name}`,
    text: `${metric.name} ${average} of ${formatCpuMilli(wanted)} a pod`,
    status: { type: "Pods", pods: { metric, current: { averageValue: average } } },
  };
}

const mean = (values: ReadonlyMap<unknown, number>): number => {
  let sum = 0;
  for (const value of values.values()) sum += value;
  return sum / values.size;
};

function proposeForObject(source: NonNullable<MetricSpec["object"]>, proposing: Proposing): Proposal {
  const { metric, describedObject } = source;
  const { kind, name } = describedObject;
  const value = valueOf({ namespace: proposing.namespace, kind, name, metric }, proposing);
  if (value === undefined) {
    const why = `unable to get metric ${metric.name}: ${kind} on ${proposing.namespace} ${name}: no figure was published`;
    return refusal("FailedGetObjectMetric", why);
  }
  const figure = figureOf(value, source.target, proposing);
  return {
    ok: true,
    replicas: figure.replicas,
    name: `${kind} metric ${metric.name}`,
    text: `${metric.name} of ${kind} ${name} ${figure.text}`,
    status: { type: "Object", object: { metric, describedObject, current: figure.current } },
  };
}

function proposeForExternal(source: NonNullable<MetricSpec["external"]>, proposing: Proposing): Proposal {
  const { metric } = source;
  const value = valueOf({ namespace: proposing.namespace, metric }, proposing);
  if (value === undefined) {
    const why = `unable to get external metric ${proposing.namespace}/${metric.name}: no figure was published`;
    return refusal("FailedGetExternalMetric", why);
  }
  const figure = figureOf(value, source.target, proposing);
  return {
    ok: true,
    replicas: figure.replicas,
    name: `external metric ${metric.name}`,
    text: `${metric.name} ${figure.text}`,
    status: { type: "External", external: { metric, current: figure.current } },
  };
}

interface Figure {
  readonly replicas: number;
  readonly text: string;
  readonly current: { readonly value?: string; readonly averageValue?: string };
}

function figureOf(
  value: number,
  target: NonNullable<MetricSpec["external"]>["target"],
  { target: { replicas: current, present, pods }, tolerances }: Proposing,
): Figure {
  if (target.type === "AverageValue") {
    const wanted = milliOf(target.averageValue);
    const average = formatCpuMilli(Math.ceil(value / Math.max(1, present)));
    return {
      replicas: replicasForShare(value, { target: wanted, present: Math.max(1, present), tolerances }),
      text: `${average} of ${formatCpuMilli(wanted)} a pod`,
      current: { averageValue: average },
    };
  }
  const wanted = milliOf(target.value);
  const ready = pods.filter((row) => row.status.phase === "Running" && row.ready).length;
  return {
    replicas: replicasForValue(value / wanted, { ready, current, tolerances }),
    text: `${formatCpuMilli(value)} of ${formatCpuMilli(wanted)}`,
    current: { value: formatCpuMilli(value) },
  };
}

/** A stored quantity in thousandths. */
function milliOf(quantity: unknown): number {
  const parsed = parseQuantity(quantity);
  return parsed.ok ? Number(parsed.value.nano) / 1e6 : 0;
}
