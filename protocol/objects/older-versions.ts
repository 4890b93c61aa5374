// Older versions of a kind that manifests still use: taken as the present one, which is what is stored.

import type { KindInfo } from "./kinds.ts";
import { apiVersionOf } from "./kinds.ts";
import { isRecord } from "./structure.ts";

type Fields = Readonly<Record<string, unknown>>;
interface OlderVersion {
  readonly convert: (object: Fields) => Fields;
  /** What is said to whoever still uses it; nothing for versions that Kubernetes serves. */
  readonly warning?: string;
}

const older: Readonly<Record<string, OlderVersion>> = {
  "autoscaling/v1 HorizontalPodAutoscaler": { convert: autoscalerOfVersion1 },
  "autoscaling/v2beta2 HorizontalPodAutoscaler": {
    convert: (object) => object,
    warning: "autoscaling/v2beta2 is gone from Kubernetes; it is taken as autoscaling/v2",
  },
  "batch/v1beta1 CronJob": {
    convert: (object) => object,
    warning: "batch/v1beta1 is gone from Kubernetes; it is taken as batch/v1",
  },
  "policy/v1beta1 PodDisruptionBudget": {
    convert: budgetOfBeta,
    warning: "policy/v1beta1 is gone from Kubernetes; it is taken as policy/v1",
  },
};

/** True for the present version and for those that can be converted. */
export const acceptsVersion = (info: KindInfo, apiVersion: unknown): boolean =>
  apiVersion === apiVersionOf(info) || Object.hasOwn(older, `${String(apiVersion)} ${info.kind}`);

/** The object in its present version; one that has it already is answered as it is. */
export function inPresentVersion(
  object: Fields,
  info: KindInfo,
): { readonly object: Fields; readonly warnings: readonly string[] } {
  const found = older[`${String(object["apiVersion"])} ${info.kind}`];
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
