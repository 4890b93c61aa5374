// A job's pods are counted: the counts and the end of their holding are one commit, so that each counts exactly once,
// whoever leads and whenever the leader changes.

import { type BerthEvent, failure, type Result } from "../../protocol/mod.ts";
import { isTracked, jobFinalizer } from "./batch-specs.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { removeFinalizer } from "./decide-objects.ts";
import { type Deciding, decided, nameOf, notFound } from "./deciding.ts";

/** Refused as a whole when one of the pods is not held for this job any more: it was counted already. */
export function countJobPods(deciding: Deciding, command: CommandOf<"CountJobPods">): Result<Decision> {
  const { state, header } = deciding;
  const { job, pods, status } = command;
  const row = state.objectByUid(job.uid);
  if (!row) return notFound(job);
  const events: BerthEvent[] = [{ ...header, type: "StatusUpdated", object: row.ref, status }];
  for (const object of pods) {
    const pod = state.pod(object.uid);
    if (!pod || pod.owner !== job.uid || !isTracked(pod)) {
      return failure("Conflict", `${nameOf(object)} was counted already`);
    }
    const released = removeFinalizer(deciding, {
      type: "RemoveFinalizer",
      object: pod.ref,
      finalizer: jobFinalizer,
    });
    if (!released.ok) return released;
    events.push(...released.value.events);
  }
  return decided(events);
}
