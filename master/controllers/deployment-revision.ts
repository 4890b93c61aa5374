// The replica set of a deployment's present template: it is made, or found again, and given the next revision.
// A rollout begins where the deployment's own revision changes.

import {
  type ApiObject,
  type CommandEnvelope,
  maxNameLength,
  type ObjectMeta,
  type ObjectRef,
  type PodTemplateSpec,
  type ReplicaSet,
} from "../../protocol/mod.ts";
import {
  conditionOf,
  configHashKey,
  deploymentStatusOf,
  progressReasons,
  templateHash,
  timestamp,
} from "../cluster/mod.ts";
import { type Resize, freshSize } from "./deployment-scaling.ts";
import {
  annotations,
  allSets,
  hashLabel,
  replicasOf,
  type Rollout,
  revisionOf,
  type SetView,
  sumOf,
} from "./deployment-view.ts";

/** Annotations of a deployment that its replica sets do not get. */
const ownAnnotations: ReadonlySet<string> = new Set([
  annotations.revision,
  annotations.history,
  annotations.desired,
  annotations.max,
  annotations.autoRevert,
  annotations.revertedFrom,
  annotations.revertedTo,
  configHashKey,
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/** Nothing when the present template's replica set stands, with the highest revision. */
export function revisionCommands(rollout: Rollout): readonly CommandEnvelope[] {
  const { fresh, old } = rollout;
  const newest = old.reduce((highest, set) => Math.max(highest, set.revision), 0);
  if (!fresh) return createFresh(rollout, newest + 1);
  const revision = fresh.revision > newest ? fresh.revision : newest + 1;
  const kept = keptCommands(rollout, fresh, revision);
  if (revisionOf(rollout.row) === revision) return kept;
  const about = { revision, name: fresh.row.ref.name, reason: progressReasons.found } as const;
  return [...kept, ...beginRollout(rollout, about)];
}

/** A replica set that is found again gets a new revision; its annotations and minReadySeconds follow the deployment. */
function keptCommands(
  { row, spec, order }: Rollout,
  fresh: SetView,
  revision: number,
): readonly CommandEnvelope[] {
  const before = fresh.row.value;
  const { minReadySeconds } = spec;
  const known = before.metadata.annotations ?? {};
  const next: Record<string, string> = {
    ...known,
    ...inherited(row.value.metadata),
    [annotations.revision]: String(revision),
  };
  if (fresh.revision > 0 && fresh.revision !== revision) {
    next[annotations.history] = [known[annotations.history], fresh.revision].filter(Boolean).join(",");
  }
  const changed = Object.entries(next).some(([key, value]) => known[key] !== value);
  if (!changed && fresh.spec.minReadySeconds === (minReadySeconds ?? 0)) return [];
  const { minReadySeconds: _former, ...ownSpec } = before.spec as NonNullable<ReplicaSet["spec"]>;
  const value: ApiObject = {
    ...before,
    metadata: { ...before.metadata, annotations: next },
    spec: { ...ownSpec, ...(minReadySeconds !== undefined && { minReadySeconds }) },
  };
  const reason =
    fresh.revision === revision
      ? "follows its deployment"
      : `is the present template again: revision ${revision}`;
  return [order({ type: "ChangeObject", object: fresh.row.ref, value, reason })];
}

const inherited = ({ annotations: all = {} }: ObjectMeta): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([key]) => !ownAnnotations.has(key)));

function createFresh(rollout: Rollout, revision: number): readonly CommandEnvelope[] {
  const { state, row, order } = rollout;
  const namespace = state.object("Namespace", undefined, row.ref.namespace ?? "");
  if (!namespace || namespace.deletion) return [];
  const named = freeName(rollout);
  if (!named) return [];
  const object = replicaSetOf(rollout, { ...named, revision });
  const reason = `revision ${revision} of ${row.ref.name}`;
  const about = { revision, name: named.name, reason: progressReasons.created } as const;
  return [
    order({ type: "CreateOwned", owner: row.ref, object, reason }),
    ...beginRollout(rollout, { ...about, collisions: named.collisions }),
  ];
}

interface Named {
  readonly name: string;
  readonly hash: string;
  readonly collisions: number;
}

/** Something else may have the name: then the hash is drawn again. Nothing while an own set of this name is going. */
function freeName({ state, row, spec, old }: Rollout): Named | undefined {
  const { namespace, name: own } = row.ref;
  for (let collisions = deploymentStatusOf(row).collisionCount ?? 0; ; collisions++) {
    const hash = templateHash(spec.template, collisions);
    const name = `${own.slice(0, maxNameLength - hash.length - 1)}-${hash}`;
    const taken = state.object("ReplicaSet", namespace, name);
    if (!taken) return { name, hash, collisions };
    if (taken.deletion && old.some((set) => set.row === taken)) return undefined;
  }
}

function replicaSetOf(
  rollout: Rollout,
  { name, hash, revision }: Named & { readonly revision: number },
): ApiObject {
  const { row, spec, wanted } = rollout;
  const replicas = freshSize(rollout, 0, sumOf(allSets(rollout), replicasOf));
  const { namespace } = row.ref;
  const template = withHash(spec.template, hash);
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(template.metadata?.labels && { labels: template.metadata.labels }),
      annotations: {
        ...inherited(row.value.metadata),
        [annotations.revision]: String(revision),
        ...sizeNotes(rollout, wanted),
      },
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template,
    },
  };
}

const withHash = (template: PodTemplateSpec, hash: string): PodTemplateSpec => ({
  ...template,
  metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [hashLabel]: hash } },
});

/** What a set was sized by: how a later scaling is told from a rollout. */
const sizeNotes = ({ bounds }: Rollout, wanted: number): Record<string, string> => ({
  [annotations.desired]: String(wanted),
  [annotations.max]: String(wanted + bounds.maxSurge),
});

/** Sets whose size and notes are right already are left alone. */
export function resizeCommands(rollout: Rollout, resizes: readonly Resize[]): readonly CommandEnvelope[] {
  const notes = sizeNotes(rollout, rollout.wanted);
  return resizes.flatMap(({ set, replicas, reason }) => {
    const { ref, value, deletion } = set.row;
    const known = value.metadata.annotations ?? {};
    const noted = Object.entries(notes).every(([key, text]) => known[key] === text);
    if (deletion || (noted && replicas === set.replicas)) return [];
    const next: ApiObject = {
      ...value,
      metadata: { ...value.metadata, annotations: { ...known, ...notes } },
      spec: { ...(value.spec as object), replicas },
    };
    return [rollout.order({ type: "ChangeObject", object: ref, value: next, reason })];
  });
}

interface Beginning {
  readonly revision: number;
  readonly name: string;
  readonly reason: typeof progressReasons.created | typeof progressReasons.found;
  readonly collisions?: number;
}

/** The deployment takes over the revision, and its progress deadline starts anew. */
function beginRollout(
  { row, order, now, spec }: Rollout,
  { revision, name, reason, collisions }: Beginning,
): readonly CommandEnvelope[] {
  const known = row.value.metadata.annotations ?? {};
  const next: Record<string, string> = { ...known, [annotations.revision]: String(revision) };
  if (known[annotations.revertedTo] !== name) {
    delete next[annotations.revertedFrom];
    delete next[annotations.revertedTo];
  }
  const value = { ...row.value, metadata: { ...row.value.metadata, annotations: next } };
  const text = `rollout of revision ${revision}: ${name}`;
  const commands = [order({ type: "ChangeObject", object: row.ref, value, reason: text })];
  const status = deploymentStatusOf(row);
  const at = timestamp(now);
  const progressing = {
    type: "Progressing",
    status: "True",
    reason,
    message: `${reason === progressReasons.created ? "Created new" : "Found new"} replica set "${name}"`,
    lastUpdateTime: at,
    lastTransitionTime:
      conditionOf(status, "Progressing")?.status === "True"
        ? (conditionOf(status, "Progressing")?.lastTransitionTime ?? at)
        : at,
  };
  const others = (status.conditions ?? []).filter(({ type }) => type !== "Progressing");
  const conditions = spec.progressDeadlineSeconds === undefined ? others : [...others, progressing];
  const told = {
    ...status,
    ...(collisions !== undefined && collisions > 0 && { collisionCount: collisions }),
    conditions,
  };
  return [...commands, order({ type: "UpdateStatus", object: row.ref as ObjectRef, status: told })];
}
