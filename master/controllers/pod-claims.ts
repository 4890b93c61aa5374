// Claims that a waiting pod needs and nobody has made: its own (ephemeral volumes), and those of its stateful set's
// templates, which stay when it goes and are found again by name.

import { type ApiObject, type CommandEnvelope, type PersistentVolumeClaim } from "../../protocol/mod.ts";
import {
  type ClusterState,
  isFinished,
  type PodRow,
  type Reconcile,
  type StatefulSetSpec,
  statefulSetSpecOf,
} from "../cluster/mod.ts";
import { type ClaimUse, claimUsesOf } from "../storage/mod.ts";
import { statefulClaimName } from "./claim-templates.ts";
import { ordering } from "./ordering.ts";

export const reconcilePodClaims: Reconcile = (state, uid) => {
  const pod = state.pod(uid);
  if (!pod || pod.node !== undefined || pod.deletion || isFinished(pod)) return [];
  const order = ordering(state, "pod-claims", uid);
  return claimUsesOf(pod).flatMap((use): readonly CommandEnvelope[] => {
    if (state.object("PersistentVolumeClaim", pod.ref.namespace, use.claim)) return [];
    if (use.ephemeral) {
      const object = ephemeralClaim(pod, use);
      const reason = `ephemeral volume ${use.volume} of pod ${pod.ref.name}`;
      return object ? [order({ type: "CreateClaim", object, owner: pod.ref, reason })] : [];
    }
    const object = templateClaim(state, pod, use);
    const reason = `volume ${use.volume} of pod ${pod.ref.name}`;
    return object ? [order({ type: "CreateClaim", object, reason })] : [];
  });
};

type Template = Pick<PersistentVolumeClaim, "metadata" | "spec">;

const claimOf = (name: string, namespace: string, { metadata, spec }: Template): ApiObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: {
    name,
    namespace,
    ...(metadata?.labels && { labels: metadata.labels }),
    ...(metadata?.annotations && { annotations: metadata.annotations }),
  },
  spec,
});

function ephemeralClaim({ ref, spec }: PodRow, use: ClaimUse): ApiObject | undefined {
  const volume = spec.volumes?.find(({ name }) => name === use.volume);
  const template = volume?.ephemeral?.volumeClaimTemplate;
  return template && claimOf(use.claim, ref.namespace, template);
}

function templateClaim(state: ClusterState, pod: PodRow, use: ClaimUse): ApiObject | undefined {
  const set = pod.owner === undefined ? undefined : state.objectByUid(pod.owner);
  if (set?.ref.kind !== "StatefulSet" || use.claim !== statefulClaimName(use.volume, pod.ref.name)) {
    return undefined;
  }
  const spec = statefulSetSpecOf(set.value);
  const template = spec.volumeClaimTemplates?.find(({ metadata }) => metadata?.name === use.volume);
  return template && claimOf(use.claim, pod.ref.namespace, labelled(spec, template));
}

/** Claims have the labels that the set selects its pods by. */
const labelled = ({ selector }: StatefulSetSpec, { metadata, spec }: Template): Template => ({
  metadata: { ...metadata, labels: { ...metadata?.labels, ...selector.matchLabels } },
  ...(spec && { spec }),
});
