// The life of nodes: registration opens a session, silence makes them suspected and lost, reports change them.

import {
  type BerthEvent,
  failure,
  type NodeName,
  type NodeStatus,
  type ObjectRef,
  parseNodeName,
  type Result,
  sameValue,
  success,
  type Uid,
} from "../../protocol/mod.ts";
import { podCidrFor } from "./addresses.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision, NodeRow } from "./contract.ts";
import { type Deciding, decided, unchanged } from "./deciding.ts";
import { heardAgain } from "./decide-fencing.ts";
import { notReady } from "./evolve-pods.ts";
import { isFinished } from "./node-table.ts";
import { stampedTaints } from "./taint-tolerance.ts";

/**
 * Always a new session. An agent that came back finds its pods bound as they were. After a reboot of the host
 * (another boot id) their containers are gone: they stay bound, not ready until the agent has restarted them,
 * except those that may not run twice (restartPolicy Never), which have failed.
 */
export function registerNode(deciding: Deciding, command: CommandOf<"RegisterNode">): Result<Decision> {
  const { state, header, context } = deciding;
  const { registration } = command;
  const name = parseNodeName(command.node);
  if (!name.ok) return name;
  const podCidr = podCidrFor(state, name.value);
  if (!podCidr.ok) return podCidr;
  const before = state.node(name.value);
  const object: ObjectRef = before?.ref ?? { kind: "Node", name: name.value, uid: context.uuid() as Uid };
  const registered: BerthEvent = {
    ...header,
    type: "NodeRegistered",
    object,
    registration,
    podCidr: podCidr.value,
  };
  const rebooted = before?.registration && before.registration.bootId !== registration.bootId;
  const events = rebooted ? [registered, ...afterReboot(deciding, before)] : [registered];
  return success({ events, object });
}

function afterReboot({ state, header }: Deciding, node: NodeRow): readonly BerthEvent[] {
  const events: BerthEvent[] = [];
  for (const pod of state.podsOnNode(node.name)) {
    if (isFinished(pod) || pod.status.phase !== "Running") continue;
    if (pod.spec.restartPolicy === "Never") {
      const message = `node ${node.name} was booted again and the pod's restartPolicy is Never`;
      events.push({ ...header, type: "PodFailed", object: pod.ref, reason: "NodeRebooted", message });
    } else if (pod.ready) {
      const status = notReady(pod.status, "NodeRebooted");
      events.push({ ...header, type: "PodStatusObserved", object: pod.ref, node: node.name, status });
    }
  }
  return events;
}

const unknownNode = (name: NodeName): Result<never> =>
  failure("NotFound", `node ${name} does not exist: its agent has to register`);

export function silentNode(
  { state, header }: Deciding,
  command: CommandOf<"SuspectNode"> | CommandOf<"LoseNode">,
): Result<Decision> {
  const node = state.node(command.node);
  if (!node) return unknownNode(command.node);
  const { silentMs } = command;
  if (command.type === "SuspectNode") {
    if (node.state !== "Ready") return unchanged;
    return decided([{ ...header, type: "NodeSuspected", object: node.ref, silentMs }]);
  }
  if (node.state === "Lost") return unchanged;
  return decided([{ ...header, type: "NodeLost", object: node.ref, silentMs }]);
}

export function recoverNode(
  { state, header }: Deciding,
  command: CommandOf<"RecoverNode">,
): Result<Decision> {
  const { session } = command;
  const node = sessionOf(state.node(command.node), command);
  if (!node.ok) return node;
  if (node.value.state === "Ready") return unchanged;
  const recovered: BerthEvent = { ...header, type: "NodeRecovered", object: node.value.ref, session };
  return decided([recovered, ...heardAgain({ state, header }, node.value)]);
}

/** Reports of a session that was superseded say nothing about what runs now. */
export function sessionOf(
  node: NodeRow | undefined,
  { node: name, session }: { readonly node: NodeName; readonly session: number },
): Result<NodeRow> {
  if (!node) return unknownNode(name);
  if (node.session === session) return success(node);
  return failure(
    "Conflict",
    `session ${session} of node ${name} was superseded by ${node.session}: register again`,
  );
}

/** Heartbeat times are never in the log. */
export function reportNode({ state, header }: Deciding, command: CommandOf<"ReportNode">): Result<Decision> {
  const node = sessionOf(state.node(command.node), command);
  if (!node.ok) return node;
  const status = withoutHeartbeats(command.status);
  if (node.value.observed && sameValue(node.value.observed, status)) return unchanged;
  return decided([{ ...header, type: "NodeStatusObserved", object: node.value.ref, status }]);
}

function withoutHeartbeats(status: NodeStatus): NodeStatus {
  if (!status.conditions) return status;
  return {
    ...status,
    conditions: status.conditions.map(({ lastHeartbeatTime: _time, ...condition }) => condition),
  };
}

export function setTaints(
  { state, header, now }: Deciding,
  command: CommandOf<"SetTaints">,
): Result<Decision> {
  const node = state.node(command.node);
  if (!node) return unknownNode(command.node);
  const taints = stampedTaints(node.taints, command.taints, now);
  if (sameValue(node.taints, taints)) return unchanged;
  const { reason } = command;
  return decided([{ ...header, type: "TaintsChanged", object: node.ref, taints, reason }]);
}
