// Rollouts: how far one is, which revisions there are, and the way back to one of them. The sentences are kubectl's,
// because scripts look for them.

import { BerthError, type PodTemplateSpec } from "../protocol/mod.ts";
import type { BerthClient } from "./client.ts";
import type { Stored } from "./kinds.ts";
import type { Mutation, MutationOptions } from "./mutations.ts";
import type { CallOptions } from "./requester.ts";

export type RolloutKind = "Deployment" | "DaemonSet" | "StatefulSet";
export type Rolled = Stored<RolloutKind>;

export interface RolloutProgress {
  /** `reverted`: done, but with the template of an older revision, because the new one failed. */
  readonly state: "waiting" | "done" | "failed" | "reverted";
  readonly message: string;
}

const revisionAnnotation = "deployment.kubernetes.io/revision";
const causeAnnotation = "kubernetes.io/change-cause";
const hashLabel = "pod-template-hash";
/** An undo reads and writes; it is tried again this often when someone else was faster. */
const conflictTries = 5;

const waiting = (message: string): RolloutProgress => ({ state: "waiting", message });
const done = (message: string): RolloutProgress => ({ state: "done", message });

/** Pure: what an object's own status says of its rollout. */
export function rolloutProgress(object: Rolled): RolloutProgress {
  const { metadata, status } = object;
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return waiting(`Waiting for ${object.kind.toLowerCase()} spec update to be observed...`);
  }
  if (object.kind === "Deployment") return deploymentProgress(object);
  return object.kind === "DaemonSet" ? daemonSetProgress(object) : statefulSetProgress(object);
}

function deploymentProgress({ metadata, spec, status }: Stored<"Deployment">): RolloutProgress {
  const name = JSON.stringify(metadata.name);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, conditions = [] } = status ?? {};
  const progressing = conditions.find(({ type }) => type === "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") {
    return { state: "failed", message: `deployment ${name} exceeded its progress deadline` };
  }
  const wait = (what: string): RolloutProgress =>
    waiting(`Waiting for deployment ${name} rollout to finish: ${what}...`);
  const wanted = spec?.replicas ?? 1;
  if (updatedReplicas < wanted) {
    return wait(`${updatedReplicas} out of ${wanted} new replicas have been updated`);
  }
  if (replicas > updatedReplicas) {
    return wait(`${replicas - updatedReplicas} old replicas are pending termination`);
  }
  if (availableReplicas < updatedReplicas) {
    return wait(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  }
  const reverted = conditions.find(({ type, status: is }) => type === "Reverted" && is === "True");
  if (!reverted) return done(`deployment ${name} successfully rolled out`);
  return { state: "reverted", message: `deployment ${name} was rolled back: ${reverted.message}` };
}

const noStatus = (kind: string): RolloutProgress => ({
  state: "failed",
  message: `rollout status is only available for the RollingUpdate strategy type, and this ${kind} has OnDelete`,
});

function daemonSetProgress({ metadata, spec, status }: Stored<"DaemonSet">): RolloutProgress {
  if (spec?.updateStrategy?.type === "OnDelete") return noStatus("daemon set");
  const name = JSON.stringify(metadata.name);
  const wait = (what: string): RolloutProgress =>
    waiting(`Waiting for daemon set ${name} rollout to finish: ${what}...`);
  const {
    desiredNumberScheduled: wanted = 0,
    updatedNumberScheduled = 0,
    numberAvailable = 0,
  } = status ?? {};
  if (updatedNumberScheduled < wanted) {
    return wait(`${updatedNumberScheduled} out of ${wanted} new pods have been updated`);
  }
  if (numberAvailable < wanted) return wait(`${numberAvailable} of ${wanted} updated pods are available`);
  return done(`daemon set ${name} successfully rolled out`);
}

function statefulSetProgress({ spec, status }: Stored<"StatefulSet">): RolloutProgress {
  if (spec?.updateStrategy?.type === "OnDelete") return noStatus("stateful set");
  const wanted = spec?.replicas ?? 1;
  const { readyReplicas = 0, updatedReplicas = 0, updateRevision, currentRevision } = status ?? {};
  if (readyReplicas < wanted) return waiting(`Waiting for ${wanted - readyReplicas} pods to be ready...`);
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    const asked = Math.max(0, wanted - partition);
    if (updatedReplicas < asked) {
      const what = `${updatedReplicas} out of ${asked} new pods have been updated`;
      return waiting(`Waiting for partitioned roll out to finish: ${what}...`);
    }
    return done(`partitioned roll out complete: ${updatedReplicas} new pods have been updated...`);
  }
  const at = `${updatedReplicas} pods at revision ${updateRevision}...`;
  if (updateRevision !== currentRevision) {
    return waiting(`waiting for statefulset rolling update to complete ${at}`);
  }
  return done(`statefulset rolling update complete ${at}`);
}

export interface Revision {
  readonly revision: number;
  readonly changeCause: string | undefined;
  readonly template: PodTemplateSpec;
}

interface Where extends CallOptions {
  readonly namespace?: string;
}

/** Oldest first; the last one is the present one, unless a change was not taken up yet. */
export async function listRevisions(
  client: BerthClient,
  object: Rolled,
  options: Where = {},
): Promise<readonly Revision[]> {
  const controlled = ({ metadata }: Stored<"ReplicaSet"> | Stored<"ControllerRevision">): boolean =>
    metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === object.metadata.uid) ??
    false;
  const found =
    object.kind === "Deployment"
      ? (await client.list("ReplicaSet", options)).filter(controlled).map(ofReplicaSet)
      : (await client.list("ControllerRevision", options)).filter(controlled).map(ofControllerRevision);
  return found.filter(({ revision }) => revision > 0).sort((left, right) => left.revision - right.revision);
}

const ofReplicaSet = ({ metadata, spec }: Stored<"ReplicaSet">): Revision => ({
  revision: Number(metadata.annotations?.[revisionAnnotation] ?? 0),
  changeCause: metadata.annotations?.[causeAnnotation],
  template: withoutHash(spec?.template ?? {}),
});

const ofControllerRevision = ({ metadata, revision, data }: Stored<"ControllerRevision">): Revision => ({
  revision,
  changeCause: metadata.annotations?.[causeAnnotation],
  // What the control plane keeps there is a patch of the owner.
  template:
    (data as { readonly spec?: { readonly template?: PodTemplateSpec } } | undefined)?.spec?.template ?? {},
});

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [hashLabel]: hash, ...labels } = template.metadata?.labels ?? {};
  return hash === undefined ? template : { ...template, metadata: { ...template.metadata, labels } };
}

/** Back to the template of a revision, or of the one before the present. NotFound when it is not kept. */
export async function undoRollout(
  client: BerthClient,
  kind: RolloutKind,
  name: string,
  options: MutationOptions & Where & { readonly toRevision?: number } = {},
): Promise<Mutation & { readonly revision: number }> {
  const { toRevision, ...call } = options;
  for (let tries = 1; ; tries++) {
    const object: Rolled = await client.get(kind, name, call);
    if (object.kind === "Deployment" && object.spec?.paused) {
      const message = `deployment ${JSON.stringify(name)} is paused: resume it first, then undo`;
      throw new BerthError({ code: "Conflict", message });
    }
    const { revision, template } = targetOf(await listRevisions(client, object, call), name, toRevision);
    try {
      const spec = { ...object.spec, template };
      return { ...(await client.replace({ ...object, spec }, call)), revision };
    } catch (error) {
      const again = error instanceof BerthError && error.code === "Conflict" && tries < conflictTries;
      if (!again) throw error;
    }
  }
}

function targetOf(revisions: readonly Revision[], name: string, wanted: number | undefined): Revision {
  const target = wanted ? revisions.find(({ revision }) => revision === wanted) : revisions.at(-2);
  if (target) return target;
  const kept = revisions.map(({ revision }) => revision).join(", ") || "none";
  const asked = wanted ? `revision ${wanted}` : "an earlier revision";
  const message = `${asked} of ${name} is not kept; there are: ${kept}`;
  throw new BerthError({ code: "NotFound", message });
}
