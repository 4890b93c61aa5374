// Which columns each kind has. A new kind joins `berth get` by one entry here.

import type { Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { Column, PrintContext } from "./column.ts";
import { autoscalerColumns } from "./autoscalers.ts";
import { configMapColumns, secretColumns } from "./configs.ts";
import { disruptionBudgetColumns } from "./disruption-budgets.ts";
import { cronJobColumns, jobColumns } from "./jobs.ts";
import { namespaceColumns, nodeColumns } from "./nodes.ts";
import { podColumns } from "./pods.ts";
import { priorityClassColumns } from "./priority-classes.ts";
import { daemonSetColumns, deploymentColumns } from "./rollouts.ts";
import { endpointsColumns, serviceColumns } from "./services.ts";
import { controllerRevisionColumns, statefulSetColumns } from "./stateful-sets.ts";
import { claimColumns, storageClassColumns, volumeColumns } from "./storage.ts";
import { replicaSetColumns, replicationControllerColumns } from "./workloads.ts";

export const columnsByKind: { readonly [K in KindName]: readonly Column<Stored<K>>[] } = {
  Namespace: namespaceColumns,
  Node: nodeColumns,
  Pod: podColumns,
  ReplicationController: replicationControllerColumns,
  ReplicaSet: replicaSetColumns,
  Deployment: deploymentColumns,
  DaemonSet: daemonSetColumns,
  Service: serviceColumns,
  Endpoints: endpointsColumns,
  StatefulSet: statefulSetColumns,
  ControllerRevision: controllerRevisionColumns,
  Job: jobColumns,
  CronJob: cronJobColumns,
  ConfigMap: configMapColumns,
  Secret: secretColumns,
  HorizontalPodAutoscaler: autoscalerColumns,
  PodDisruptionBudget: disruptionBudgetColumns,
  PriorityClass: priorityClassColumns,
  PersistentVolume: volumeColumns,
  PersistentVolumeClaim: claimColumns,
  StorageClass: storageClassColumns,
};

export const titlesOf = (kind: KindName, wide: boolean): readonly string[] =>
  columnsByKind[kind].filter((column) => wide || !column.wide).map(({ title }) => title);

export function cellsOf<K extends KindName>(
  kind: K,
  object: Stored<K>,
  { wide, ...context }: PrintContext & { readonly wide: boolean },
): string[] {
  const columns: readonly Column<Stored<K>>[] = columnsByKind[kind];
  return columns.filter((column) => wide || !column.wide).map((column) => column.value(object, context));
}
