// Deleting any object on a user's word: pods with grace, owners with their dependents, nodes with their pods.

import {
  type BerthEvent,
  defaultNamespace,
  type DeletePropagation,
  failure,
  isSystemPriorityClass,
  kindInfo,
  type ObjectRef,
  type Result,
} from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { conflictOf } from "./decide-update.ts";
import { type Deciding, nameOf, notFound, told } from "./deciding.ts";
import { type Found, findObject } from "./find-object.ts";
import { mayRunStill } from "./identity.ts";
import { podDeletion } from "./pod-deletion.ts";
import { removalEvents } from "./removal.ts";
import { servesPods } from "./specs.ts";

/** Namespaces that the cluster itself needs. */
const keptNamespaces: ReadonlySet<string> = new Set([
  "default",
  "kube-system",
  "kube-public",
  "berth-system",
]);

export function decideDelete(deciding: Deciding, command: CommandOf<"DeleteObject">): Result<Decision> {
  const { kind, namespace, name, preconditions, dryRun } = command;
  const ref = { kind, name, ...(kindInfo(kind)?.namespaced && { namespace: namespace ?? defaultNamespace }) };
  const found = findObject(deciding.state, ref);
  if (!found) return notFound(ref);
  const refused = conflictOf(found, preconditions) ?? refuseDelete(deciding, found.ref);
  if (refused) return refused;
  const events = deletionEvents(deciding, found, command);
  return told({ events, outcome: "deleted", object: found.ref, preview: found.value }, dryRun);
}

function refuseDelete({ state, now }: Deciding, ref: ObjectRef): Result<never> | undefined {
  if (ref.kind === "Namespace" && keptNamespaces.has(ref.name)) {
    return failure("Forbidden", `namespace ${ref.name} can't be deleted`);
  }
  if (ref.kind === "PriorityClass" && isSystemPriorityClass(ref.name)) {
    return failure("Forbidden", `priority class ${ref.name} is the cluster's own and can't be deleted`);
  }
  const node = ref.kind === "Node" ? state.nodeByUid(ref.uid) : undefined;
  const held = node && [...state.podsOnNode(node.name)].find((pod) => mayRunStill(state, pod, now));
  if (held) {
    return failure(
      "Conflict",
      `${nameOf(held.ref)} must not run twice and may run on node ${ref.name}: drain the node first, or fence it when it is lost (berth node fence ${ref.name})`,
    );
  }
  const service = ref.kind === "Endpoints" ? state.object("Service", ref.namespace, ref.name) : undefined;
  if (service && servesPods(service.value)) {
    return failure("Forbidden", `${nameOf(ref)} goes with its service: delete that instead`);
  }
  return undefined;
}

function deletionEvents(
  deciding: Deciding,
  found: Found,
  command: CommandOf<"DeleteObject">,
): readonly BerthEvent[] {
  const { state, header } = deciding;
  const { ref } = found;
  const { gracePeriodSeconds } = command;
  const reason = `deleted by ${header.by}`;
  const pod = state.pod(ref.uid);
  if (pod) return podDeletion(state, header, pod, { reason, graceSeconds: gracePeriodSeconds });
  if (ref.kind === "Node") return nodeRemoval(deciding, ref, reason);
  if (found.deleting) return [];
  const propagation: DeletePropagation = command.propagation ?? "Background";
  const waits = ref.kind === "Namespace" || propagation !== "Background" || hasFinalizers(found);
  if (!waits) return removalEvents(state, header, ref, reason);
  return [{ ...header, type: "DeletionRequested", object: ref, propagation, reason }];
}

const hasFinalizers = ({ value }: Found): boolean => (value.metadata.finalizers ?? []).length > 0;

/** Its pods go with it, as nobody is left to say how they fare; an agent that still runs registers anew, with none. */
function nodeRemoval({ state, header }: Deciding, ref: ObjectRef, reason: string): readonly BerthEvent[] {
  const row = state.nodeByUid(ref.uid);
  const pods = row ? [...state.podsOnNode(row.name)] : [];
  const gone = pods.flatMap((pod) =>
    podDeletion(state, header, pod, { reason: `node ${ref.name} was deleted`, force: true }),
  );
  return [...gone, ...removalEvents(state, header, ref, reason)];
}
