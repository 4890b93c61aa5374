// Node selector terms of `requiredDuringSchedulingIgnoredDuringExecution`: any term, every requirement of it
// (source: Kubernetes API, core/v1 NodeSelector).

import { type Labels, matches, type PodSpec, type Selector } from "../../protocol/mod.ts";

type NodeAffinity = NonNullable<NonNullable<PodSpec["affinity"]>["nodeAffinity"]>;
type NodeSelector = NonNullable<NodeAffinity["requiredDuringSchedulingIgnoredDuringExecution"]>;
type Term = NodeSelector["nodeSelectorTerms"][number];
type TermRequirement = NonNullable<Term["matchExpressions"]>[number];

const toSelector = (requirements: readonly TermRequirement[] = []): Selector =>
  requirements.map(({ key, operator, values = [] }) => ({ key, operator, values }));

/** Prepared once for a pod. A term without any requirement matches no node. */
export function nodeAffinityMatcher(affinity: NodeSelector): (labels: Labels, name: string) => boolean {
  const terms = affinity.nodeSelectorTerms
    .map((term) => ({
      labels: toSelector(term.matchExpressions),
      fields: toSelector(term.matchFields),
    }))
    .filter(({ labels, fields }) => labels.length + fields.length > 0);
  return (nodeLabels, name) =>
    terms.some(
      ({ labels, fields }) => matches(labels, nodeLabels) && matches(fields, { "metadata.name": name }),
    );
}
