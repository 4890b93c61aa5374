// Preemption: a pod that fits nowhere gets the place of pods of lower priority. The nomination and the deletions are
// one commit, so no victim goes for a pod that is not there any more, and each victim's event names its successor.

import { type BerthEvent, failure, type Result } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision, PodRow } from "./contract.ts";
import { type Deciding, decided, nameOf, notFound, unchanged } from "./deciding.ts";
import { preemptionReason } from "./disruption-target.ts";
import { isFinished } from "./node-table.ts";
import { podDeletion } from "./pod-deletion.ts";
import { priorityOf } from "./priorities.ts";

/** Checks again what the scheduler saw: all victims are there still and matter less, or nothing happens. */
export function preemptPods(
  { state, header }: Deciding,
  { pod: ref, node: name, victims }: CommandOf<"PreemptPods">,
): Result<Decision> {
  const pod = state.pod(ref.uid);
  if (!pod || pod.node !== undefined || pod.deletion || isFinished(pod)) return unchanged;
  const node = state.node(name);
  if (!node) return notFound({ kind: "Node", name });
  const rows: PodRow[] = [];
  for (const { uid } of victims) {
    const victim = state.pod(uid);
    if (!victim || victim.deletion || isFinished(victim)) continue;
    if (victim.node !== name || priorityOf(victim) >= priorityOf(pod)) {
      return failure(
        "Conflict",
        `${nameOf(victim.ref)} does not make way for ${nameOf(pod.ref)} on node ${name}`,
      );
    }
    rows.push(victim);
  }
  if (rows.length === 0) return unchanged;
  const { namespace, name: podName } = pod.ref;
  const reason = preemptionReason(`${namespace}/${podName} (priority ${priorityOf(pod)}) on node ${name}`);
  const nominated: BerthEvent = {
    ...header,
    type: "PodNominated",
    object: pod.ref,
    node: name,
    victims: rows.map((row) => row.ref),
  };
  return decided([
    nominated,
    ...rows.flatMap((row) =>
      podDeletion(state, header, row, { reason: `${reason}: its own is ${priorityOf(row)}` }),
    ),
  ]);
}
