// What is said of pods on a lost node that may run there still, and of the node when somebody vouches for it.

import { type BerthEvent, failure, leaseReplaceMs, type PodStatus, type Result } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision, NodeRow } from "./contract.ts";
import { type Deciding, decided, notFound, told, unchanged } from "./deciding.ts";
import { notReady } from "./evolve-pods.ts";
import { isFinished } from "./node-table.ts";

/** Only a lost node: one that is heard can say itself what runs on it. */
export function fenceNode(
  { state, header }: Deciding,
  { node: name, reason, dryRun }: CommandOf<"FenceNode">,
): Result<Decision> {
  const node = state.node(name);
  if (!node) return notFound({ kind: "Node", name });
  if (node.state !== "Lost") {
    return failure(
      "Conflict",
      `node ${name} is ${node.state}, not Lost: its agent is heard, so drain it instead (berth drain ${name})`,
    );
  }
  if (node.fenced) return told({ events: [], outcome: "unchanged", object: node.ref }, dryRun);
  const event = {
    ...header,
    type: "NodeFenced",
    object: node.ref,
    reason: reason ?? `${header.by} vouches for it`,
  } as const;
  return told({ events: [event], outcome: "configured", object: node.ref }, dryRun);
}

/**
 * Only of the session that leads there now, on a node that is not lost. Not for a machine that took a name over while
 * the former one may still run what it was promised.
 */
export function confirmLeases(
  { state, header, now }: Deciding,
  { nodes }: CommandOf<"ConfirmLeases">,
): Result<Decision> {
  const confirmed = nodes.filter(({ node, session }) => {
    const row = state.node(node);
    if (row?.session !== session || row.state === "Lost") return false;
    return row.leasedBefore === undefined || now >= row.leasedBefore + leaseReplaceMs;
  });
  if (confirmed.length === 0) return unchanged;
  return decided([{ ...header, type: "LeasesConfirmed", nodes: confirmed.map(({ node }) => node) }]);
}

export const unreachableReason = "NodeLost";

/** Once; the agent's next word, or the node's recovery, says again how the pod fares. */
export function markPodUnreachable(
  { state, header }: Deciding,
  { pod: object, message }: CommandOf<"MarkPodUnreachable">,
): Result<Decision> {
  const pod = state.pod(object.uid);
  if (!pod || pod.node === undefined || isFinished(pod) || pod.status.reason === unreachableReason) {
    return unchanged;
  }
  const observed = pod.ready ? notReady(pod.status, unreachableReason) : pod.status;
  const status = { ...observed, reason: unreachableReason, message };
  return decided([{ ...header, type: "PodStatusObserved", object: pod.ref, node: pod.node, status }]);
}

/** The agent kept its pods as they were, and reports what has changed meanwhile: what was doubted holds again. */
export function heardAgain(
  { state, header }: Pick<Deciding, "state" | "header">,
  node: NodeRow,
): readonly BerthEvent[] {
  const events: BerthEvent[] = [];
  for (const pod of state.podsOnNode(node.name)) {
    if (pod.status.reason !== unreachableReason || isFinished(pod)) continue;
    const status = undoubted(pod.status);
    events.push({ ...header, type: "PodStatusObserved", object: pod.ref, node: node.name, status });
  }
  return events;
}

function undoubted({ reason: _reason, message: _message, conditions, ...status }: PodStatus): PodStatus {
  if (!conditions) return status;
  return {
    ...status,
    conditions: conditions.map(({ reason, ...condition }) => {
      if (reason === unreachableReason) return { ...condition, status: "True" as const };
      return reason === undefined ? condition : { ...condition, reason };
    }),
  };
}
