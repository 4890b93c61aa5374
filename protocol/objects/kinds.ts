// The registry of kinds: names as users write them, group and version, scope.
// A new kind joins the cluster by one entry here, its rules in validate.ts and its defaults in defaults.ts.

export interface KindInfo {
  readonly kind: string;
  /** Plural, lower case, as in subjects and `berth get`. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** "" is the legacy core group (`core` in subjects). */
  readonly group: string;
  readonly version: string;
  readonly namespaced: boolean;
  /** Users may not create it: the control plane does (Endpoints may be created for services without a selector). */
  readonly managed?: boolean;
}

export const kinds = [
  {
    kind: "Namespace",
    resource: "namespaces",
    singular: "namespace",
    shortNames: ["ns"],
    group: "",
    version: "v1",
    namespaced: false,
  },
  {
    kind: "Node",
    resource: "nodes",
    singular: "node",
    shortNames: ["no"],
    group: "",
    version: "v1",
    namespaced: false,
  },
  {
    kind: "Pod",
    resource: "pods",
    singular: "pod",
    shortNames: ["po"],
    group: "",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "ReplicationController",
    resource: "replicationcontrollers",
    singular: "replicationcontroller",
    shortNames: ["rc"],
    group: "",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "ReplicaSet",
    resource: "replicasets",
    singular: "replicaset",
    shortNames: ["rs"],
    group: "apps",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "Deployment",
    resource: "deployments",
    singular: "deployment",
    shortNames: ["deploy"],
    group: "apps",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "DaemonSet",
    resource: "daemonsets",
    singular: "daemonset",
    shortNames: ["ds"],
    group: "apps",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "Service",
    resource: "services",
    singular: "service",
    shortNames: ["svc"],
    group: "",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "Endpoints",
    resource: "endpoints",
    singular: "endpoints",
    shortNames: ["ep"],
    group: "",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "ConfigMap",
    resource: "configmaps",
    singular: "configmap",
    shortNames: ["cm"],
    group: "",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "Secret",
    resource: "secrets",
    singular: "secret",
    shortNames: [],
    group: "",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "StatefulSet",
    resource: "statefulsets",
    singular: "statefulset",
    shortNames: ["sts"],
    group: "apps",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "ControllerRevision",
    resource: "controllerrevisions",
    singular: "controllerrevision",
    shortNames: [],
    group: "apps",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "Job",
    resource: "jobs",
    singular: "job",
    shortNames: [],
    group: "batch",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "CronJob",
    resource: "cronjobs",
    singular: "cronjob",
    shortNames: ["cj"],
    group: "batch",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "PodDisruptionBudget",
    resource: "poddisruptionbudgets",
    singular: "poddisruptionbudget",
    shortNames: ["pdb"],
    group: "policy",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "PriorityClass",
    resource: "priorityclasses",
    singular: "priorityclass",
    shortNames: ["pc"],
    group: "scheduling.k8s.io",
    version: "v1",
    namespaced: false,
  },
  {
    kind: "HorizontalPodAutoscaler",
    resource: "horizontalpodautoscalers",
    singular: "horizontalpodautoscaler",
    shortNames: ["hpa"],
    group: "autoscaling",
    version: "v2",
    namespaced: true,
  },
  {
    kind: "PersistentVolume",
    resource: "persistentvolumes",
    singular: "persistentvolume",
    shortNames: ["pv"],
    group: "",
    version: "v1",
    namespaced: false,
  },
  {
    kind: "PersistentVolumeClaim",
    resource: "persistentvolumeclaims",
    singular: "persistentvolumeclaim",
    shortNames: ["pvc"],
    group: "",
    version: "v1",
    namespaced: true,
  },
  {
    kind: "StorageClass",
    resource: "storageclasses",
    singular: "storageclass",
    shortNames: ["sc"],
    group: "storage.k8s.io",
    version: "v1",
    namespaced: false,
  },
] as const satisfies readonly KindInfo[];

export type KindName = (typeof kinds)[number]["kind"];

const byKind = new Map<string, KindInfo>(kinds.map((info) => [info.kind, info]));
const byWord = new Map<string, KindInfo>(
  kinds.flatMap((info): [string, KindInfo][] =>
    [info.resource, info.singular, info.kind.toLowerCase(), ...info.shortNames].map((word) => [word, info]),
  ),
);

export const kindInfo = (kind: string): KindInfo | undefined => byKind.get(kind);
/** Finds a kind by plural, singular, kind or short name, in any case; `replicasets.apps` names the group too. */
export function kindByWord(word: string): KindInfo | undefined {
  const [resource = "", ...group] = word.toLowerCase().split(".");
  const info = byWord.get(resource);
  if (!info || (group.length > 0 && group.join(".") !== info.group)) return undefined;
  return info;
}
export const apiVersionOf = (info: KindInfo): string =>
  info.group ? `${info.group}/${info.version}` : info.version;
/** The group's token in API subjects. */
export const groupToken = (info: KindInfo): string => info.group || "core";
