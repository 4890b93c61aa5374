// Fills in what Kubernetes fills in (source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go). Idempotent; the
// input is not changed. Templates get the pods' defaults as well, because pods share their template's spec.

import type {
  ApiObject,
  Container,
  EphemeralContainer,
  PodSpec,
  PodTemplateSpec,
  Probe,
  Service,
  Volume,
} from "./object.ts";
import { autoscalerSpecDefaults } from "./defaults-autoscaling.ts";
import { daemonSetSpecDefaults, deploymentSpecDefaults } from "./defaults-workloads.ts";
import { cronJobSpecDefaults, jobSpecDefaults, statefulSetSpecDefaults } from "./defaults-jobs.ts";
import { claimSpecDefaults, storageClassDefaults, volumeSpecDefaults } from "./defaults-storage.ts";
import { kindInfo } from "./kinds.ts";
import { isKind } from "./typed.ts";

export const defaultNamespace = "default";
export const defaultAffinitySeconds = 10_800;

/** The object with every default filled in. Its shape must have been checked (`admit`). */
export function applyDefaults(object: ApiObject): ApiObject {
  const named = withNamespace(object);
  if (isKind(named, "Pod")) return named.spec ? { ...named, spec: podSpecDefaults(named.spec) } : named;
  if (isKind(named, "ReplicationController")) return replicationDefaults(named, true);
  if (isKind(named, "ReplicaSet")) return replicationDefaults(named, false);
  if (isKind(named, "Deployment") && named.spec) {
    return { ...named, spec: deploymentSpecDefaults(named.spec, podTemplateDefaults) };
  }
  if (isKind(named, "DaemonSet") && named.spec) {
    return { ...named, spec: daemonSetSpecDefaults(named.spec, podTemplateDefaults) };
  }
  if (isKind(named, "StatefulSet") && named.spec) {
    return { ...named, spec: statefulSetSpecDefaults(named.spec, podTemplateDefaults) };
  }
  if (isKind(named, "Job") && named.spec) {
    return { ...named, spec: jobSpecDefaults(named.spec, podTemplateDefaults) };
  }
  if (isKind(named, "CronJob") && named.spec?.jobTemplate) {
    return { ...named, spec: cronJobSpecDefaults(named.spec, podTemplateDefaults) };
  }
  if (isKind(named, "HorizontalPodAutoscaler") && named.spec) {
    return { ...named, spec: autoscalerSpecDefaults(named.spec) };
  }
  if (isKind(named, "Service")) return serviceDefaults(named);
  if (isKind(named, "Namespace")) return namespaceDefaults(named);
  if (isKind(named, "PersistentVolume") && named.spec) {
    return { ...named, spec: volumeSpecDefaults(named.spec) };
  }
  if (isKind(named, "PersistentVolumeClaim") && named.spec) {
    return { ...named, spec: claimSpecDefaults(named.spec) };
  }
  if (isKind(named, "StorageClass")) return storageClassDefaults(named);
  if (isKind(named, "Secret")) return { ...named, type: named.type || "Opaque" };
  if (isKind(named, "PriorityClass")) return { preemptionPolicy: "PreemptLowerPriority", ...named };
  if (isKind(named, "Endpoints") && named.subsets) {
    const subsets = named.subsets.map((subset) => ({
      ...subset,
      ...(subset.ports && { ports: subset.ports.map((port) => ({ protocol: "TCP" as const, ...port })) }),
    }));
    return { ...named, subsets };
  }
  return named;
}

function withNamespace(object: ApiObject): ApiObject {
  if (!kindInfo(object.kind)?.namespaced || object.metadata.namespace) return object;
  return { ...object, metadata: { ...object.metadata, namespace: defaultNamespace } };
}

/** The label that Kubernetes gives every namespace, so that selectors can name it. */
function namespaceDefaults(object: ApiObject): ApiObject {
  const { name, labels } = object.metadata;
  if (!name) return object;
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...labels, "kubernetes.io/metadata.name": name } },
  };
}

interface ReplicationShape {
  readonly replicas?: number;
  readonly selector?: unknown;
  readonly template?: PodTemplateSpec;
}
/** `byTemplate`: its template's labels are its own and its selector where these are missing, as controllers have it. */
function replicationDefaults(
  object: ApiObject & { readonly spec?: ReplicationShape },
  byTemplate: boolean,
): ApiObject {
  const { metadata, spec } = object;
  if (!spec) return object;
  const labels = spec.template?.metadata?.labels;
  const isEmpty = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0;
  const selector = object.spec?.selector;
  const noSelector =
    selector === undefined || (typeof selector === "object" && selector !== null && isEmpty(selector));
  const labelled = byTemplate && isEmpty(metadata.labels) && labels && !isEmpty(labels);
  return {
    ...object,
    metadata: labelled ? { ...metadata, labels } : metadata,
    spec: {
      replicas: 1,
      ...spec,
      ...(byTemplate && noSelector && labels && { selector: labels }),
      ...(spec.template && { template: podTemplateDefaults(spec.template) }),
    },
  };
}

export const podTemplateDefaults = (template: PodTemplateSpec): PodTemplateSpec =>
  template.spec ? { ...template, spec: podSpecDefaults(template.spec) } : template;

export function podSpecDefaults(spec: PodSpec): PodSpec {
  const container = (item: Container): Container => containerDefaults(item, spec.hostNetwork === true);
  return {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    enableServiceLinks: true,
    securityContext: {},
    ...spec,
    containers: spec.containers.map(container),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(container) }),
    ...(spec.ephemeralContainers && { ephemeralContainers: spec.ephemeralContainers.map(ephemeralDefaults) }),
    ...(spec.volumes && { volumes: spec.volumes.map(volumeDefaults) }),
  };
}

/** As any container, but for resources, which it has none of. */
function ephemeralDefaults(container: EphemeralContainer): EphemeralContainer {
  const { resources: _none, ...rest } = containerDefaults(container, false);
  const { resources } = container;
  return {
    ...rest,
    ...(resources && { resources }),
    ...(container.targetContainerName && { targetContainerName: container.targetContainerName }),
  };
}

function containerDefaults(container: Container, hostNetwork: boolean): Container {
  const { livenessProbe, readinessProbe, startupProbe, ports, resources, env } = container;
  return {
    imagePullPolicy: pullPolicy(container.image ?? ""),
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    ...container,
    ...(ports && {
      ports: ports.map((port) => ({
        protocol: "TCP" as const,
        ...(hostNetwork && { hostPort: port.containerPort }),
        ...port,
      })),
    }),
    resources: resources?.limits
      ? { ...resources, requests: { ...resources.limits, ...resources.requests } }
      : (resources ?? {}),
    ...(env && { env: env.map(envDefaults) }),
    ...(livenessProbe && { livenessProbe: probeDefaults(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: probeDefaults(readinessProbe) }),
    ...(startupProbe && { startupProbe: probeDefaults(startupProbe) }),
  };
}

type EnvVar = NonNullable<Container["env"]>[number];
const envDefaults = (variable: EnvVar): EnvVar =>
  variable.valueFrom?.fieldRef
    ? {
        ...variable,
        valueFrom: { ...variable.valueFrom, fieldRef: { apiVersion: "v1", ...variable.valueFrom.fieldRef } },
      }
    : variable;

/** Always for `:latest` and for no tag at all; IfNotPresent for every other tag and for digests. */
export function pullPolicy(image: string): "Always" | "IfNotPresent" {
  if (image.includes("@")) return "IfNotPresent";
  const name = image.slice(image.lastIndexOf("/") + 1);
  const colon = name.lastIndexOf(":");
  return colon < 0 || name.slice(colon + 1) === "latest" ? "Always" : "IfNotPresent";
}

const probeDefaults = (probe: Probe): Probe => ({
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  ...probe,
  ...(probe.httpGet && { httpGet: { path: "/", scheme: "HTTP", ...probe.httpGet } }),
});

const defaultFileMode = 0o644;

/** A volume without a source is an emptyDir. */
function volumeDefaults(volume: Volume): Volume {
  const { hostPath, configMap, secret, downwardAPI, projected, ephemeral } = volume;
  if (ephemeral?.volumeClaimTemplate) {
    const { volumeClaimTemplate: template } = ephemeral;
    return {
      ...volume,
      ephemeral: { volumeClaimTemplate: { ...template, spec: claimSpecDefaults(template.spec) } },
    };
  }
  if (hostPath) return { ...volume, hostPath: { type: "", ...hostPath } };
  if (configMap) return { ...volume, configMap: { defaultMode: defaultFileMode, ...configMap } };
  if (secret) return { ...volume, secret: { defaultMode: defaultFileMode, ...secret } };
  if (downwardAPI) return { ...volume, downwardAPI: { defaultMode: defaultFileMode, ...downwardAPI } };
  if (projected) return { ...volume, projected: { defaultMode: defaultFileMode, ...projected } };
  return Object.keys(volume).some((field) => field !== "name") ? volume : { ...volume, emptyDir: {} };
}

function serviceDefaults(object: ApiObject & Service): ApiObject {
  const { spec } = object;
  if (!spec) return object;
  const affinity = spec.sessionAffinity ?? "None";
  const timeoutSeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
  return {
    ...object,
    spec: {
      type: "ClusterIP",
      internalTrafficPolicy: "Cluster",
      ...spec,
      sessionAffinity: affinity,
      ...(affinity === "ClientIP" && { sessionAffinityConfig: { clientIP: { timeoutSeconds } } }),
      ...(spec.ports && {
        ports: spec.ports.map((port) => ({
          protocol: "TCP" as const,
          ...port,
          // Headless services have no translation, but Kubernetes fills it in there too.
          targetPort: port.targetPort === undefined || port.targetPort === "" ? port.port : port.targetPort,
        })),
      }),
    },
  };
}
