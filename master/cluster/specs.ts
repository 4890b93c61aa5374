// Typed views of stored objects: the one place where an ApiObject's `spec` is taken for what its kind says.
// Values were validated before they were stored, so these never check again.

import type {
  ApiObject,
  Endpoints,
  LabelSelector,
  NodeSpec,
  PodSpec,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  Service,
} from "../../protocol/mod.ts";

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

export const serviceSelectorOf = (service: ApiObject): LabelSelector => ({
  matchLabels: serviceSpecOf(service).selector ?? {},
});

/** Its endpoints are the control plane's; without a selector they are the user's. */
export const servesPods = (service: ApiObject): boolean =>
  Object.keys(serviceSpecOf(service).selector ?? {}).length > 0;
