// From an object of any kind to the type of its kind.

import type { KindName } from "./kinds.ts";
import type {
  ApiObject,
  ControllerRevision,
  CronJob,
  Job,
  StatefulSet,
  ConfigMap,
  DaemonSet,
  Deployment,
  Endpoints,
  HorizontalPodAutoscaler,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  Secret,
  Service,
  StorageClass,
} from "./object.ts";

export interface KindTypes {
  readonly Namespace: Namespace;
  readonly Node: Node;
  readonly Pod: Pod;
  readonly ReplicationController: ReplicationController;
  readonly ReplicaSet: ReplicaSet;
  readonly Deployment: Deployment;
  readonly DaemonSet: DaemonSet;
  readonly Service: Service;
  readonly Endpoints: Endpoints;
  readonly StatefulSet: StatefulSet;
  readonly ControllerRevision: ControllerRevision;
  readonly Job: Job;
  readonly CronJob: CronJob;
  readonly ConfigMap: ConfigMap;
  readonly Secret: Secret;
  readonly HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  readonly PodDisruptionBudget: PodDisruptionBudget;
  readonly PriorityClass: PriorityClass;
  readonly PersistentVolume: PersistentVolume;
  readonly PersistentVolumeClaim: PersistentVolumeClaim;
  readonly StorageClass: StorageClass;
}

/** Narrows by kind. The object must have passed `admit` or come from the log: its fields are not looked at. */
export const isKind = <K extends KindName>(object: ApiObject, kind: K): object is ApiObject & KindTypes[K] =>
  object.kind === kind;
