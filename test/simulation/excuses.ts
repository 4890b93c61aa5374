// Why a pod may be without a place, or not run and be ready, although all faults are over. Written apart from the
// scheduler and the agents, which it judges.

import type { ClusterState, NodeRow, ObjectRow, PodRow } from "../../master/cluster/contract.ts";
import { isFinished, priorityOf } from "../../master/cluster/mod.ts";
import type { ApiObject, PersistentVolume, PodSpec, Toleration } from "../../protocol/mod.ts";
import { images } from "./cluster/programs.ts";
import type { SimCluster } from "./cluster/sim-cluster.ts";

/** Undefined for a pod that owes to run and to be ready, or to have ended. */
export const excuseOf = (cluster: SimCluster, pod: PodRow): string | undefined =>
  whyNotRunning(cluster, pod) ?? (isNeverReady(pod) ? "its image never gets ready" : undefined);

/** It runs all the same. */
export const isNeverReady = ({ spec }: PodRow): boolean =>
  spec.containers.some(({ image }) => image === images.unready);

/** Undefined for a pod that owes to run, or to have ended. */
export function whyNotRunning({ oracle: { state }, nodes }: SimCluster, pod: PodRow): string | undefined {
  const volumes = volumesOf(state, pod);
  if (pod.node === undefined) {
    for (const node of state.nodes()) {
      if (!volumes.every((volume) => isOn(volume, node.name))) continue;
      if (fits(pod, node, [...state.podsOnNode(node.name)])) return undefined;
    }
    return "no node can take it";
  }
  const here = nodes.find(({ name }) => name === pod.node);
  const missing = volumes.find(({ value, ref }) => hasBegun(value) && !here?.claims.has(ref.name));
  if (missing) return `the data of ${missing.ref.name} is gone with its machine`;
  const absent = needed(pod).find(([kind, name]) => !state.object(kind, pod.ref.namespace, name));
  // What waits to be started again has not noticed, and will say so.
  return absent && !backsOff(pod) ? `${absent.join(" ")} is not there` : undefined;
}
const backsOff = ({ status }: PodRow): boolean =>
  (status.containerStatuses ?? []).some(({ state }) => state?.waiting?.reason === "CrashLoopBackOff");

/** What environment and volumes ask for; a volume that no container mounts any more is made all the same. */
function needed({ spec }: PodRow): readonly (readonly ["ConfigMap" | "Secret", string])[] {
  const sources = spec.containers.flatMap(({ envFrom = [] }) => envFrom);
  const volumes = spec.volumes ?? [];
  const maps = [...sources.map((from) => from.configMapRef), ...volumes.map((volume) => volume.configMap)];
  const secrets = [
    ...sources.map((from) => from.secretRef),
    ...volumes.map(({ secret }) => secret && { ...secret, name: secret.secretName ?? "" }),
  ];
  return [
    ...maps.flatMap((map) => (map && !map.optional ? [["ConfigMap", map.name ?? ""] as const] : [])),
    ...secrets.flatMap((secret) =>
      secret && !secret.optional ? [["Secret", secret.name ?? ""] as const] : [],
    ),
  ];
}

/** Volumes that the pod's claims are bound to. */
export function volumesOf(
  state: Pick<ClusterState, "object">,
  { spec, ref }: Pick<PodRow, "spec" | "ref">,
): readonly ObjectRow[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: used }) => {
    const claim = used && state.object("PersistentVolumeClaim", ref.namespace, used.claimName);
    const { volumeName } = (claim?.value.spec ?? {}) as { readonly volumeName?: string };
    return (volumeName && state.object("PersistentVolume", undefined, volumeName)) || [];
  });
}

/** The workload's volumes are all on one node each, which they name. */
export function isOn({ value }: ObjectRow, node: string): boolean {
  const { nodeAffinity } = (value.spec ?? {}) as NonNullable<PersistentVolume["spec"]>;
  const terms = nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.some(({ matchFields = [] }) => matchFields[0]?.values?.includes(node));
}

const hasBegun = ({ metadata }: ApiObject): boolean => metadata.annotations?.["berth.io/has-data"] === "true";

/** True for the nodes that the pod's own spec and labels allow. */
export function suits({ spec }: Pick<PodRow, "spec">, node: NodeRow): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(spec.nodeSelector ?? {});
  if (selector.some(([key, value]) => labels[key] !== value)) return false;
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  // The workload has no other terms than a daemon set's: one node by its name.
  return !terms || terms.some(({ matchFields = [] }) => matchFields[0]?.values?.includes(node.name));
}

export const tolerates = (
  { key, operator, value, effect }: Toleration,
  taint: { readonly key: string; readonly value?: string; readonly effect: string },
): boolean =>
  (!effect || effect === taint.effect) &&
  (operator === "Exists"
    ? !key || key === taint.key
    : key === taint.key && (value ?? "") === (taint.value ?? ""));

type Bearing = Pick<PodSpec, "containers" | "tolerations">;

const memoryPressure = "node.kubernetes.io/memory-pressure";
const asksForSomething = ({ containers }: Bearing): boolean =>
  containers.some(({ resources: { requests, limits } = {} }) =>
    [requests, limits].some((list) => list?.["cpu"] !== undefined || list?.["memory"] !== undefined),
  );

/** Who says how much it needs may come where memory is short. */
export const bears = (
  spec: Bearing,
  taint: { readonly key: string; readonly value?: string; readonly effect: string },
): boolean =>
  (spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint)) ||
  (taint.key === memoryPressure && asksForSomething(spec));

export const isRepelled = (
  spec: Bearing,
  { taints }: NodeRow,
  effects: readonly string[] = ["NoSchedule", "NoExecute"],
): boolean => taints.some((taint) => effects.includes(taint.effect) && !bears(spec, taint));

const cordonTaint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

export function isCordoned({ unschedulable }: NodeRow, tolerations: readonly Toleration[]): boolean {
  return unschedulable && !tolerations.some((toleration) => tolerates(toleration, cordonTaint));
}

/** What matters less goes for a pod that may ask for it. */
const makesWay = (other: PodRow, pod: PodRow): boolean =>
  pod.spec.preemptionPolicy !== "Never" && priorityOf(other) < priorityOf(pod);

function fits(pod: PodRow, node: NodeRow, here: readonly PodRow[]): boolean {
  const { tolerations = [] } = pod.spec;
  if (node.state !== "Ready" || isCordoned(node, tolerations)) return false;
  if (!suits(pod, node) || isRepelled(pod.spec, node)) return false;
  const held = here.filter((other) => !isFinished(other) && !makesWay(other, pod));
  const cpu = held.reduce((sum, { requests }) => sum + requests.cpuMilli, pod.requests.cpuMilli);
  const memory = held.reduce((sum, { requests }) => sum + requests.memoryBytes, pod.requests.memoryBytes);
  if (cpu > node.allocatable.cpuMilli || memory > node.allocatable.memoryBytes) return false;
  if (held.length + 1 > node.allocatable.pods) return false;
  return !held.some(({ hostPorts }) => hostPorts.some((port) => pod.hostPorts.includes(port)));
}
