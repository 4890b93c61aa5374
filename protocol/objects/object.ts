// The Kubernetes object shape that every kind shares, and references between objects.

import type { IObjectMeta as ObjectMeta } from "@kubernetes-models/apimachinery/apis/meta/v1/ObjectMeta";
import type { Uid } from "../ids.ts";

export type { ILabelSelector as LabelSelector } from "@kubernetes-models/apimachinery/apis/meta/v1/LabelSelector";
export type { IObjectMeta as ObjectMeta } from "@kubernetes-models/apimachinery/apis/meta/v1/ObjectMeta";
export type { IOwnerReference as OwnerReference } from "@kubernetes-models/apimachinery/apis/meta/v1/OwnerReference";
export type { IControllerRevision as ControllerRevision } from "kubernetes-models/apps/v1/ControllerRevision";
export type { IDaemonSet as DaemonSet } from "kubernetes-models/apps/v1/DaemonSet";
export type { IDeployment as Deployment } from "kubernetes-models/apps/v1/Deployment";
export type { IReplicaSet as ReplicaSet } from "kubernetes-models/apps/v1/ReplicaSet";
export type { IStatefulSet as StatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
export type {
  IPodDisruptionBudget as PodDisruptionBudget,
  IPodDisruptionBudgetStatus as PodDisruptionBudgetStatus,
} from "kubernetes-models/policy/v1";
export type { IPriorityClass as PriorityClass } from "kubernetes-models/scheduling.k8s.io/v1";
export type { IHorizontalPodAutoscaler as HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
export type { ICronJob as CronJob, IJob as Job, IJobStatus as JobStatus } from "kubernetes-models/batch/v1";
export type { IStorageClass as StorageClass } from "kubernetes-models/storage.k8s.io/v1/StorageClass";
export type {
  IConfigMap as ConfigMap,
  IContainer as Container,
  IContainerState as ContainerState,
  IContainerStatus as ContainerStatus,
  IEphemeralContainer as EphemeralContainer,
  IEndpoints as Endpoints,
  IEndpointSubset as EndpointSubset,
  INamespace as Namespace,
  INode as Node,
  INodeCondition as NodeCondition,
  INodeSpec as NodeSpec,
  INodeStatus as NodeStatus,
  IPersistentVolume as PersistentVolume,
  IPersistentVolumeClaim as PersistentVolumeClaim,
  IPod as Pod,
  IPodCondition as PodCondition,
  IPodSpec as PodSpec,
  IPodStatus as PodStatus,
  IPodTemplateSpec as PodTemplateSpec,
  IProbe as Probe,
  IReplicationController as ReplicationController,
  ISecret as Secret,
  IService as Service,
  IServicePort as ServicePort,
  ITaint as Taint,
  IToleration as Toleration,
  IVolume as Volume,
} from "kubernetes-models/v1";

/** Any object as it stands on the wire. `spec` and `status` are what the kind's own type says. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** What an event concerns, and what a `why` starts from. Cluster-scoped kinds have no namespace. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: Uid;
}
