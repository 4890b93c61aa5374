// What a lost node does to its pods: those of a controller are replaced, bare ones fail, and taints say why.
// Pods that do not tolerate a NoExecute taint of a living node leave it, too.

import { type CommandEnvelope, hasLease, type Taint } from "../../protocol/mod.ts";
import {
  type ClusterState,
  isFinished,
  mayRunStill,
  type NodeRow,
  type PodRow,
  type Reconcile,
  unreachableReason,
} from "../cluster/mod.ts";
import { commandsPerReconcile, type Order, ordering } from "./ordering.ts";

/** Kubernetes' well-known taint of nodes whose agent is not heard. */
export const unreachableTaint = "node.kubernetes.io/unreachable";

export const reconcileNodePods: Reconcile = (state, uid, now) => {
  const node = state.nodeByUid(uid);
  if (!node) return [];
  const order = ordering(state, "node-pods", uid);
  const pods =
    node.state === "Lost" ? lostPods(state, node, { order, now }) : taintedPods(state, node, order);
  return [...taintCommands(node, order), ...pods];
};

function taintCommands(node: NodeRow, order: Order): readonly CommandEnvelope[] {
  const others = node.taints.filter(({ key }) => key !== unreachableTaint);
  const tainted = others.length < node.taints.length;
  const lost = node.state === "Lost";
  if (tainted === lost) return [];
  const taints: readonly Taint[] = lost
    ? [
        ...others,
        { key: unreachableTaint, effect: "NoSchedule" },
        { key: unreachableTaint, effect: "NoExecute" },
      ]
    : others;
  const reason = lost ? "NodeLost" : "NodeRecovered";
  return [order({ type: "SetTaints", node: node.name, taints, reason })];
}

function lostPods(
  state: ClusterState,
  node: NodeRow,
  { order, now }: { readonly order: Order; readonly now: number },
): readonly CommandEnvelope[] {
  const commands: CommandEnvelope[] = [];
  for (const pod of state.podsOnNode(node.name)) {
    const held = mayRunStill(state, pod, now);
    const command = held ? doubtedPod(pod, node, order) : lostPod(pod, node, order);
    if (command) commands.push(command);
    if (commands.length >= commandsPerReconcile) break;
  }
  return commands;
}

/** What must not run twice stays where it is, and out of the endpoints, until somebody knows that it has ended. */
function doubtedPod(pod: PodRow, { name }: NodeRow, order: Order): CommandEnvelope | undefined {
  if (isFinished(pod) || pod.status.reason === unreachableReason) return undefined;
  const end = hasLease(pod) ? "its lease there is over" : "the node is heard or booted again";
  const message =
    `node ${name} is lost and may run it still: it is not replaced until ${end}, ` +
    `or somebody vouches that it is off (berth node fence ${name})`;
  return order({ type: "MarkPodUnreachable", pod: pod.ref, message });
}

function lostPod(pod: PodRow, node: NodeRow, order: Order): CommandEnvelope | undefined {
  const leaving = pod.deletion !== undefined;
  if (leaving || (pod.owner !== undefined && !isFinished(pod))) {
    if (leaving && (pod.metadata.finalizers ?? []).length > 0) return undefined;
    return order({ type: "DeletePod", pod: pod.ref, reason: "NodeLost", force: true });
  }
  if (isFinished(pod)) return undefined;
  const message = `node ${node.name} was lost`;
  return order({ type: "FailPod", pod: pod.ref, reason: "NodeLost", message });
}

function taintedPods(state: ClusterState, node: NodeRow, order: Order): readonly CommandEnvelope[] {
  const taints = node.taints.filter(({ key, effect }) => effect === "NoExecute" && key !== unreachableTaint);
  if (taints.length === 0) return [];
  const commands: CommandEnvelope[] = [];
  for (const pod of state.podsOnNode(node.name)) {
    if (pod.deletion || isFinished(pod) || taints.every((taint) => tolerates(pod, taint))) continue;
    commands.push(order({ type: "DeletePod", pod: pod.ref, reason: "TaintEviction" }));
    if (commands.length >= commandsPerReconcile) break;
  }
  return commands;
}

/** A toleration with tolerationSeconds counts as one without: such a pod stays. */
function tolerates({ spec }: PodRow, taint: Taint): boolean {
  return (spec.tolerations ?? []).some(({ key, operator, value, effect }) => {
    if (effect && effect !== taint.effect) return false;
    if (!key) return operator === "Exists";
    return key === taint.key && (operator === "Exists" || (value ?? "") === (taint.value ?? ""));
  });
}
