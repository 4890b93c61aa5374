// The labels and names that mark containers as ours, and what is read back from them. Pure.
// Whoever lacks our cluster's and node's labels is foreign and is never touched.

import type { Uid } from "../../../protocol/mod.ts";
import type { ContainerSpec, PodIdentity, SandboxSpec } from "../runtime.ts";

export type Labels = Readonly<Record<string, string>>;

const prefix = "io.berth";
export const labelNames = {
  cluster: `${prefix}.cluster`,
  node: `${prefix}.node`,
  podUid: `${prefix}.pod.uid`,
  podName: `${prefix}.pod.name`,
  podNamespace: `${prefix}.pod.namespace`,
  /** "sandbox" or "container". */
  kind: `${prefix}.kind`,
  container: `${prefix}.container`,
  /** Of the sandbox, or of the container. */
  attempt: `${prefix}.attempt`,
  /** Id of the pause container. */
  sandbox: `${prefix}.sandbox`,
  /** Address of a pod in the host's network, or in one that the agent makes. */
  address: `${prefix}.address`,
  /** Folder of the hosts file and the resolver settings of a pod whose network the agent makes. */
  networkFiles: `${prefix}.network.files`,
} as const;

export interface Owner {
  readonly cluster: string;
  readonly node: string;
}

/** Filters for the engine's list and events. */
export const ownerFilter = ({ cluster, node }: Owner): string[] => [
  `${labelNames.cluster}=${cluster}`,
  `${labelNames.node}=${node}`,
];

/** For the engine's list: of one pod alone, where it is named. */
export const ofPod = (pod: Uid | undefined): string[] =>
  pod === undefined ? [] : [`${labelNames.podUid}=${pod}`];

export const isOwned = (labels: Labels, { cluster, node }: Owner): boolean =>
  labels[labelNames.cluster] === cluster && labels[labelNames.node] === node;

function podLabels(pod: PodIdentity): Record<string, string> {
  return {
    [labelNames.cluster]: pod.cluster,
    [labelNames.node]: pod.node,
    [labelNames.podUid]: pod.uid,
    [labelNames.podName]: pod.name,
    [labelNames.podNamespace]: pod.namespace,
  };
}

/** `address`: of a pod whose network the agent makes. */
export const sandboxLabels = (spec: SandboxSpec, address?: string): Record<string, string> => ({
  ...podLabels(spec.pod),
  [labelNames.kind]: "sandbox",
  [labelNames.attempt]: String(spec.attempt),
  ...(spec.hostNetwork ? { [labelNames.address]: spec.address ?? "" } : {}),
  ...(address !== undefined && {
    [labelNames.address]: address,
    [labelNames.networkFiles]: spec.networkDirectory ?? "",
  }),
});

export const containerLabels = (
  pod: PodIdentity,
  sandbox: string,
  spec: ContainerSpec,
): Record<string, string> => ({
  ...podLabels(pod),
  [labelNames.kind]: "container",
  [labelNames.container]: spec.name,
  [labelNames.attempt]: String(spec.attempt),
  [labelNames.sandbox]: sandbox,
});

/** The pod that a labelled container belongs to. Labels are ours, so a missing one is read as empty. */
export const podOf = (labels: Labels): PodIdentity => ({
  cluster: labels[labelNames.cluster] ?? "",
  node: labels[labelNames.node] ?? "",
  namespace: labels[labelNames.podNamespace] ?? "",
  name: labels[labelNames.podName] ?? "",
  uid: (labels[labelNames.podUid] ?? "") as Uid,
});

export const attemptOf = (labels: Labels): number => Number(labels[labelNames.attempt] ?? 0);

/** Names are unique in an engine: making the same thing twice fails there, whoever tries. */
export const sandboxName = ({ pod, attempt }: Pick<SandboxSpec, "pod" | "attempt">): string =>
  `berth_${pod.name}_${pod.namespace}_${pod.uid}_POD_${attempt}`;

export const containerName = (pod: PodIdentity, sandboxAttempt: number, spec: ContainerSpec): string => {
  const name = `berth_${pod.name}_${pod.namespace}_${pod.uid}_${spec.name}_${spec.attempt}`;
  return sandboxAttempt === 0 ? name : `${name}_${sandboxAttempt}`;
};
