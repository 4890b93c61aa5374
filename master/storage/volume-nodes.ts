// From which nodes a volume can be reached, by its node affinity; cheap to look up where it names nodes or a label.

import type { NodeName, PersistentVolume } from "../../protocol/mod.ts";
import type { NodeRow } from "../cluster/contract.ts";
import { nodeAffinityMatcher } from "../cluster/node-affinity.ts";
import type { VolumeSpec } from "./specs.ts";

export type VolumeNodes =
  | { readonly type: "anywhere" }
  | { readonly type: "names"; readonly names: readonly NodeName[] }
  | { readonly type: "label"; readonly key: string; readonly values: readonly string[] }
  | { readonly type: "terms"; readonly matches: (node: NodeRow) => boolean };

const anywhere: VolumeNodes = { type: "anywhere" };

export function volumeNodes({ nodeAffinity }: VolumeSpec): VolumeNodes {
  const required = nodeAffinity?.required;
  if (!required) return anywhere;
  const [term, ...others] = required.nodeSelectorTerms;
  if (term && others.length === 0) {
    const { matchExpressions = [], matchFields = [] } = term;
    const [requirement, ...more] = [...matchExpressions, ...matchFields];
    if (requirement?.operator === "In" && more.length === 0) {
      const { key, values = [] } = requirement;
      if (matchExpressions.length > 0) return { type: "label", key, values };
      if (key === nodeNameField) return { type: "names", names: values as NodeName[] };
    }
  }
  const matcher = nodeAffinityMatcher(required);
  return { type: "terms", matches: ({ metadata, name }) => matcher(metadata.labels ?? {}, name) };
}

export function isReachable(nodes: VolumeNodes, node: NodeRow): boolean {
  if (nodes.type === "anywhere") return true;
  if (nodes.type === "names") return nodes.names.includes(node.name);
  if (nodes.type === "terms") return nodes.matches(node);
  const value = node.metadata.labels?.[nodes.key];
  return value !== undefined && nodes.values.includes(value);
}

const nodeNameField = "metadata.name";

/** A host name may be several nodes' (agents of one machine): a volume is on the node that made it. */
export const affinityTo = (node: NodeName): NonNullable<PersistentVolume["spec"]>["nodeAffinity"] => ({
  required: {
    nodeSelectorTerms: [{ matchFields: [{ key: nodeNameField, operator: "In", values: [node] }] }],
  },
});

/** The one node that a provisioned volume is on. */
export function homeOf(spec: VolumeSpec): NodeName | undefined {
  const nodes = volumeNodes(spec);
  return nodes.type === "names" ? nodes.names[0] : undefined;
}
