// What controllers and the scheduler want of pods. Each checks again: what they saw may have changed since.

import { type BerthEvent, failure, type Result, type Uid } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { drawName, namespaceOpen } from "./decide-create.ts";
import { type Deciding, decided, nameOf, notFound, unchanged } from "./deciding.ts";
import { controllerOf, ownerReference } from "./controlling.ts";
import { isFinished } from "./node-table.ts";
import { isTracked, jobFinalizer } from "./batch-specs.ts";
import { podClaimEvents } from "./decide-claims.ts";
import { createDaemonPods } from "./decide-daemon-pods.ts";
import { createMembers } from "./decide-members.ts";
import { obstacleOn } from "./node-room.ts";
import { recordedTemplate } from "./recorded-template.ts";
import { isRunning, podDeletion } from "./pod-deletion.ts";
import { isReplicator, replicatorSpecOf } from "./specs.ts";

/** Pods that one command makes at most: about 150 KiB of events, well within a commit. */
export const maxPodsPerCommand = 500;

export function createPods(deciding: Deciding, command: CommandOf<"CreatePods">): Result<Decision> {
  const { state, header } = deciding;
  const { owner, reason, members, nodes } = command;
  if (members) return createMembers(deciding, { ...command, members });
  if (nodes) return createDaemonPods(deciding, { ...command, nodes });
  const row = state.objectByUid(owner.uid);
  const { namespace } = owner;
  if (!row || !isReplicator(row.ref.kind) || namespace === undefined) return notFound(owner);
  if (row.deletion) return failure("Conflict", `${nameOf(owner)} is being deleted: it makes no pods`);
  const open = namespaceOpen(state, namespace);
  if (!open.ok) return open;
  const { template: value } = replicatorSpecOf(row.value);
  const recorded = recordedTemplate({ state, header, owner: row, value });
  if (!recorded.ok) return recorded;
  const { id: template } = recorded.value;
  const events: BerthEvent[] = [...recorded.value.events];
  const names = new Set<string>();
  const isTaken = (name: string): boolean => names.has(name) || state.podNamed(namespace, name) !== undefined;
  const reference = ownerReference(row.ref, row.value.apiVersion);
  for (let made = 0; made < Math.min(command.count, maxPodsPerCommand); made++) {
    const name = drawName(deciding, `${owner.name}-`, isTaken);
    names.add(name);
    const object = { kind: "Pod", namespace, name, uid: deciding.context.uuid() as Uid };
    events.push({ ...header, type: "PodCreated", object, template, owner: reference, reason });
  }
  return names.size === 0 ? unchanged : decided(events);
}

export function deletePod({ state, header }: Deciding, command: CommandOf<"DeletePod">): Result<Decision> {
  const pod = state.pod(command.pod.uid);
  if (!pod) return unchanged;
  const { reason, force, finalizer } = command;
  const held = finalizer !== undefined && pod.metadata.finalizers?.includes(finalizer);
  if (!held) return decided(podDeletion(state, header, pod, { reason, force }));
  const finalizers = pod.metadata.finalizers?.filter((name) => name !== finalizer) ?? [];
  const free = { ...pod, metadata: { ...pod.metadata, finalizers } };
  return decided([
    { ...header, type: "FinalizerRemoved", object: pod.ref, finalizer },
    ...podDeletion(state, header, free, { reason, force }),
  ]);
}

/** A pod, or another object that an owner keeps. */
export function adoptPod({ state, header }: Deciding, command: CommandOf<"AdoptPod">): Result<Decision> {
  const { pod: object } = command;
  const metadata = state.pod(object.uid)?.metadata ?? state.objectByUid(object.uid)?.value.metadata;
  if (!metadata) return notFound(object);
  const owner = state.objectByUid(command.owner.uid);
  if (!owner || owner.deletion) return failure("Conflict", `${nameOf(command.owner)} is gone or going`);
  const controller = controllerOf(metadata.ownerReferences);
  if (controller === owner.ref.uid) return unchanged;
  if (controller !== undefined) return failure("Conflict", `${nameOf(object)} has a controller already`);
  const others = (metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.ref.uid);
  const owners = [...others, ownerReference(owner.ref, owner.value.apiVersion)];
  const reason = `adopted by ${nameOf(owner.ref)}: its labels match`;
  return decided([{ ...header, type: "OwnersChanged", object, owners, reason }]);
}

/** Takes one owner away, of a pod or of any other object. */
export function releasePod({ state, header }: Deciding, command: CommandOf<"ReleasePod">): Result<Decision> {
  const { pod: object, owner } = command;
  const metadata = state.pod(object.uid)?.metadata ?? state.objectByUid(object.uid)?.value.metadata;
  if (!metadata) return notFound(object);
  const before = metadata.ownerReferences ?? [];
  const owners = before.filter(({ uid }) => uid !== owner.uid);
  if (owners.length === before.length) return unchanged;
  const controlled =
    controllerOf(before) === owner.uid && state.objectByUid(owner.uid)?.deletion === undefined;
  const reason = controlled ? `its labels no longer match ${nameOf(owner)}` : `${nameOf(owner)} let go of it`;
  const events: BerthEvent[] = [{ ...header, type: "OwnersChanged", object, owners, reason }];
  const pod = state.pod(object.uid);
  // Its job will not count it any more.
  if (pod?.owner === owner.uid && isTracked(pod)) {
    events.push({ ...header, type: "FinalizerRemoved", object, finalizer: jobFinalizer });
  }
  return decided(events);
}

export function releaseTermination(
  { state, header }: Deciding,
  command: CommandOf<"ReleaseTermination">,
): Result<Decision> {
  const pod = state.pod(command.pod.uid);
  if (!pod?.deletion || pod.deletion.released) return unchanged;
  return decided([{ ...header, type: "TerminationReleased", object: pod.ref, reason: command.reason }]);
}

/** A pod in deletion that fails has nothing to wait for any more. */
export function failPod({ state, header }: Deciding, command: CommandOf<"FailPod">): Result<Decision> {
  const { reason, message } = command;
  const pod = state.pod(command.pod.uid);
  if (!pod || isFinished(pod)) return unchanged;
  if (pod.deletion && !isRunning(state, pod)) {
    return decided(podDeletion(state, header, pod, { reason: pod.deletion.reason, force: true }));
  }
  return decided([{ ...header, type: "PodFailed", object: pod.ref, reason, message }]);
}

export function bindPod(deciding: Deciding, command: CommandOf<"BindPod">): Result<Decision> {
  const { state, header } = deciding;
  const pod = state.pod(command.pod.uid);
  if (!pod) return notFound(command.pod);
  if (pod.node === command.node) return unchanged;
  if (pod.node !== undefined)
    return failure("Conflict", `${nameOf(pod.ref)} is bound to ${pod.node} already`);
  if (pod.deletion || isFinished(pod))
    return failure("Conflict", `${nameOf(pod.ref)} is going: it needs no node`);
  const node = state.node(command.node);
  if (!node) return failure("NotFound", `node ${command.node} does not exist`);
  const obstacle = obstacleOn(state, node, pod);
  if (obstacle) return failure("Conflict", `${nameOf(pod.ref)} does not fit node ${node.name}: ${obstacle}`);
  const claimed = podClaimEvents(deciding, pod, node);
  if (!claimed.ok) return claimed;
  const { placement } = command;
  return decided([
    ...claimed.value,
    { ...header, type: "PodBound", object: pod.ref, node: node.name, placement },
  ]);
}

export function refusePod({ state, header }: Deciding, command: CommandOf<"RefusePod">): Result<Decision> {
  const pod = state.pod(command.pod.uid);
  if (!pod || pod.node !== undefined || pod.deletion || isFinished(pod)) return unchanged;
  if (pod.refusal?.message === command.refusal.message) return unchanged;
  return decided([{ ...header, type: "PodUnschedulable", object: pod.ref, refusal: command.refusal }]);
}
