// Which of Kubernetes' fields Berth acts on. Every other field that is known is kept and named in a warning,
// so that nobody believes in a setting that does nothing. New support is a word in this table.

import { fieldsOf, type FieldType } from "./field-table.ts";
import { fieldPath } from "./report.ts";
import { changedFields } from "./same.ts";
import { isRecord } from "./structure.ts";

/** Warnings beyond this many are counted, not listed. */
export const maxWarnings = 50;

/** Type -> fields that are acted on. A type that is not here is acted on as a whole. */
const supported: Readonly<Record<string, string>> = {
  PodSpec:
    "priorityClassName priority preemptionPolicy containers initContainers restartPolicy terminationGracePeriodSeconds nodeName nodeSelector tolerations volumes " +
    "imagePullSecrets hostNetwork hostname subdomain setHostnameAsFQDN ephemeralContainers dnsPolicy dnsConfig enableServiceLinks securityContext activeDeadlineSeconds hostAliases hostPID hostIPC " +
    "shareProcessNamespace schedulingGates readinessGates",
  PodSecurityContext:
    "runAsUser runAsGroup runAsNonRoot supplementalGroups fsGroup fsGroupChangePolicy seccompProfile sysctls",
  Container:
    "name image command args workingDir env ports resources volumeMounts livenessProbe readinessProbe startupProbe " +
    "imagePullPolicy tty stdin stdinOnce securityContext envFrom lifecycle terminationMessagePath terminationMessagePolicy " +
    "restartPolicy",
  EphemeralContainer:
    "name image command args workingDir env volumeMounts imagePullPolicy tty stdin stdinOnce securityContext envFrom " +
    "terminationMessagePath terminationMessagePolicy targetContainerName",
  EnvVar: "name value valueFrom",
  EnvVarSource: "fieldRef resourceFieldRef configMapKeyRef secretKeyRef",
  LifecycleHandler: "exec httpGet sleep tcpSocket",
  ResourceRequirements: "limits requests",
  VolumeMount: "name mountPath readOnly subPath subPathExpr",
  Probe:
    "exec httpGet tcpSocket grpc initialDelaySeconds periodSeconds timeoutSeconds successThreshold failureThreshold " +
    "terminationGracePeriodSeconds",
  SecurityContext:
    "runAsUser runAsGroup runAsNonRoot privileged readOnlyRootFilesystem capabilities allowPrivilegeEscalation seccompProfile procMount",
  Volume: "name emptyDir hostPath configMap secret downwardAPI projected persistentVolumeClaim ephemeral",
  PersistentVolumeSpec:
    "accessModes capacity claimRef csi hostPath local nodeAffinity persistentVolumeReclaimPolicy storageClassName volumeMode",
  CSIPersistentVolumeSource: "driver volumeHandle volumeAttributes readOnly",
  LocalVolumeSource: "path",
  PersistentVolumeClaimSpec: "accessModes resources selector storageClassName volumeMode volumeName",
  VolumeResourceRequirements: "requests",
  StorageClass:
    "apiVersion kind metadata provisioner parameters reclaimPolicy volumeBindingMode allowVolumeExpansion allowedTopologies",
  VolumeProjection: "configMap secret downwardAPI",
  ReplicationControllerSpec: "replicas minReadySeconds selector template",
  ReplicaSetSpec: "replicas minReadySeconds selector template",
  StatefulSetSpec:
    "replicas selector template serviceName podManagementPolicy updateStrategy ordinals minReadySeconds revisionHistoryLimit " +
    "volumeClaimTemplates persistentVolumeClaimRetentionPolicy",
  // A claim template is no object of its own: what it says of its kind and status is not looked at.
  VolumeClaimTemplate: "apiVersion kind metadata spec status",
  RollingUpdateStatefulSetStrategy: "partition maxUnavailable",
  JobSpec:
    "parallelism completions completionMode backoffLimit activeDeadlineSeconds ttlSecondsAfterFinished suspend " +
    "podFailurePolicy podReplacementPolicy selector template backoffLimitPerIndex maxFailedIndexes successPolicy managedBy",
  ServiceSpec:
    "externalName clusterIP clusterIPs ports publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig type",
  ServicePort: "name port protocol targetPort",
  NamespaceSpec: "",
  NodeSpec: "unschedulable taints podCIDR podCIDRs",
};

/** Values that mean what happens anyway (mostly Kubernetes' defaults): nothing is said about them. */
const harmless: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  PodSpec: {
    schedulerName: ["default-scheduler"],
    serviceAccountName: ["default"],
    serviceAccount: ["default"],
    automountServiceAccountToken: [false],
    os: [{ name: "linux" }],
  },
  VolumeMount: { mountPropagation: ["None"] },
  PodSecurityContext: {
    supplementalGroupsPolicy: ["Merge"],
  },
  JobSpec: { manualSelector: [false] },
  NamespaceSpec: { finalizers: [["kubernetes"]] },
  ServiceSpec: {
    internalTrafficPolicy: ["Cluster"],
    ipFamilies: [["IPv4"]],
    ipFamilyPolicy: ["SingleStack"],
    allocateLoadBalancerNodePorts: [true],
  },
};

/** Single values that are not acted on although their field is: type.field -> value -> what happens instead. */
const unsupportedValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "ServiceSpec.type": {
    NodePort: "no node port is opened, the cluster IP works",
    LoadBalancer: "no load balancer is made, the cluster IP works",
  },
  "EmptyDirVolumeSource.medium": {
    HugePages: "a plain folder is used",
    "HugePages-2Mi": "a plain folder is used",
    "HugePages-1Gi": "a plain folder is used",
  },
  "PersistentVolumeSpec.persistentVolumeReclaimPolicy": { Recycle: "the volume is kept, as with Retain" },
  "StorageClass.reclaimPolicy": { Recycle: "volumes are kept, as with Retain" },
  "SeccompProfile.type": { Localhost: "the engine's own profile is used" },
  "ServicePort.protocol": { SCTP: "the port is not served" },
  "ContainerPort.protocol": { SCTP: "the port is not published" },
  "EndpointPort.protocol": { SCTP: "the port is not served" },
};

/** Fields whose absence would be missed: what happens instead of them; `*` is every other field of the type. */
const insteadOf: Readonly<Record<string, string>> = {
  "Volume.*": "a pod that has it waits on its node and does not start",
  "JobSpec.manualSelector": "`true` is refused: a job's selector is always made for it",
  "VolumeProjection.*": "a pod that has it waits on its node and does not start",
  "PersistentVolumeSpec.*": "a pod that uses a volume of such a source waits on its node and does not start",
  "PersistentVolumeSpec.mountOptions": "it is stored and ignored",
  "PersistentVolumeSpec.volumeAttributesClassName": "it is stored and ignored",
};

const insteadOfField = (typeName: string, field: string): string | undefined =>
  insteadOf[`${typeName}.${field}`] ?? insteadOf[`${typeName}.*`];

const supportedSets = new Map(
  Object.entries(supported).map(([type, words]) => [type, new Set(words.split(" ").filter(Boolean))]),
);

/** True when Berth acts on this field of this type. */
export const isSupported = (typeName: string, field: string): boolean =>
  supportedSets.get(typeName)?.has(field) ?? true;

/** What there is to say about a field beside that: values that do nothing, or what happens instead of it. */
export function supportNotes(typeName: string, field: string): readonly string[] {
  const key = `${typeName}.${field}`;
  const values = Object.entries(unsupportedValues[key] ?? {}).map(([value, text]) => `\`${value}\`: ${text}`);
  const instead = isSupported(typeName, field) ? undefined : insteadOfField(typeName, field);
  return instead === undefined ? values : [instead, ...values];
}

/** Names every field of an object (already of the right shape) that Berth stores but does not act on. */
export function unsupportedFields(
  object: Readonly<Record<string, unknown>>,
  kind: string,
): readonly string[] {
  const warnings: string[] = [];
  visit(object, kind, "", warnings);
  if (warnings.length <= maxWarnings) return warnings;
  return [
    ...warnings.slice(0, maxWarnings),
    `and ${warnings.length - maxWarnings} more fields are not supported yet`,
  ];
}

function visit(
  value: Readonly<Record<string, unknown>>,
  typeName: string,
  path: string,
  warnings: string[],
): void {
  const fields = fieldsOf(typeName);
  for (const [name, item] of Object.entries(value)) {
    const info = fields?.get(name);
    if (!info || item === undefined || item === null) continue;
    const where = fieldPath(path, name);
    if (!isSupported(typeName, name)) {
      if (!isHarmless(typeName, name, item)) {
        const meanwhile = insteadOfField(typeName, name) ?? "it is stored and ignored";
        warnings.push(`${where} is not supported yet: ${meanwhile}`);
      }
      continue;
    }
    const instead = typeof item === "string" ? unsupportedValues[`${typeName}.${name}`]?.[item] : undefined;
    if (instead) warnings.push(`${where} ${String(item)} is not supported yet: ${instead}`);
    visitValue(item, info.type, where, warnings);
  }
}

function visitValue(value: unknown, type: FieldType, path: string, warnings: string[]): void {
  if (type.type === "object" && isRecord(value)) visit(value, type.name, path, warnings);
  else if (type.type === "list" && type.of.type === "object" && Array.isArray(value)) {
    for (const [index, item] of value.entries()) visitValue(item, type.of, `${path}[${index}]`, warnings);
  }
}

function isHarmless(typeName: string, field: string, value: unknown): boolean {
  // The empty text is how generators write "not set".
  if (value === "") return true;
  if (Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0)
    return true;
  return (harmless[typeName]?.[field] ?? []).some((known) => changedFields(known, value).length === 0);
}
