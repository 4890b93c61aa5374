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
  toleratedUntil,
  unreachableReason,
} from "../cluster/mod.ts";
import { commandsPerReconcile, type Order, ordering } from "./ordering.ts";

/** Kubernetes' well-known taint of nodes whose agent is not heard. */
export const unreachableTaint = "node.kubernetes.io/unreachable";

export const reconcileNodePods: Reconcile = (state, uid, now) => {
  const node = state.nodeByUid(uid);
  if (!node) return [];
  const order = ordering(state, "node-pods", uid);
  const look: Look = { state, node, now, order };
  const pods = node.state === "Lost" ? lostPods(look) : taintedPods(look);
  return [...taintCommands(node, order), ...pods];
};

/** The control plane's own taints, as they should be now; everybody else's stay as they are. */
function taintCommands(node: NodeRow, order: Order): readonly CommandEnvelope[] {
  const wanted = ownTaints(node);
  const kept = node.taints.filter((taint) => !isOwn(taint) || wanted.some((each) => sameTaint(each, taint)));
  const added = wanted.filter((taint) => !kept.some((each) => sameTaint(each, taint)));
  if (added.length === 0 && kept.length === node.taints.length) return [];
  const removed = node.taints.filter((taint) => !kept.includes(taint));
  const reason = taintReason(node, [...added, ...removed]);
  return [order({ type: "SetTaints", node: node.name, taints: [...kept, ...added], reason })];
}

/** Kubernetes' taints for conditions of a node. */
const conditionTaints: Readonly<Record<string, string>> = {
  MemoryPressure: "node.kubernetes.io/memory-pressure",
  DiskPressure: "node.kubernetes.io/disk-pressure",
  PIDPressure: "node.kubernetes.io/pid-pressure",
};

function ownTaints({ state, observed }: NodeRow): readonly Taint[] {
  const pressed = (observed?.conditions ?? []).flatMap(({ type, status }): Taint[] => {
    const key = conditionTaints[type];
    return key !== undefined && status === "True" ? [{ key, effect: "NoSchedule" }] : [];
  });
  if (state !== "Lost") return pressed;
  return [
    ...pressed,
    { key: unreachableTaint, effect: "NoSchedule" },
    { key: unreachableTaint, effect: "NoExecute" },
  ];
}

const ownKeys: ReadonlySet<string> = new Set([unreachableTaint, ...Object.values(conditionTaints)]);
const isOwn = ({ key }: Taint): boolean => ownKeys.has(key);
const sameTaint = (one: Taint, other: Taint): boolean => one.key === other.key && one.effect === other.effect;

function taintReason({ state }: NodeRow, changed: readonly Taint[]): string {
  if (changed.some(({ key }) => key === unreachableTaint)) {
    return state === "Lost" ? "NodeLost" : "NodeRecovered";
  }
  return "NodePressure";
}

interface Look {
  readonly state: ClusterState;
  readonly node: NodeRow;
  readonly now: number;
  readonly order: Order;
}

function lostPods(look: Look): readonly CommandEnvelope[] {
  const { state, node, now, order } = look;
  const commands: CommandEnvelope[] = [];
  for (const pod of state.podsOnNode(node.name)) {
    const held = mayRunStill(state, pod, now);
    const command = held ? doubtedPod(pod, node, order) : lostPod(pod, look);
    if (command) commands.push(command);
    if (commands.length >= commandsPerReconcile) break;
  }
  return commands;
}

/** What must not run twice stays where it is, and out of the endpoints, until somebody knows that it has ended. */
function doubtedPod(pod: PodRow, { name }: NodeRow, order: Order): CommandEnvelope | undefined {
  const end = hasLease(pod) ? "its lease there is over" : "the node is heard or booted again";
  const message =
    `node ${name} is lost and may run it still: it is not replaced until ${end}, ` +
    `or somebody vouches that it is off (berth node fence ${name})`;
  return unreachable(pod, message, order);
}

/** Said once; whoever looks for ready pods does not find it any more. */
function unreachable(pod: PodRow, message: string, order: Order): CommandEnvelope | undefined {
  if (isFinished(pod) || pod.status.reason === unreachableReason) return undefined;
  return order({ type: "MarkPodUnreachable", pod: pod.ref, message });
}

function lostPod(pod: PodRow, look: Look): CommandEnvelope | undefined {
  const { node, order } = look;
  const leaving = pod.deletion !== undefined;
  if (!leaving && waitsForNode(pod, look)) {
    return unreachable(pod, `node ${node.name} is lost, and the pod's tolerations let it wait for it`, order);
  }
  if (leaving || (pod.owner !== undefined && !isFinished(pod))) {
    if (leaving && (pod.metadata.finalizers ?? []).length > 0) return undefined;
    return order({ type: "DeletePod", pod: pod.ref, reason: "NodeLost", force: true });
  }
  if (isFinished(pod)) return undefined;
  const message = `node ${node.name} was lost`;
  return order({ type: "FailPod", pod: pod.ref, reason: "NodeLost", message });
}

/** Who says for how long it tolerates an unreachable node is taken at its word; a daemon set's pods do so for ever. */
function waitsForNode(pod: PodRow, { node, now }: Look): boolean {
  const lost: Taint = { key: unreachableTaint, effect: "NoExecute" };
  const known = node.taints.find((taint) => sameTaint(taint, lost)) ?? lost;
  return toleratedUntil(pod, [known], node) > now;
}

/** Budgets do not keep these: the taint says that they must not be here. */
function taintedPods({ state, node, now, order }: Look): readonly CommandEnvelope[] {
  const taints = node.taints.filter(({ key, effect }) => effect === "NoExecute" && key !== unreachableTaint);
  if (taints.length === 0) return [];
  const commands: CommandEnvelope[] = [];
  for (const pod of state.podsOnNode(node.name)) {
    if (pod.deletion || isFinished(pod) || toleratedUntil(pod, taints, node) > now) continue;
    commands.push(order({ type: "DeletePod", pod: pod.ref, reason: "TaintEviction" }));
    if (commands.length >= commandsPerReconcile) break;
  }
  return commands;
}
