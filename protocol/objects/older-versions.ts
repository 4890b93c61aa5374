// Older versions of a kind that manifests still use: taken as the present one, which is what is stored.

import type { KindInfo } from "./kinds.ts";
import { apiVersionOf } from "./kinds.ts";
import { daemonSetOfBeta, deploymentOfBeta, replicaSetOfBeta, statefulSetOfBeta } from "./older-workloads.ts";
import { isRecord } from "./structure.ts";

type Fields = Readonly<Record<string, unknown>>;
interface OlderVersion {
  readonly convert: (object: Fields) => Fields;
  /** What is said to whoever still uses it; nothing for versions that Kubernetes serves. */
  readonly warning?: string;
}

const asItIs = (object: Fields): Fields => object;

/** By kind: its older versions, and how each becomes the present one. */
const converters: Readonly<Record<string, Readonly<Record<string, OlderVersion["convert"]>>>> = {
  HorizontalPodAutoscaler: {
    "autoscaling/v1": autoscalerOfVersion1,
    "autoscaling/v2beta1": autoscalerOfBeta1,
    "autoscaling/v2beta2": asItIs,
  },
  CronJob: { "batch/v1beta1": asItIs, "batch/v2alpha1": asItIs },
  PodDisruptionBudget: { "policy/v1beta1": budgetOfBeta },
  Deployment: {
    "apps/v1beta1": deploymentOfBeta,
    "apps/v1beta2": deploymentOfBeta,
    "extensions/v1beta1": deploymentOfBeta,
  },
  ReplicaSet: { "apps/v1beta2": replicaSetOfBeta, "extensions/v1beta1": replicaSetOfBeta },
  DaemonSet: { "apps/v1beta2": daemonSetOfBeta, "extensions/v1beta1": daemonSetOfBeta },
  StatefulSet: { "apps/v1beta1": statefulSetOfBeta, "apps/v1beta2": statefulSetOfBeta },
  PriorityClass: { "scheduling.k8s.io/v1alpha1": asItIs, "scheduling.k8s.io/v1beta1": asItIs },
  StorageClass: { "storage.k8s.io/v1beta1": asItIs },
};
/** Kubernetes itself still serves them. */
const served = new Set(["autoscaling/v1"]);

function olderVersion(info: KindInfo, apiVersion: unknown): OlderVersion | undefined {
  const versions = converters[info.kind];
  const version = String(apiVersion);
  const convert = versions && Object.hasOwn(versions, version) ? versions[version] : undefined;
  if (!convert) return undefined;
  const warning = `${version} is gone from Kubernetes; it is taken as ${apiVersionOf(info)}`;
  return served.has(version) ? { convert } : { convert, warning };
}

/** Of a kind, as manifests name them. */
export const olderVersionsOf = (kind: string): readonly string[] => Object.keys(converters[kind] ?? {});

/** True for the present version and for those that can be converted. */
export const acceptsVersion = (info: KindInfo, apiVersion: unknown): boolean =>
  apiVersion === apiVersionOf(info) || olderVersion(info, apiVersion) !== undefined;

/** The object in its present version; one that has it already is answered as it is. */
export function inPresentVersion(
  object: Fields,
  info: KindInfo,
): { readonly object: Fields; readonly warnings: readonly string[] } {
  const found = olderVersion(info, object["apiVersion"]);
  if (!found) return { object, warnings: [] };
  const { convert, warning } = found;
  return {
    object: { ...convert(object), apiVersion: apiVersionOf(info) },
    warnings: warning === undefined ? [] : [warning],
  };
}

/** Version 1 knows a target for CPU alone (k8s.io/kubernetes/pkg/apis/autoscaling/v1/conversion.go). */
function autoscalerOfVersion1(object: Fields): Fields {
  const { spec } = object;
  if (!isRecord(spec)) return object;
  const { targetCPUUtilizationPercentage: averageUtilization, ...rest } = spec;
  if (averageUtilization === undefined || averageUtilization === null) return { ...object, spec: rest };
  const target = { type: "Utilization", averageUtilization };
  return { ...object, spec: { ...rest, metrics: [{ type: "Resource", resource: { name: "cpu", target } }] } };
}

/** The first beta wrote the targets of metrics beside them. */
function autoscalerOfBeta1(object: Fields): Fields {
  const { spec } = object;
  if (!isRecord(spec) || !Array.isArray(spec["metrics"])) return object;
  const metrics = spec["metrics"].map((metric: unknown) =>
    isRecord(metric) ? metricOfBeta1(metric) : metric,
  );
  return { ...object, spec: { ...spec, metrics } };
}

function metricOfBeta1(metric: Fields): Fields {
  const converted = Object.entries(metric).map(([source, value]) => [
    source,
    source !== "type" && isRecord(value) ? metricSourceOfBeta1(value) : value,
  ]);
  return Object.fromEntries(converted) as Fields;
}

/** `target` of an object metric named the object; the number is `targetValue`, for all kinds of metric alike. */
function metricSourceOfBeta1(source: Fields): Fields {
  const { metricName, metricSelector, selector, targetAverageUtilization, targetAverageValue, ...rest } =
    source;
  const { targetValue, averageValue, target: describedObject, ...kept } = rest;
  const labels = metricSelector ?? selector;
  const average = targetAverageValue ?? averageValue;
  return {
    ...kept,
    ...(describedObject !== undefined && { describedObject }),
    ...(metricName !== undefined && {
      metric: { name: metricName, ...(labels !== undefined && { selector: labels }) },
    }),
    target: targetOfBeta1(targetAverageUtilization, average, targetValue),
  };
}

function targetOfBeta1(averageUtilization: unknown, averageValue: unknown, value: unknown): Fields {
  if (averageUtilization !== undefined) return { type: "Utilization", averageUtilization };
  return averageValue === undefined ? { type: "Value", value } : { type: "AverageValue", averageValue };
}

/** In the beta an empty selector chooses no pod, as none does in version 1, where an empty one chooses all. */
function budgetOfBeta(object: Fields): Fields {
  const { spec } = object;
  if (!isRecord(spec) || !isRecord(spec["selector"])) return object;
  const { selector, ...rest } = spec;
  const choosing = Object.values(selector as Fields).some(
    (part) => (Array.isArray(part) || isRecord(part)) && Object.keys(part).length > 0,
  );
  return choosing ? object : { ...object, spec: rest };
}
