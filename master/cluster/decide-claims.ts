// What controllers and nodes want of volumes and claims. Each is looked at again: what they saw may have changed.

import { type BerthEvent, failure, type Result, success, volumeProtection } from "../../protocol/mod.ts";
import {
  bestVolume,
  claimSpecOf,
  claimState,
  homeOf,
  isKeptFor,
  type PlacedClaim,
  PlannedStorage,
  reachesAll,
  volumeNeedsOf,
  volumeSpecOf,
} from "../storage/mod.ts";
import { bindingEvents } from "./claim-binding.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision, NodeRow, ObjectRow, PodRow } from "./contract.ts";
import { ownerReference } from "./controlling.ts";
import { newObject } from "./decide-create.ts";
import { sessionOf } from "./decide-nodes.ts";
import { type Deciding, decided, nameOf, notFound, unchanged } from "./deciding.ts";
import { removalEvents } from "./removal.ts";

export function bindClaim(deciding: Deciding, command: CommandOf<"BindClaim">): Result<Decision> {
  const { state } = deciding;
  const claim = state.objectByUid(command.claim.uid);
  if (!claim) return notFound(command.claim);
  if (claim.deletion) return failure("Conflict", `${nameOf(claim.ref)} is being deleted`);
  const { type } = claimState(state, claim);
  if (type === "bound" || type === "taken" || type === "missing") return unchanged;
  const volume = command.volume && state.objectByUid(command.volume.uid);
  if (command.volume) {
    if (!volume || volume.deletion) return notFound(command.volume);
    if (!isFreeFor(volume, claim)) return failure("Conflict", `${nameOf(volume.ref)} is another claim's`);
  }
  const { node } = command;
  const events = bindingEvents(deciding, {
    claim,
    ...(volume && { volume }),
    ...(node !== undefined && { node }),
  });
  return events.ok ? decided(events.value) : events;
}

const isFreeFor = (volume: ObjectRow, claim: ObjectRow): boolean =>
  isKeptFor(volume, claim) || (!volumeSpecOf(volume.value).claimRef && suits(volume, claim));
const suits = (volume: ObjectRow, claim: ObjectRow): boolean =>
  bestVolume(claimSpecOf(claim.value), [volume]) !== undefined;

/**
 * What binding a pod to the node means for its claims: those that waited for it get their volumes with it, in the same
 * commit. Conflict when the node does not have, and cannot make, what they ask for.
 */
export function podClaimEvents(
  deciding: Deciding,
  pod: PodRow,
  node: NodeRow,
): Result<readonly BerthEvent[]> {
  const planned = new PlannedStorage(deciding.state);
  const needs = volumeNeedsOf(deciding.state, planned, pod);
  if (!needs) return success([]);
  const refuse = (why: string): Result<never> =>
    failure("Conflict", `${nameOf(pod.ref)} can't be on node ${node.name}: ${why}`);
  if (needs.refused !== undefined) return refuse(needs.refused);
  if (!reachesAll(node, needs.placed)) return refuse(`${claimNames(needs.placed)} can't be reached from it`);
  const choices = planned.choose(needs.undecided, node);
  if (!choices) return refuse("no volume can be had there for its claims");
  const events: BerthEvent[] = [];
  for (const choice of choices) {
    const bound = bindingEvents(deciding, { ...choice, node: node.name });
    if (!bound.ok) return bound;
    events.push(...bound.value);
  }
  return success(events);
}

const claimNames = (placed: readonly PlacedClaim[]): string =>
  `the data of ${placed.map(({ claim }) => `claim ${claim}`).join(", ")}`;

/** A claim that a pod needs: its own (ephemeral), or of its stateful set's templates. */
export function createClaim(deciding: Deciding, command: CommandOf<"CreateClaim">): Result<Decision> {
  const { state, header } = deciding;
  const { object, owner, reason } = command;
  const pod = owner && state.pod(owner.uid);
  if (owner && !pod) return notFound(owner);
  const metadata = pod
    ? { ...object.metadata, ownerReferences: [ownerReference(pod.ref, "v1")] }
    : object.metadata;
  const created = newObject(deciding, { ...object, metadata });
  if (!created.ok) return created;
  const { ref, value } = created.value;
  return decided([{ ...header, type: "ObjectCreated", object: ref, value, reason }]);
}

/** A claim of a stateful set's goes with the set, with a pod of it, or with nobody. Other owners stay. */
export function setClaimOwner(
  { state, header }: Deciding,
  command: CommandOf<"SetClaimOwner">,
): Result<Decision> {
  const { claim: object, set, owner, reason } = command;
  const row = state.objectByUid(object.uid);
  if (!row) return notFound(object);
  const before = row.value.metadata.ownerReferences ?? [];
  const others = before.filter(({ kind, uid }) => kind !== "Pod" && uid !== set.uid);
  const apiVersion = owner?.kind === "Pod" ? "v1" : "apps/v1";
  const owners = owner ? [...others, ownerReference(owner, apiVersion)] : others;
  if (before.map(({ uid }) => uid).join() === owners.map(({ uid }) => uid).join()) return unchanged;
  return decided([{ ...header, type: "OwnersChanged", object, owners, reason }]);
}

/** The word of the node that a released volume was on: its data is gone, or why not. */
export function reportVolume(deciding: Deciding, command: CommandOf<"ReportVolume">): Result<Decision> {
  const { state, header } = deciding;
  const node = sessionOf(state.node(command.node), command);
  if (!node.ok) return node;
  const row = state.objectByUid(command.volume);
  const released = [...state.volumesToDelete(command.node)].some(({ ref }) => ref.uid === command.volume);
  if (!row || !released || homeOf(volumeSpecOf(row.value)) !== command.node) return unchanged;
  const { error } = command;
  if (error !== undefined) {
    if (row.status["message"] === error && row.status["phase"] === "Failed") return unchanged;
    const status = { ...row.status, phase: "Failed", reason: "VolumeFailedDelete", message: error };
    return decided([{ ...header, type: "StatusUpdated", object: row.ref, status }]);
  }
  const reason = `node ${command.node} has deleted its data`;
  const finalizers = row.value.metadata.finalizers ?? [];
  if (finalizers.length === 0) return decided(removalEvents(state, header, row.ref, reason));
  const events: BerthEvent[] = row.deletion
    ? []
    : [{ ...header, type: "DeletionRequested", object: row.ref, propagation: "Background", reason }];
  if (!finalizers.includes(volumeProtection)) return decided(events);
  events.push({ ...header, type: "FinalizerRemoved", object: row.ref, finalizer: volumeProtection });
  if (finalizers.length === 1) events.push(...removalEvents(state, header, row.ref, reason));
  return decided(events);
}
