// What the leader wants of this node, and what to make of each `assign` message. Pure.
// Level-triggered: a delta applies on exactly its `from`; anything that does not fit asks for the whole.

import {
  type AssignedPod,
  type AssignMessage,
  assignmentDigest,
  configsText,
  type LogId,
  type LogPoint,
  positionZero,
  type SessionId,
  type Uid,
} from "../protocol/mod.ts";

export interface Assignment {
  readonly session?: SessionId;
  readonly point?: LogPoint;
  readonly pods: ReadonlyMap<Uid, AssignedPod>;
  readonly digest: number;
  /** Logs that were replaced by a restore: nothing of them is obeyed again. Newest last. */
  readonly retired: readonly LogId[];
}
export const emptyAssignment: Assignment = { pods: new Map(), digest: 0, retired: [] };

/** A cluster is not restored more often than this in the life of one record. */
export const retiredLogsKept = 16;

export type AssignOutcome =
  | {
      readonly type: "apply";
      readonly assignment: Assignment;
      readonly changed: readonly AssignedPod[];
      readonly removed: readonly Uid[];
    }
  | { readonly type: "sync"; readonly reason: string }
  | { readonly type: "ignore"; readonly reason: string }
  /** The leader works on another log than the one registered with: register again. */
  | { readonly type: "register"; readonly reason: string };

export type PointVerdict = "current" | "older" | "other-log" | "retired-log";

/** Where a message stands against what this agent obeys. The epoch orders before the position. */
export function judgePoint(known: Assignment, point: LogPoint): PointVerdict {
  if (known.retired.includes(point.logId)) return "retired-log";
  if (!known.point) return "current";
  if (known.point.logId !== point.logId) return "other-log";
  if (point.epoch < known.point.epoch) return "older";
  return "current";
}

export function applyAssign(known: Assignment, message: AssignMessage): AssignOutcome {
  const { logId, epoch, to } = message;
  const verdict = judgePoint(known, { logId, epoch, position: to });
  if (verdict === "retired-log") return { type: "ignore", reason: "it is of a log that was replaced" };
  if (verdict === "other-log") return { type: "register", reason: "the leader's log has another identity" };
  if (message.session !== known.session) return { type: "ignore", reason: "it names another session" };
  if (verdict === "older") return { type: "ignore", reason: "it is of an older epoch" };
  const position = known.point?.position ?? positionZero;
  if (to < position) return { type: "ignore", reason: `it leads to ${to}, this node is at ${position}` };
  const next = message.kind === "full" ? new Map<Uid, AssignedPod>() : new Map(known.pods);
  if (message.kind === "delta") {
    if (message.from !== position) {
      if (to === position && message.from < position)
        return { type: "ignore", reason: "it is applied already" };
      return { type: "sync", reason: `a delta from ${message.from} came, this node is at ${position}` };
    }
    for (const uid of message.removed) next.delete(uid);
  }
  for (const pod of message.pods) next.set(pod.uid, pod);
  const digest = assignmentDigest(next.values());
  if (digest !== message.digest && message.kind === "delta") {
    return { type: "sync", reason: "the digest after a delta differs" };
  }
  const changed = message.pods.filter((pod) => differs(known.pods.get(pod.uid), pod));
  const removed = [...known.pods.keys()].filter((uid) => !next.has(uid));
  const assignment = { ...known, point: { logId, epoch, position: to }, pods: next, digest };
  return { type: "apply", assignment, changed, removed };
}
const differs = (before: AssignedPod | undefined, after: AssignedPod): boolean =>
  before === undefined ||
  before.position !== after.position ||
  configsText(before.configs) !== configsText(after.configs) ||
  (before.stop === undefined) !== (after.stop === undefined);

export type RegistrationOutcome =
  | { readonly type: "accept"; readonly assignment: Assignment }
  | { readonly type: "refuse"; readonly reason: string };

/** What the answer to a registration makes of the record. A new log is believed here, and only here. */
export function applyRegistration(
  known: Assignment,
  reply: { readonly session: SessionId; readonly point: LogPoint },
): RegistrationOutcome {
  const { session, point } = reply;
  const verdict = judgePoint(known, point);
  if (verdict === "retired-log")
    return { type: "refuse", reason: "the leader's log was replaced by a restore" };
  if (verdict === "older") return { type: "refuse", reason: "a leader of an older epoch answered" };
  if (verdict === "other-log" && known.point) {
    const retired = [...known.retired, known.point.logId].slice(-retiredLogsKept);
    // Positions of one log say nothing about another: whatever comes first is newer.
    const start = { ...point, position: positionZero };
    return { type: "accept", assignment: { ...known, session, point: start, retired } };
  }
  if (known.point && point.position < known.point.position) {
    const reason = `the leader is at position ${point.position}, this node has obeyed ${known.point.position}: the log has lost its tail`;
    return { type: "refuse", reason };
  }
  const position = known.point?.position ?? positionZero;
  return { type: "accept", assignment: { ...known, session, point: { ...point, position } } };
}
