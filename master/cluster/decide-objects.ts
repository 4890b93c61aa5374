// What controllers want of objects other than pods and nodes.

import { type BerthEvent, type Result, sameValue } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { type Deciding, decided, notFound, unchanged } from "./deciding.ts";
import { isRunning, podDeletion } from "./pod-deletion.ts";
import { removalEvents } from "./removal.ts";

export function updateStatus(
  { state, header }: Deciding,
  command: CommandOf<"UpdateStatus">,
): Result<Decision> {
  const row = state.objectByUid(command.object.uid);
  if (!row) return notFound(command.object);
  if (sameValue(row.status, command.status)) return unchanged;
  return decided([{ ...header, type: "StatusUpdated", object: row.ref, status: command.status }]);
}

export function setEndpoints(
  { state, header }: Deciding,
  command: CommandOf<"SetEndpoints">,
): Result<Decision> {
  const row = state.objectByUid(command.service.uid);
  if (!row) return notFound(command.service);
  const { subsets } = command;
  const before = state.endpointSubsets(row.ref.uid);
  if (before && sameValue(before, subsets)) return unchanged;
  return decided([{ ...header, type: "EndpointsChanged", object: row.ref, subsets }]);
}

/** At once, unless finalizers hold it: then its deletion is asked for. */
export function removeObject(
  { state, header }: Deciding,
  { object, reason }: CommandOf<"RemoveObject">,
): Result<Decision> {
  const pod = state.pod(object.uid);
  if (pod) return decided(podDeletion(state, header, pod, { reason }));
  const row = state.objectByUid(object.uid);
  if (!row) return unchanged;
  if ((row.value.metadata.finalizers ?? []).length === 0) {
    return decided(removalEvents(state, header, row.ref, reason));
  }
  if (row.deletion) return unchanged;
  return decided([
    { ...header, type: "DeletionRequested", object: row.ref, propagation: "Background", reason },
  ]);
}

/** The last finalizer of what is being deleted takes the object with it. */
export function removeFinalizer(
  { state, header }: Deciding,
  { object, finalizer }: CommandOf<"RemoveFinalizer">,
): Result<Decision> {
  const pod = state.pod(object.uid);
  const row = pod ? undefined : state.objectByUid(object.uid);
  const metadata = pod?.metadata ?? row?.value.metadata;
  if (!metadata) return unchanged;
  const before = metadata.finalizers ?? [];
  if (!before.includes(finalizer)) return unchanged;
  const events: BerthEvent[] = [{ ...header, type: "FinalizerRemoved", object, finalizer }];
  const going = row?.deletion ?? (pod?.deletion && !isRunning(state, pod));
  if (going && before.length === 1 && object.kind !== "Namespace") {
    events.push(...removalEvents(state, header, object, "last finalizer removed"));
  }
  return decided(events);
}
