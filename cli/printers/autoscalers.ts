// Columns of autoscalers, with their metrics as kubectl writes them: `cpu: 12%/80%`.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { type Column, none } from "./column.ts";

type Autoscaler = Stored<"HorizontalPodAutoscaler">;
type Metric = NonNullable<NonNullable<Autoscaler["spec"]>["metrics"]>[number];
type MetricStatus = NonNullable<NonNullable<Autoscaler["status"]>["currentMetrics"]>[number];

/** Metrics beyond these are counted. */
const shownMetrics = 2;
const unknown = "<unknown>";

export const autoscalerColumns: readonly Column<Autoscaler>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "REFERENCE", value: referenceText },
  { title: "TARGETS", value: targetsText },
  { title: "MINPODS", value: ({ spec }) => String(spec?.minReplicas ?? "<unset>") },
  { title: "MAXPODS", value: ({ spec }) => String(spec?.maxReplicas ?? "") },
  { title: "REPLICAS", value: ({ status }) => String(status?.currentReplicas ?? 0) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];

export function referenceText({ spec }: Autoscaler): string {
  return spec ? `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}` : none;
}

function targetsText({ spec, status }: Autoscaler): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return none;
  const texts = metrics.map((metric) => {
    const { name, current, target } = metricTexts(metric, status?.currentMetrics ?? []);
    return `${name === undefined ? "" : `${name}: `}${current}/${target}`;
  });
  const shown = texts.slice(0, shownMetrics).join(", ");
  return texts.length > shownMetrics ? `${shown} + ${texts.length - shownMetrics} more...` : shown;
}

export interface MetricTexts {
  /** Of a resource; kubectl shows other metrics without. */
  readonly name?: string;
  /** In words, for `describe`. */
  readonly title: string;
  readonly current: string;
  readonly target: string;
}

/** A metric's target, and its present figure among those of the status. */
export function metricTexts(metric: Metric, statuses: readonly MetricStatus[]): MetricTexts {
  const { resource, containerResource, pods, object, external } = metric;
  if (resource) {
    const { name, target } = resource;
    const found = statuses.find((status) => status.resource?.name === name)?.resource?.current;
    return { ...valueTexts(target, found), name, title: `resource ${name} on pods${ofRequest(target.type)}` };
  }
  if (containerResource) {
    const { name, container, target } = containerResource;
    const found = statuses.find(
      ({ containerResource: one }) => one?.name === name && one.container === container,
    )?.containerResource?.current;
    const title = `resource ${name} of container "${container}" on pods${ofRequest(target.type)}`;
    return { ...valueTexts(target, found), name, title };
  }
  if (pods) {
    const { name } = pods.metric;
    const found = statuses.find((status) => status.pods?.metric.name === name)?.pods?.current;
    return { ...valueTexts(pods.target, found), title: `"${name}" on pods` };
  }
  if (object) {
    const { name } = object.metric;
    const { kind, name: of } = object.describedObject;
    const found = statuses.find(
      ({ object: one }) => one?.metric.name === name && one.describedObject.name === of,
    )?.object?.current;
    return { ...valueTexts(object.target, found), title: `"${name}" on ${kind}/${of}` };
  }
  const name = external?.metric.name ?? "";
  const found = statuses.find((status) => status.external?.metric.name === name)?.external?.current;
  return { ...valueTexts(external?.target, found), title: `"${name}" (external)` };
}

const ofRequest = (type: string): string => (type === "Utilization" ? " (as a percentage of request)" : "");

type Target = NonNullable<Metric["pods"]>["target"];
type Current = NonNullable<MetricStatus["pods"]>["current"];

function valueTexts(
  target: Target | undefined,
  current: Current | undefined,
): { readonly current: string; readonly target: string } {
  const percent = (value: number | undefined): string => (value === undefined ? unknown : `${value}%`);
  const text = (value: string | number | undefined): string =>
    value === undefined ? unknown : String(value);
  if (target?.type === "Utilization") {
    return { current: percent(current?.averageUtilization), target: percent(target.averageUtilization) };
  }
  if (target?.type === "Value") return { current: text(current?.value), target: text(target.value) };
  return { current: text(current?.averageValue), target: `${text(target?.averageValue)} (avg)` };
}
