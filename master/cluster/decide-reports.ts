// What an agent says of its pods. Phases only go forward; what is known already writes nothing.

import {
  type BerthEvent,
  type NodeName,
  type PodReport,
  type PodStatus,
  type Result,
  sameValue,
} from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision, PodRow } from "./contract.ts";
import { type Deciding, decided, unchanged } from "./deciding.ts";
import { sessionOf } from "./decide-nodes.ts";
import { isFinished } from "./node-table.ts";
import { podDeletion } from "./pod-deletion.ts";

/**
 * The report's number is written along with what it changed. A report that changes nothing writes nothing, and
 * may be acknowledged all the same: telling it again changes nothing again.
 */
export function reportPods(deciding: Deciding, command: CommandOf<"ReportPods">): Result<Decision> {
  const { state, header } = deciding;
  const { session, number } = command;
  const node = sessionOf(state.node(command.node), command);
  if (!node.ok) return node;
  if (number <= node.value.reported) return unchanged;
  const events: BerthEvent[] = [];
  for (const report of command.pods) {
    const pod = state.pod(report.uid);
    // Bound elsewhere or gone: the agent learns that from its assignment.
    if (pod?.node === command.node)
      events.push(...reportPod({ ...deciding, node: command.node }, pod, report));
  }
  if (events.length === 0) return unchanged;
  return decided([
    ...events,
    { ...header, type: "ReportsReceived", object: node.value.ref, session, number },
  ]);
}

interface Reporting extends Deciding {
  readonly node: NodeName;
}

function reportPod(deciding: Reporting, pod: PodRow, { status, gone }: PodReport): readonly BerthEvent[] {
  if (gone) return podGone(deciding, pod, status);
  if (isFinished(pod)) return [];
  const next = forward(pod.status, status);
  return sameValue(pod.status, next) ? [] : [observed(deciding, pod, next)];
}

/** Pending, Running, then Succeeded or Failed. A container that starts again leaves its pod Running. */
function forward(before: PodStatus, next: PodStatus): PodStatus {
  const phase = before.phase === "Running" && next.phase === "Pending" ? "Running" : next.phase;
  return phase === next.phase || phase === undefined ? next : { ...next, phase };
}

const observed = ({ header, node }: Reporting, pod: PodRow, status: PodStatus): BerthEvent => ({
  ...header,
  type: "PodStatusObserved",
  object: pod.ref,
  node,
  status,
});

/**
 * Nothing of it is left on its node. That ends a deletion; a pod whose finalizers hold it is finished instead.
 * A finished pod may be cleared away. A pod that should run has failed: its agent lost it, and cannot say how it
 * ended.
 */
function podGone(deciding: Reporting, pod: PodRow, status: PodStatus): readonly BerthEvent[] {
  const { state, header } = deciding;
  const held = (pod.metadata.finalizers ?? []).length > 0;
  if (pod.deletion && !held) {
    return podDeletion(state, header, pod, { reason: pod.deletion.reason, gone: true });
  }
  if (isFinished(pod)) return [];
  if (pod.deletion) {
    const phase = status.phase === "Succeeded" ? "Succeeded" : "Failed";
    return [observed(deciding, pod, { ...status, phase })];
  }
  const message = `node ${deciding.node} no longer has the pod's containers`;
  return [{ ...header, type: "PodFailed", object: pod.ref, reason: "Gone", message }];
}
