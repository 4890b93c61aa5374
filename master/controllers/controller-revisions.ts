// The revisions of a stateful set's or daemon set's template, kept as ControllerRevision objects.

import type { ApiObject, CommandEnvelope, PodTemplateSpec } from "../../protocol/mod.ts";
import {
  type ClusterState,
  controllerOf,
  type ObjectRow,
  revisionHashLabel,
  revisionTemplate,
  templateHash,
} from "../cluster/mod.ts";
import type { Order } from "./ordering.ts";

export interface Revisions {
  /** Name of the revision that the template asks for. */
  readonly update: string;
  /** Names that others had before it. */
  readonly collisions: number;
  /** Of this set, newest first. */
  readonly kept: readonly ObjectRow[];
  /** What brings the revisions in order first. */
  readonly commands: readonly CommandEnvelope[];
}

const numberOf = ({ value }: ObjectRow): number => Number(value["revision"] ?? 0);

/** Of its template: what the pods of a daemon set are labelled with. */
export const revisionHash = ({ value }: ObjectRow): string => templateHash(revisionTemplate(value));

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
  const { known, ...named } = presentRevision(state, row, spec.template, kept);
  const [newest] = kept;
  const next = (newest ? numberOf(newest) : 0) + 1;
  if (known === newest && known) return { ...named, kept, commands: [] };
  const reason = `revision ${next} of the template of ${row.ref.name}`;
  const command = known
    ? order({ type: "ChangeObject", object: known.ref, value: renewed(known, row, next), reason })
    : order({
        type: "CreateOwned",
        owner: row.ref,
        object: revisionObject(row, spec.template, { name: named.update, revision: next }),
        reason,
      });
  return { ...named, kept, commands: [command] };
}

interface Present extends Pick<Revisions, "update" | "collisions"> {
  readonly known?: ObjectRow;
}

/** Another's revision may have the name: a daemon set's beside a stateful set. Then the hash is drawn again. */
function presentRevision(
  state: ClusterState,
  { ref }: ObjectRow,
  template: PodTemplateSpec,
  kept: readonly ObjectRow[],
): Present {
  // By what it says and not by its name, which stays when that of the other one is free again.
  const own = kept.find((revision) => revisionHash(revision) === templateHash(template));
  for (let collisions = 0; ; collisions++) {
    const name = `${ref.name}-${templateHash(template, collisions)}`;
    const found = state.object("ControllerRevision", ref.namespace, name);
    const controller = controllerOf(found?.value.metadata.ownerReferences);
    if (controller !== undefined && controller !== ref.uid) continue;
    if (own) return { update: own.ref.name, collisions, known: own };
    // What a set of this name left behind that was deleted without what it owned is taken over.
    return { update: name, collisions, ...(found && { known: found }) };
  }
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
  { name, revision }: { readonly name: string; readonly revision: number },
): ApiObject {
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name,
      ...(ref.namespace !== undefined && { namespace: ref.namespace }),
      labels: { ...template.metadata?.labels, [revisionHashLabel]: templateHash(template) },
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
