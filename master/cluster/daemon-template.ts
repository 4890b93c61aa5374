// What a daemon set's pods have beyond their template: the revision's hash, tolerations of what must not drive them
// off their node, and the node that each is for
// (source: Kubernetes, "DaemonSet: taints and tolerations" and "how daemon pods are scheduled").

import type { ApiObject, NodeName, PodSpec, PodTemplateSpec, Toleration } from "../../protocol/mod.ts";
import { revisionHashLabel } from "./batch-specs.ts";
import { daemonSetSpecOf } from "./specs.ts";
import { templateHash } from "./template-hash.ts";

const tolerated: readonly (readonly [key: string, effect: "NoSchedule" | "NoExecute"])[] = [
  ["node.kubernetes.io/not-ready", "NoExecute"],
  ["node.kubernetes.io/unreachable", "NoExecute"],
  ["node.kubernetes.io/disk-pressure", "NoSchedule"],
  ["node.kubernetes.io/memory-pressure", "NoSchedule"],
  ["node.kubernetes.io/pid-pressure", "NoSchedule"],
  ["node.kubernetes.io/unschedulable", "NoSchedule"],
];
const onHostNetwork = ["node.kubernetes.io/network-unavailable", "NoSchedule"] as const;

/** By the user's template, so that it is made once and stays the same object. */
const made = new WeakMap<PodTemplateSpec, PodTemplateSpec>();

export const daemonSetHash = (value: ApiObject): string => templateHash(daemonSetSpecOf(value).template);

/** The template of its pods as it is recorded. */
export function daemonTemplate(value: ApiObject): PodTemplateSpec {
  const { template } = daemonSetSpecOf(value);
  const known = made.get(template);
  if (known) return known;
  const { spec = { containers: [] }, metadata } = template;
  const next: PodTemplateSpec = {
    ...template,
    metadata: { ...metadata, labels: { ...metadata?.labels, [revisionHashLabel]: templateHash(template) } },
    spec: { ...spec, tolerations: daemonTolerations(spec) },
  };
  made.set(template, next);
  return next;
}

export function daemonTolerations(spec: PodSpec): Toleration[] {
  const own = spec.tolerations ?? [];
  const more = spec.hostNetwork ? [...tolerated, onHostNetwork] : tolerated;
  const added = more
    .filter(
      ([key, effect]) =>
        !own.some((one) => one.key === key && one.effect === effect && one.operator === "Exists"),
    )
    .map(([key, effect]): Toleration => ({ key, operator: "Exists", effect }));
  return [...own, ...added];
}

/** The spec of the one pod that is for this node: its own node affinity is taken over by the node's name. */
export const specForNode = (spec: PodSpec, node: NodeName): PodSpec => ({
  ...spec,
  affinity: {
    ...spec.affinity,
    nodeAffinity: {
      ...spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }],
      },
    },
  },
});

/** The node that a pod is on, or is for alone. */
export function targetNodeOf(pod: { readonly node?: NodeName; readonly spec: PodSpec }): string | undefined {
  if (pod.node !== undefined) return pod.node;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const [term, ...others] = required?.nodeSelectorTerms ?? [];
  const [field] = term?.matchFields ?? [];
  const [name, ...more] = field?.values ?? [];
  const single = others.length === 0 && field?.key === "metadata.name" && field.operator === "In";
  return single && more.length === 0 ? name : undefined;
}
