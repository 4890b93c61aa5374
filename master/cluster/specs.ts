// Typed views of stored objects: the one place where an ApiObject's `spec` is taken for what its kind says.
// Values were validated before they were stored, so these never check again.

import type {
  ApiObject,
  DaemonSet,
  Deployment,
  Endpoints,
  LabelSelector,
  NodeSpec,
  PodSpec,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  Service,
} from "../../protocol/mod.ts";
import { isKind } from "../../protocol/mod.ts";
import { statefulSetSpecOf } from "./batch-specs.ts";

export type ServiceSpec = NonNullable<Service["spec"]>;

export const serviceSpecOf = (value: ApiObject): ServiceSpec => (value.spec ?? {}) as ServiceSpec;
export const podSpecOf = (value: ApiObject): PodSpec => (value.spec ?? { containers: [] }) as PodSpec;
export const nodeSpecOf = (value: ApiObject): NodeSpec => (value.spec ?? {}) as NodeSpec;
export const endpointSubsetsOf = (value: ApiObject): NonNullable<Endpoints["subsets"]> =>
  (value["subsets"] ?? []) as NonNullable<Endpoints["subsets"]>;

/** What ReplicationController and ReplicaSet have in common, as the replication controller reads them. */
export interface ReplicatorSpec {
  readonly replicas: number;
  readonly minReadySeconds: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
}

export const isReplicator = (kind: string): boolean =>
  kind === "ReplicationController" || kind === "ReplicaSet";

export function replicatorSpecOf(value: ApiObject): ReplicatorSpec {
  const template: PodTemplateSpec = {};
  if (value.kind === "ReplicaSet") {
    const spec = value.spec as ReplicaSet["spec"];
    return {
      replicas: spec?.replicas ?? 1,
      minReadySeconds: spec?.minReadySeconds ?? 0,
      selector: spec?.selector ?? {},
      template: spec?.template ?? template,
    };
  }
  const spec = value.spec as ReplicationController["spec"];
  return {
    replicas: spec?.replicas ?? 1,
    minReadySeconds: spec?.minReadySeconds ?? 0,
    selector: spec?.selector ? { matchLabels: spec.selector } : {},
    template: spec?.template ?? template,
  };
}

export type DeploymentSpec = NonNullable<Deployment["spec"]>;
export type DeploymentStatus = NonNullable<Deployment["status"]>;
export type DaemonSetSpec = NonNullable<DaemonSet["spec"]>;

export const deploymentSpecOf = (value: ApiObject): DeploymentSpec =>
  (value.spec ?? { selector: {}, template: {} }) as DeploymentSpec;
export const daemonSetSpecOf = (value: ApiObject): DaemonSetSpec =>
  (value.spec ?? { selector: {}, template: {} }) as DaemonSetSpec;

/** Kinds whose controllers adopt pods that match. */
export const keepsPods = (kind: string): boolean =>
  isReplicator(kind) || kind === "DaemonSet" || kind === "StatefulSet";
export function podSelectorOf(value: ApiObject): LabelSelector {
  if (value.kind === "StatefulSet") return statefulSetSpecOf(value).selector;
  return value.kind === "DaemonSet" ? daemonSetSpecOf(value).selector : replicatorSpecOf(value).selector;
}

/** How long pods of this owner must be ready before they count as available; 0 for owners that do not say. */
export function minReadySecondsOf(value: ApiObject | undefined): number {
  if (!value) return 0;
  if (isReplicator(value.kind)) return replicatorSpecOf(value).minReadySeconds;
  if (value.kind === "StatefulSet") return statefulSetSpecOf(value).minReadySeconds ?? 0;
  return value.kind === "DaemonSet" ? (daemonSetSpecOf(value).minReadySeconds ?? 0) : 0;
}

export const serviceSelectorOf = (service: ApiObject): LabelSelector => ({
  matchLabels: serviceSpecOf(service).selector ?? {},
});

/** Its endpoints are the control plane's; without a selector they are the user's. */
export const servesPods = (service: ApiObject): boolean =>
  Object.keys(serviceSpecOf(service).selector ?? {}).length > 0;

/** The template of its pods, of any kind that has one; of a cron job, that of its jobs' pods. */
export function templateOf(value: ApiObject): PodTemplateSpec | undefined {
  if (isKind(value, "CronJob")) return value.spec?.jobTemplate.spec?.template;
  if (isKind(value, "Job") || isKind(value, "Deployment") || isKind(value, "DaemonSet")) {
    return value.spec?.template;
  }
  if (isKind(value, "StatefulSet")) return value.spec?.template;
  return isReplicator(value.kind) ? replicatorSpecOf(value).template : undefined;
}
