// The revisions of a stateful set's or daemon set's template, kept as ControllerRevision objects.

import type { ApiObject, CommandEnvelope, PodTemplateSpec } from "../../protocol/mod.ts";
import {
  type ClusterState,
  controllerOf,
  type ObjectRow,
  revisionHashLabel,
  templateHash,
} from "../cluster/mod.ts";
import type { Order } from "./ordering.ts";

export interface Revisions {
  /** Name of the revision that the template asks for. */
  readonly update: string;
  /** Of this set, newest first. */
  readonly kept: readonly ObjectRow[];
  /** What brings the revisions in order first. */
  readonly commands: readonly CommandEnvelope[];
}

const numberOf = ({ value }: ObjectRow): number => Number(value["revision"] ?? 0);

/** A template that was there before gets its old revision back, as the newest. */
export function revisionsOf(
  state: ClusterState,
  row: ObjectRow,
  spec: { readonly template: PodTemplateSpec },
  order: Order,
): Revisions {
  const kept: ObjectRow[] = [];
  for (const ref of state.dependents(row.ref.uid)) {
    const revision = ref.kind === "ControllerRevision" ? state.objectByUid(ref.uid) : undefined;
    if (revision && controllerOf(revision.value.metadata.ownerReferences) === row.ref.uid)
      kept.push(revision);
  }
  kept.sort((left, right) => numberOf(right) - numberOf(left));
  const hash = templateHash(spec.template);
  const update = `${row.ref.name}-${hash}`;
  const [newest] = kept;
  const next = (newest ? numberOf(newest) : 0) + 1;
  const known = kept.find(({ ref }) => ref.name === update) ?? orphanNamed(state, row, update);
  if (known === newest && known) return { update, kept, commands: [] };
  const reason = `revision ${next} of the template of ${row.ref.name}`;
  const command = known
    ? order({ type: "ChangeObject", object: known.ref, value: renewed(known, row, next), reason })
    : order({
        type: "CreateOwned",
        owner: row.ref,
        object: revisionObject(row, spec.template, { name: update, hash, revision: next }),
        reason,
      });
  return { update, kept, commands: [command] };
}

/** Left behind by a set of this name that was deleted without what it owned. */
function orphanNamed(state: ClusterState, { ref }: ObjectRow, name: string): ObjectRow | undefined {
  const revision = state.object("ControllerRevision", ref.namespace, name);
  return revision && controllerOf(revision.value.metadata.ownerReferences) === undefined
    ? revision
    : undefined;
}

function renewed({ value }: ObjectRow, { ref, value: set }: ObjectRow, revision: number): ApiObject {
  const ownerReferences = [
    {
      apiVersion: set.apiVersion,
      kind: ref.kind,
      name: ref.name,
      uid: ref.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
  return { ...value, metadata: { ...value.metadata, ownerReferences }, revision };
}

function revisionObject(
  { ref }: ObjectRow,
  template: PodTemplateSpec,
  { name, hash, revision }: { readonly name: string; readonly hash: string; readonly revision: number },
): ApiObject {
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name,
      ...(ref.namespace !== undefined && { namespace: ref.namespace }),
      labels: { ...template.metadata?.labels, [revisionHashLabel]: hash },
    },
    data: { spec: { template } },
    revision,
  };
}

/** Revisions that no pod has and that are not wanted, beyond the limit. */
export function oldRevisions(
  { kept }: Revisions,
  live: ReadonlySet<string | undefined>,
  limit: number,
  order: Order,
): readonly CommandEnvelope[] {
  return kept
    .filter(({ ref, deletion }) => !live.has(ref.name) && !deletion)
    .slice(limit)
    .map(({ ref }) => order({ type: "RemoveObject", object: ref, reason: "newer revisions are kept" }));
}
