// Workloads in versions before apps/v1. What such a version takes for granted and apps/v1 does not is written out, so that
// the manifest means what it meant (k8s.io/kubernetes/pkg/apis/{extensions,apps}/*/defaults.go of Kubernetes 1.15).

import { isRecord } from "./structure.ts";

type Fields = Readonly<Record<string, unknown>>;

/** How those versions write that there is no bound. */
const unbounded = 2 ** 31 - 1;

const deploymentDefaults: Readonly<Record<string, Fields>> = {
  "extensions/v1beta1": { revisionHistoryLimit: unbounded, progressDeadlineSeconds: unbounded },
  "apps/v1beta1": { revisionHistoryLimit: 2 },
};

export function deploymentOfBeta(object: Fields): Fields {
  const version = String(object["apiVersion"]);
  const full = withDefaults(object, deploymentDefaults[version] ?? {});
  const { spec } = full;
  if (version !== "extensions/v1beta1" || !isRecord(spec)) return full;
  return { ...full, spec: { ...spec, strategy: strategyByPods(spec["strategy"]) } };
}

/** The first rolling updates went pod by pod, not by a quarter of them. */
function strategyByPods(value: unknown): Fields {
  const { type = "RollingUpdate", rollingUpdate, ...rest } = isRecord(value) ? value : {};
  if (type !== "RollingUpdate") return { type, ...rest };
  const given = isRecord(rollingUpdate) ? withoutNulls(rollingUpdate) : {};
  return { type, rollingUpdate: { maxSurge: 1, maxUnavailable: 1, ...given }, ...rest };
}

export const replicaSetOfBeta = (object: Fields): Fields => withDefaults(object, {});

export const statefulSetOfBeta = (object: Fields): Fields =>
  withDefaults(
    object,
    object["apiVersion"] === "apps/v1beta1" ? { updateStrategy: { type: "OnDelete" } } : {},
  );

export function daemonSetOfBeta(object: Fields): Fields {
  const onDelete = { updateStrategy: { type: "OnDelete" } };
  const full = withDefaults(object, object["apiVersion"] === "extensions/v1beta1" ? onDelete : {});
  if (!isRecord(full["spec"])) return full;
  // Counted by the cluster in those days.
  const { templateGeneration: _templateGeneration, ...spec } = full["spec"];
  return { ...full, spec };
}

/** Before apps/v1beta2 a workload chose its pods, and was labelled, by the labels of its template. */
function withDefaults(object: Fields, defaults: Fields): Fields {
  const { spec, apiVersion } = object;
  if (!isRecord(spec)) return object;
  const full = { ...defaults, ...withoutNulls(spec) };
  if (apiVersion === "apps/v1beta2") return { ...object, spec: full };
  const template = isRecord(spec["template"]) ? spec["template"] : {};
  const labels = isRecord(template["metadata"]) ? template["metadata"]["labels"] : undefined;
  if (!isRecord(labels)) return { ...object, spec: full };
  const metadata = isRecord(object["metadata"]) ? object["metadata"] : {};
  const labelled = isRecord(metadata["labels"]) && Object.keys(metadata["labels"]).length > 0;
  return {
    ...object,
    metadata: labelled ? metadata : { ...metadata, labels },
    spec: { ...full, selector: full["selector"] ?? { matchLabels: labels } },
  };
}

/** Nothing is what leaves a default in force. */
const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
